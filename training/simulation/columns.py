"""Columns from arrays without a Python object per row: identifiers, money, times, lists."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from training.simulation.draws import Flags, Integers, Keys, mix

_DIGITS = np.frombuffer(b"0123456789", dtype=np.uint8)
_LETTERS = np.frombuffer(b"ABCDEFGHJKLMNPRSTUVWXYZ", dtype=np.uint8)
_HEX = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)
_ALPHABETS = {"9": _DIGITS, "A": _LETTERS, "X": _HEX}


def identifiers(key: Keys, pattern: str) -> pl.Series:
    """Write one identifier per key.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Keys; equal keys give equal identifiers.
    pattern : str
        `9` stands for a digit, `A` for a letter, `X` for a hexadecimal digit; anything else
        stands for itself.

    Returns
    -------
    polars.Series of String, length n
        For hexadecimal patterns of sixteen places the identifier is the key itself.
    """
    text = np.empty((len(key), len(pattern)), dtype=np.uint8)
    rest = key if pattern.count("X") == 16 else mix(key)  # noqa: PLR2004 - 64 bits in hex
    for place, symbol in enumerate(pattern):
        alphabet = _ALPHABETS.get(symbol)
        if alphabet is None:
            text[:, place] = ord(symbol)
            continue
        base = np.uint64(len(alphabet))
        text[:, place] = alphabet[(rest % base).astype(np.int64)]
        rest = rest // base
    return _fixed_width(text)


def _fixed_width(text: npt.NDArray[np.uint8]) -> pl.Series:
    n, width = text.shape
    offsets = np.arange(0, (n + 1) * width, width, dtype=np.int64)
    array = pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(text))
    return pl.Series(pl.from_arrow(array))


def words(vocabulary: Sequence[str | None], code: Integers) -> pl.Series:
    """Look codes up in a vocabulary.

    Parameters
    ----------
    vocabulary : sequence of str or None
        The words.
    code : array of int, shape (n,)
        Positions in it.

    Returns
    -------
    polars.Series of String, length n
        The words of the codes.
    """
    return pl.Series(vocabulary, dtype=pl.String).gather(pl.Series(code))


def times(at: Integers) -> pl.Series:
    """Write moments.

    Parameters
    ----------
    at : array of int, shape (n,)
        Microseconds since the epoch, UTC.

    Returns
    -------
    polars.Series of Datetime(us, UTC), length n
        The same moments.
    """
    return pl.Series(at, dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))


def where(shown: Flags, column: pl.Series) -> pl.Series:
    """Blank out values.

    Parameters
    ----------
    shown : array of bool, shape (n,)
        Which values stay.
    column : polars.Series, length n
        Any column.

    Returns
    -------
    polars.Series, length n
        Null where not shown.
    """
    frame = pl.DataFrame({"column": column, "shown": pl.Series(shown)})
    return frame.select(pl.when("shown").then("column").alias("column"))["column"]


def dollars(cents: Integers) -> pa.Array:
    """Write money exactly.

    Parameters
    ----------
    cents : array of int, shape (n,)
        US cents.

    Returns
    -------
    pyarrow.Array of decimal128(12, 2), length n
        US dollars.
    """
    halves = np.zeros((len(cents), 2), dtype=np.int64)
    halves[:, 0] = cents
    return pa.Array.from_buffers(pa.decimal128(12, 2), len(cents), [None, pa.py_buffer(halves)])


def lists(fields: Mapping[str, pl.Series | pa.Array], n_each: Integers) -> pl.Series:
    """Gather rows of records into one list per owner.

    Parameters
    ----------
    fields : mapping of str to column, length sum(n_each)
        The fields of the records, in the order of their owners.
    n_each : array of int, shape (n,)
        Number of records of each owner.

    Returns
    -------
    polars.Series of List(Struct), length n
        One list per owner.
    """
    arrays = [
        column.to_arrow() if isinstance(column, pl.Series) else column for column in fields.values()
    ]
    offsets = np.concatenate([[0], np.cumsum(n_each)]).astype(np.int64)
    records = pa.StructArray.from_arrays(arrays, names=list(fields))
    return pl.Series(pl.from_arrow(pa.LargeListArray.from_arrays(pa.array(offsets), records)))


def compact(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy a table so that it holds on to nothing but its own rows.

    Rows that were filtered from a large table keep its text in memory as long as they live.

    Parameters
    ----------
    frame : polars.DataFrame
        Any table.

    Returns
    -------
    polars.DataFrame
        The same rows.
    """
    copied = pl.from_arrow(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
    return copied if isinstance(copied, pl.DataFrame) else copied.to_frame()
