"""The windows of a table: fit, calibrate and test, each later than the one before."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.errors import InvalidTable
from training.foreign.mapping import Mapping
from training.foreign.rows import Rows, read_rows, require_positive

CALIBRATE_SHARE = 0.15
"""How much of what comes before the test calibrates where the mapping names no window."""

STOP_SHARE = 0.2
"""How much of the fit window, its latest part, chooses keys and stops boosting."""


@dataclass(frozen=True)
class Windows:
    """Rows in order of time.

    Parameters
    ----------
    fit, calibrate, test : Rows
        What is learned from, what makes scores into risks, what judges.
    """

    fit: Rows
    calibrate: Rows
    test: Rows


def read_windows(path: Path, mapping: Mapping, mapping_path: Path) -> Windows:
    """Read a labelled table and cut it.

    Parameters
    ----------
    path : Path
        The table.
    mapping : Mapping
        Its columns and cuts.
    mapping_path : Path
        Where the mapping is: `split.test_table` is looked for from there.

    Returns
    -------
    Windows
        None of them empty, each with both outcomes.

    Raises
    ------
    InvalidTable
        If a table does not fit the mapping, or a window is empty or has one outcome only.
    """
    rows = read_rows(path, mapping, labelled=True)
    require_positive(rows, mapping, str(path))
    if mapping.split.test_table is None:
        before, test = _cut_by_time(rows, mapping)
    else:
        before = rows
        test = read_rows(mapping_path.parent / mapping.split.test_table, mapping, labelled=True)
    fit, calibrate = _cut_for_calibration(_in_order(before, mapping), mapping)
    windows = Windows(fit, calibrate, _in_order(test, mapping))
    for name, part in vars(windows).items():
        if not len(part):
            raise InvalidTable(
                f"{path}: the {name} window has no rows; look at [split]: its times run from"
                f" {_day(rows.at.min())} to {_day(rows.at.max())}",
                field="split",
            )
        require_positive(part, mapping, f"{path}: the {name} window")
    return windows


def split_at(rows: Rows, n_first: int) -> tuple[Rows, Rows]:
    """Cut rows in two.

    Parameters
    ----------
    rows : Rows
        The n rows.
    n_first : int
        How many come first.

    Returns
    -------
    first, rest : Rows
        The two parts.
    """
    places = np.arange(len(rows))
    return rows.take(places[:n_first]), rows.take(places[n_first:])


def _cut_by_time(rows: Rows, mapping: Mapping) -> tuple[Rows, Rows]:
    assert mapping.split.test_from is not None  # noqa: S101 - the mapping has one or the other
    late = rows.at >= int(mapping.split.test_from.timestamp())
    return rows.take(np.flatnonzero(~late)), rows.take(np.flatnonzero(late))


def _in_order(rows: Rows, mapping: Mapping) -> Rows:
    if mapping.table.time is None:
        return rows.take(np.random.default_rng(0).permutation(len(rows)))
    return rows.take(np.argsort(rows.at, kind="stable"))


def _cut_for_calibration(rows: Rows, mapping: Mapping) -> tuple[Rows, Rows]:
    until = mapping.split.fit_until
    if until is not None:
        early = int((rows.at < int(until.timestamp())).sum())
        if early < len(rows) or not early:
            return split_at(rows, early)
    return split_at(rows, round(len(rows) * (1 - CALIBRATE_SHARE)))


def _day(seconds: np.int64) -> str:
    return str(np.datetime64(int(seconds), "s"))
