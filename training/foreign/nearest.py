"""The known rows most like a row: what became of near repeats."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
Likeness = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

REACHES = (1, 3, 8, 20)
"""How many of the nearest known rows are averaged over."""

_Function = TypeVar("_Function", bound=Callable[..., Any])

NAMES = ("nearest_like", *(f"nearest_{reach}" for reach in REACHES))


def _compiled(function: _Function) -> _Function:
    return cast("_Function", numba.njit(nogil=True)(function))


def rareness(codes: Codes, worth: Sequence[float]) -> list[Likeness]:
    """Say how much it counts that two rows share a code: the more, the rarer the code.

    Parameters
    ----------
    codes : array of int32, shape (c, n)
        Codes of the n known rows.
    worth : sequence of float
        How much each column counts.

    Returns
    -------
    list of array of float32
        By column and code, `worth x ln(n / rows with the code)`; a further entry, 0, for codes
        that no known row has.
    """
    n_rows = codes.shape[1]
    found = []
    for column, factor in zip(codes, worth, strict=True):
        count = np.bincount(column)
        weight = factor * np.log(n_rows / np.maximum(count, 1)) * (count > 0)
        found.append(np.append(weight, 0.0).astype(np.float32))
    return found


def tellingness(code: npt.NDArray[np.int32], y: Numbers) -> float:
    """Give the share of the variance of labels that codes explain, beyond what chance would.

    Parameters
    ----------
    code : array of int32, shape (n,)
        Codes of the known rows.
    y : array of float, shape (n,)
        1 for a find.

    Returns
    -------
    float
        `(B - (k - 1) W / (n - k)) / (B + W)`, at least 0, of n rows with k codes; B is the sum of
        squares between codes and W that within them.

    Examples
    --------
    >>> y = np.array([1.0, 1, 0, 0])
    >>> tellingness(np.array([0, 0, 1, 1], np.int32), y)
    1.0
    >>> tellingness(np.array([0, 1, 0, 1], np.int32), y)
    0.0
    """
    count = np.bincount(code)
    n_rows, n_codes = len(code), int((count > 0).sum())
    share = np.bincount(code, y) / np.maximum(count, 1)
    between = float((count * (share - y.mean()) ** 2).sum())
    within = float((count * share * (1 - share)).sum())
    if n_rows <= n_codes or between + within <= 0:
        return 0.0
    by_chance = (n_codes - 1) * within / (n_rows - n_codes)
    return max(between - by_chance, 0.0) / (between + within)


def nearest_rows(  # noqa: PLR0913, PLR0917 - two tables and what is known of one
    known: Codes,
    y: Likeness,
    block: Codes,
    asked: Codes,
    own_block: Codes,
    prior: float,
    worth: Sequence[float],
    *,
    earlier: bool = False,
) -> Likeness:
    """Average what became of the known rows that share most with each row.

    Likeness is the sum of `rareness` over the codes that two rows share.

    Parameters
    ----------
    known, asked : array of int32, shape (c, n) and (c, m)
        Codes by column; a code of `asked` that no known row has is above them all.
    y : array of float32, shape (n,)
        1 for a find.
    block, own_block : array of int32, shape (n,) and (m,)
        Known rows of a row's own block are not looked at; give -1 for rows that are not known.
    prior : float
        Share of finds, counted in once, and for rows without any like them.
    worth : sequence of float
        How much each column counts.
    earlier : bool
        Whether rows that are known look at earlier blocks alone.

    Returns
    -------
    array of float32, shape (m, 1 + len(REACHES))
        Likeness of the nearest, then the share of finds among the nearest so many, each
        weighed by its likeness.
    """
    weights = rareness(known, worth)
    by_row = np.stack(
        [
            weight[np.minimum(column, len(weight) - 1)]
            for weight, column in zip(weights, asked, strict=True)
        ]
    )
    out = np.empty((asked.shape[1], 1 + len(REACHES)), np.float32)
    _search(
        np.ascontiguousarray(known),
        y,
        block,
        np.ascontiguousarray(asked.T),
        np.ascontiguousarray(by_row.T),
        own_block,
        earlier,
        np.float32(prior),
        np.array(REACHES, np.int64),
        out,
    )
    return out


@_compiled
def _search(  # noqa: PLR0913, PLR0917 - machine code takes arrays, by place
    known: Codes,
    y: Likeness,
    block: Codes,
    asked: Codes,
    weight: Likeness,
    own: Codes,
    earlier: bool,  # noqa: FBT001 - as above
    prior: np.float32,
    reaches: npt.NDArray[np.int64],
    out: Likeness,
) -> None:
    n_columns, n_known = known.shape
    most = reaches[-1]
    like = np.empty(n_known, np.float32)
    best = np.empty(most, np.float32)
    label = np.empty(most, np.float32)
    for row in range(len(asked)):
        like[:] = 0
        for column in range(n_columns):
            code, worth = asked[row, column], weight[row, column]
            if worth > 0:
                for other in range(n_known):
                    like[other] += worth * (known[column, other] == code)
        best[:] = 0
        label[:] = prior
        for other in range(n_known):
            barred = own[row] >= 0 and earlier and block[other] > own[row]
            if like[other] > best[most - 1] and block[other] != own[row] and not barred:
                place = most - 1
                while place > 0 and best[place - 1] < like[other]:
                    best[place], label[place] = best[place - 1], label[place - 1]
                    place -= 1
                best[place], label[place] = like[other], y[other]
        out[row, 0] = best[0]
        total, finds, at = np.float32(1.0), prior, 0
        for place in range(most):
            total += best[place]
            finds += best[place] * label[place]
            if place + 1 == reaches[at]:
                out[row, at + 1] = finds / total
                at += 1
