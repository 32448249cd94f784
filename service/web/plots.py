"""Where marks go in the plots of figures: plain numbers; templates write the SVG."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

LABELS_PX, SCALE_PX, ROW_PX = 96, 400, 28
PANEL_PX, PANEL_STEP_PX, PANEL_TOP_PX = 60, 88, 16
"""Height of the scale of one panel, the step from panel to panel, and where the first begins."""


class Whisker(NamedTuple):
    """A hit rate with its interval, in pixels from the left; None where there is none to draw."""

    label: str
    y: int
    low: float
    value: float | None
    high: float


class Plot(NamedTuple):
    """Hit rates side by side on one scale, whose right end is `most`."""

    rows: Sequence[Whisker]
    most: float
    height: int


class Upright(NamedTuple):
    """A hit rate of one week with its interval, in pixels from the top."""

    x: float
    low: float
    value: float | None
    high: float


class Panel(NamedTuple):
    """The weeks of one arm on a scale of its own, whose upper end is `most`."""

    arm: str
    top: int
    most: float
    whiskers: Sequence[Upright]


def plot_arms(arms: Mapping[str, Mapping[str, Any]]) -> Plot:
    """Lay out the hit rates of arms.

    Parameters
    ----------
    arms : mapping of str to mapping
        As `service.performance` gives them.

    Returns
    -------
    Plot
        A row for each arm that inspected something.
    """
    drawn = {arm: rate for arm, each in arms.items() if (rate := _rate(each)) is not None}
    most = _most(drawn.values())

    def place(share: float) -> float:
        return round(LABELS_PX + SCALE_PX * share / most, 1)

    rows = [
        Whisker(
            arm,
            ROW_PX * (at + 1),
            place(rate["low"] or 0.0),
            None if rate["value"] is None else place(rate["value"]),
            place(rate["high"]),
        )
        for at, (arm, rate) in enumerate(drawn.items())
    ]
    return Plot(rows, most, ROW_PX * (len(rows) + 2))


def plot_weeks(weeks: Sequence[Mapping[str, Any]]) -> list[Panel]:
    """Lay out the hit rates of each arm over weeks, the earliest left.

    Parameters
    ----------
    weeks : sequence of mapping
        As `service.performance.by_week` gives them.

    Returns
    -------
    list of Panel
        One for each arm that inspected something in any week; the weeks stand at the same place
        in all of them.
    """
    rates: dict[str, dict[int, Mapping[str, Any]]] = {}
    for at, week in enumerate(weeks):
        for arm, each in week["arms"].items():
            if (rate := _rate(each)) is not None:
                rates.setdefault(arm, {})[at] = rate
    return [
        _panel(arm, PANEL_TOP_PX + PANEL_STEP_PX * row, rates[arm], len(weeks))
        for row, arm in enumerate(rates)
    ]


def _panel(arm: str, top: int, rates: Mapping[int, Mapping[str, Any]], n_weeks: int) -> Panel:
    most = _most(rates.values())

    def place(share: float) -> float:
        return round(top + PANEL_PX * (1 - share / most), 1)

    whiskers = [
        Upright(
            round(LABELS_PX + SCALE_PX * (at + 0.5) / n_weeks, 1),
            place(rate["low"] or 0.0),
            None if rate["value"] is None else place(rate["value"]),
            place(rate["high"]),
        )
        for at, rate in rates.items()
    ]
    return Panel(arm, top, most, whiskers)


def _rate(arm: Mapping[str, Any]) -> Mapping[str, Any] | None:
    rate: Mapping[str, Any] = arm["hit_rate"]
    return rate if arm["n_inspections"] and rate["high"] is not None else None


def _most(rates: Iterable[Mapping[str, Any]]) -> float:
    return max((rate["high"] for rate in rates), default=1.0) or 1.0
