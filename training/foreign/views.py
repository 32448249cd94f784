"""Views: the codes that a table's columns are seen as, and numbers for their values.

A code is a view of itself, and so are its first digits where all of its values are numbers of one
length; a number that often repeats exactly is a code as well, and every number is one by decile.
"""

import hashlib
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import BaseModel, ConfigDict

from training.foreign.rows import Rows

Codes = npt.NDArray[np.int32]

MOST_DISTINCT_SHARE = 0.5
"""A number with fewer distinct values than this share of its rows counts as a code."""

N_BINS = 10
PREFIXES = (4, 6)
FEWEST_DIGITS = 8
_SAME_LENGTH_SHARE = 0.95


class View(BaseModel):
    """A code made of one column.

    Parameters
    ----------
    column : str
        The column.
    how : {"value", "prefix", "bin", "first_word"}
        The value itself, its first `size` characters, the bin of a number, the first word.
    size : int
        Characters of a prefix.
    edges : tuple of float
        Where the bins of a number meet.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    how: Literal["value", "prefix", "bin", "first_word"] = "value"
    size: int = 0
    edges: tuple[float, ...] = ()

    def of(self, rows: Rows) -> pl.Series:
        """Give the view's text of each row.

        Parameters
        ----------
        rows : Rows
            Rows that have the column.

        Returns
        -------
        polars.Series
            Text, shape (n,).
        """
        if self.how == "bin":
            value = rows.numbers[self.column]
            place = np.searchsorted(np.asarray(self.edges), value)
            return pl.Series(np.where(np.isnan(value), -1, place)).cast(pl.String)
        if self.column in rows.numbers:
            value = rows.numbers[self.column]
            return pl.Series([f"{one:030.9f}" for one in value.tolist()], dtype=pl.String)
        text = rows.text[self.column]
        if self.how == "prefix":
            return text.str.head(self.size)
        return text.str.split(" ").list.first() if self.how == "first_word" else text


def views_of(rows: Rows) -> tuple[View, ...]:
    """Choose the views of a table.

    Parameters
    ----------
    rows : Rows
        Rows to fit.

    Returns
    -------
    tuple of View
        Those with more than one value; first every column as it is.
    """
    whole: list[View] = []
    derived: list[View] = []
    for column, text in rows.text.items():
        whole.append(View(column=column))
        if rows.kinds[column] == "text":
            derived.append(View(column=column, how="first_word"))
        elif _is_long_number(text):
            derived += [View(column=column, how="prefix", size=size) for size in PREFIXES]
    for column, value in rows.numbers.items():
        distinct = np.unique(value[~np.isnan(value)])
        if len(distinct) <= MOST_DISTINCT_SHARE * len(value):
            whole.append(View(column=column))
        if len(distinct) > 2 * N_BINS:
            cuts = np.quantile(value[~np.isnan(value)], np.linspace(0, 1, N_BINS + 1)[1:-1])
            edges = tuple(np.unique(cuts).tolist())
            derived.append(View(column=column, how="bin", edges=edges))
    return tuple(view for view in whole + derived if view.of(rows).n_unique() > 1)


def _is_long_number(text: pl.Series) -> bool:
    lengths = text.str.len_chars()
    usual = lengths.mode()[0]
    same = (lengths == usual) & text.str.contains(r"^\d+$")
    return bool(usual >= FEWEST_DIGITS and (same.mean() or 0) >= _SAME_LENGTH_SHARE)


@dataclass(frozen=True)
class Vocabulary:
    """The values that each view had where the model was fitted, as salted digests.

    Parameters
    ----------
    salt : bytes
        Digested before every value.
    digests : mapping of int to array of uint64
        View to the digests of its values; a value's code is its place, in order of the text.
    """

    salt: bytes
    digests: Map[int, npt.NDArray[np.uint64]]

    def codes(self, views: tuple[View, ...], rows: Rows) -> Codes:
        """Give the code of each row's value, by view.

        Parameters
        ----------
        views : tuple of View
            The v views.
        rows : Rows
            The n rows.

        Returns
        -------
        array of int32, shape (v, n)
            Places in the vocabulary; values that are not in it have the first free number.
        """
        return np.stack([self._code(number, view.of(rows)) for number, view in enumerate(views)])

    def _code(self, number: int, text: pl.Series) -> Codes:
        known = self.digests[number]
        order = np.argsort(known)
        levels = text.unique()
        asked = digest(levels, self.salt)
        place = np.minimum(np.searchsorted(known[order], asked), len(known) - 1)
        code = np.where(known[order][place] == asked, order[place], len(known)).astype(np.int32)
        return text.replace_strict(levels, pl.Series(code)).to_numpy()


def learn_vocabulary(views: tuple[View, ...], rows: Rows, salt: bytes) -> Vocabulary:
    """Learn the values of every view.

    Parameters
    ----------
    views : tuple of View
        The views.
    rows : Rows
        Rows to fit.
    salt : bytes
        Digested before every value.

    Returns
    -------
    Vocabulary
        Values as digests.
    """
    levels = [view.of(rows).unique().sort() for view in views]
    return Vocabulary(salt, {n: digest(text, salt) for n, text in enumerate(levels)})


def digest(text: pl.Series, salt: bytes) -> npt.NDArray[np.uint64]:
    """Digest values, so that a bundle need not spell them out.

    Parameters
    ----------
    text : polars.Series
        Values.
    salt : bytes
        At most 64 bytes.

    Returns
    -------
    array of uint64, shape (n,)
        The first 8 bytes of BLAKE2b, keyed with the salt.
    """
    made = (hashlib.blake2b(one.encode(), key=salt, digest_size=8).digest() for one in text)
    return np.frombuffer(b"".join(made), np.uint64).copy()
