"""What a policy would seize: expectations over the propensity of exams and their detection."""

from collections.abc import Callable, Mapping

import polars as pl

from training.simulation.draws import Numbers
from training.simulation.environment import WeekRecord
from training.simulation.exams import detection
from training.simulation.legacy import METHODS
from training.simulation.places import SOUTH_FLORIDA, stream_of

_VEHICLES = ("pov", "bus")
_KEPT = ("event", "network", "mode", "port", "destination", "ease", "n_firearms", "n_rifles",
         "n_parts")  # fmt: skip
_FIRST, _SUMMED = ("network", "stream", "mode", "south"), ("n_firearms", "n_rifles", "n_parts")


class SeizureTally:
    """Expected seizures of a run, week by week.

    An exam finds what is in an item with the propensity of the exam times its probability of
    detection, so that a handful of lucky exams does not decide a figure. An event that is split
    over shipments counts once, by the probability that any of them is found.
    """

    def __init__(self) -> None:
        self._illicit: list[pl.DataFrame] = []
        self._propensity_of_lawful, self._n_lawful = 0.0, 0

    def add(self, record: WeekRecord, officer_chances: Numbers) -> None:
        """Count a week.

        Parameters
        ----------
        record : environment.WeekRecord
            What happened.
        officer_chances : array of float, shape (n,)
            Chance of each item that an officer picks what the policy left.
        """
        traffic = record.traffic
        choices = record.choices.with_columns(
            propensity=1 - (1 - pl.col("propensity")) * (1 - pl.Series(officer_chances))
        )
        week = traffic.items.select("mode", "port", "destination").hstack(traffic.hidden)
        week = week.hstack(choices.select("propensity", "method"))
        lawful = week.filter((pl.col("mode") == "pov") & ~pl.col("illicit"))
        self._propensity_of_lawful += float(lawful["propensity"].sum())
        self._n_lawful += lawful.height
        illicit = week.filter("illicit")
        found = illicit["propensity"].to_numpy() * detection(
            illicit["method"], illicit["ease"].to_numpy()
        )
        self._illicit.append(illicit.select(*_KEPT).with_columns(seized=pl.Series(found)))

    def events(self) -> pl.DataFrame:
        """Give the events so far.

        Returns
        -------
        polars.DataFrame
            `event, network, stream, mode, south, n_firearms, n_rifles, n_parts`, the probability
            `seized` that any part of the event is seized, the expected `guns_seized`,
            `rifles_seized` and `parts_seized`, and `found_at_random`: the probability that one
            exam by a private vehicle's usual methods finds it, null for other modes.
        """
        items = pl.concat(self._illicit)
        streams = {code: stream_of(code) for code in items["destination"].unique()}
        return (
            items.with_columns(
                stream=pl.col("destination").replace_strict(streams),
                south=pl.col("port").is_in(list(SOUTH_FLORIDA)),
                random=_found_at_random(items),
            )
            .group_by("event", maintain_order=True)
            .agg(
                pl.col(*_FIRST).first(),
                pl.col(*_SUMMED).sum(),
                guns_seized=(pl.col("n_firearms") * pl.col("seized")).sum(),
                rifles_seized=(pl.col("n_rifles") * pl.col("seized")).sum(),
                parts_seized=(pl.col("n_parts") * pl.col("seized")).sum(),
                seized=1.0 - (1.0 - pl.col("seized")).product(),
                found_at_random=pl.col("random").mean(),
            )
        )

    @property
    def coverage_of_lawful(self) -> float:
        """Mean probability of an exam over lawful private vehicles; not a number without any."""
        return _ratio(self._propensity_of_lawful, self._n_lawful)


def _found_at_random(items: pl.DataFrame) -> pl.Series:
    vehicles, ease = (items["mode"] == "pov"), items["ease"].to_numpy()
    shares = METHODS["pov"]
    found = sum(
        share * detection(pl.repeat(method, len(ease), eager=True), ease)
        for method, share in shares.items()
    ) / sum(shares.values())
    return pl.DataFrame({"found": found}).select(pl.when(vehicles).then("found")).to_series()


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def _sum(events: pl.DataFrame, column: str, rows: pl.Expr) -> float:
    return float(events.filter(rows)[column].sum())


_TO_MEXICO = pl.col("stream") == "mexico"
_TO_CARIBBEAN = pl.col("stream") == "caribbean"
_ELSEWHERE = pl.col("stream") == "latin_america"

Figure = Callable[[pl.DataFrame, float], float]
"""A figure of events, given what their number is multiplied by to be national and yearly."""


def _ratio_of(part: str, whole: str, stream: pl.Expr) -> Figure:
    def figure(events: pl.DataFrame, _: float) -> float:
        return _ratio(_sum(events, part, stream), _sum(events, whole, stream))

    return figure


def _share_of(part: pl.Expr, whole: pl.Expr) -> Figure:
    def figure(events: pl.DataFrame, _: float) -> float:
        return _ratio(_sum(events, "seized", part & whole), _sum(events, "seized", whole))

    return figure


def _events_per_year(events: pl.DataFrame, factor: float) -> float:
    return float(events["seized"].sum()) * factor


def figures(coverage_of_lawful: float) -> Mapping[str, Figure]:
    """Give the figure of each calibration check.

    Parameters
    ----------
    coverage_of_lawful : float
        From `SeizureTally.coverage_of_lawful`.

    Returns
    -------
    mapping of str to callable
        By the name of the check; not a number where nothing of the kind was seized.
    """

    def paradox(events: pl.DataFrame, _: float) -> float:
        found = events["found_at_random"].drop_nulls()
        return float(found.to_numpy().mean()) * coverage_of_lawful if len(found) else float("nan")

    return {
        "C-interdiction": _ratio_of("guns_seized", "n_firearms", _TO_MEXICO),
        "C-events": _events_per_year,
        "C-mx-pov": _share_of(pl.col("mode").is_in(_VEHICLES), _TO_MEXICO),
        "C-carib-sea": _share_of(pl.col("mode") == "ocean", _TO_CARIBBEAN),
        "C-latam-sea": _share_of(pl.col("mode") == "ocean", _ELSEWHERE),
        "C-fl": _share_of(pl.col("south"), _TO_CARIBBEAN),
        "C-rifle-carib": _ratio_of("rifles_seized", "guns_seized", _TO_CARIBBEAN),
        "C-rifle-latam": _ratio_of("rifles_seized", "guns_seized", _TO_MEXICO | _ELSEWHERE),
        "C-parts": _ratio_of("parts_seized", "guns_seized", _TO_CARIBBEAN),
        "C-coverage-paradox": paradox,
    }
