"""What agencies get to know: tips, reports, plate hits and lookouts, late and partly wrong."""

import numpy as np
import polars as pl

from features.records import TABLES
from training.simulation.columns import identifiers, times
from training.simulation.draws import (
    Flags,
    Integers,
    Keys,
    Numbers,
    chance,
    fold,
    lognormal,
    uniform,
)
from training.simulation.exams import standing
from training.simulation.watch import entity_column
from training.simulation.world import MODES, Agencies, World

_DAY_US = 86_400_000_000
_LATEST_TRACE_DAYS = 30 * 365.0
_TARGETING, _LEAD = "targeting", "lead_only"


class _Batch:
    def __init__(self, week: pl.DataFrame, chosen: Flags, kind: str) -> None:
        self.rows = week.filter(pl.Series(chosen))
        self.key: Keys = fold(self.rows["key"].to_numpy(), f"signal {kind}")
        self.at: Integers = self.rows["presented_at"].dt.timestamp("us").to_numpy().astype(np.int64)
        self.kind = kind

    def rows_of(  # noqa: PLR0913 - a signal has that many parts
        self, entity_kind: str, agency: str, known_at: Integers, *, days: float,
        strength: tuple[float, float], use: str = _TARGETING, detail: str | None = None,
    ) -> pl.DataFrame:  # fmt: skip
        n, (low, high) = len(self.rows), strength
        trust = np.round(low + (high - low) * uniform(self.key, "strength"), 2)
        frame = pl.DataFrame(
            {
                "signal_id": identifiers(fold(self.key, entity_kind), "GXXXXXXXXXXXX"),
                "kind": pl.repeat(self.kind, n, eager=True),
                "entity_kind": pl.repeat(entity_kind, n, eager=True),
                "entity": self.rows.select(entity_column(entity_kind)).to_series(),
                "agency": pl.repeat(agency, n, eager=True),
                "known_at": times(known_at),
                "expires_at": times(known_at + int(days * _DAY_US)),
                "strength": trust,
                "permitted_use": pl.repeat(use, n, eager=True),
                "detail": pl.repeat(detail, n, dtype=pl.String, eager=True),
            }
        )
        return frame.filter(pl.col("entity").is_not_null())


def signals_before(
    world: World, prevalence: Numbers, items: pl.DataFrame, hidden: pl.DataFrame
) -> pl.DataFrame:
    """Write what other sources say about a week's items, whether or not anybody examines them.

    Parameters
    ----------
    world : World
        Rates.
    prevalence : array of float, shape (7,)
        Illicit share of the items of each mode, which wrong signals are in proportion to.
    items, hidden : polars.DataFrame
        As in `traffic.WeekOfTraffic`.

    Returns
    -------
    polars.DataFrame
        The columns of the `signals` table. Some become known before the item, some after.
    """
    week = items.hstack(hidden.select("key", "illicit", "network", "n_firearms", "event"))
    agencies = world.agencies
    vehicle = (week["kind"] == "vehicle").to_numpy()
    rates = _Rates(agencies, prevalence, week)
    batches = [
        _tips(_Batch(week, rates.tipped & vehicle, "tip"), "plate"),
        _tips(_Batch(week, rates.tipped & ~vehicle, "tip"), "shipper"),
        _tips(_Batch(week, rates.linked & ~vehicle, "tip"), "address", use=_LEAD),
        _plate_hits(_Batch(week, rates.flagged & vehicle, "plate_hit")),
        _stolen(_Batch(week, rates.stolen & vehicle, "stolen_gun")),
        _sales(_Batch(week, rates.sold & vehicle, "multiple_sale"), "driver"),
        _sales(_Batch(week, rates.sold & ~vehicle, "multiple_sale"), "phone"),
        _traces(agencies, _Batch(week, rates.traced & vehicle, "trace"), "plate"),
        _traces(agencies, _Batch(week, rates.traced & ~vehicle, "trace"), "consignee"),
    ]
    return _sorted(batches)


class _Rates:
    def __init__(self, agencies: Agencies, prevalence: Numbers, week: pl.DataFrame) -> None:
        key, illicit = week["key"].to_numpy(), week["illicit"].to_numpy()
        mode = week["mode"].replace_strict(list(MODES), list(range(len(MODES))))
        expected = prevalence[mode.to_numpy()]
        n_guns = week["n_firearms"].to_numpy()

        def named(label: str, share: float | Numbers, ratio: float = agencies.wrong_ratio) -> Flags:
            return chance(key, label, np.where(illicit, share, share * ratio * expected))

        def armed(label: str, share: float) -> Flags:
            return named(label, share) & (~illicit | (n_guns > 0))

        tipped = np.array([agencies.tip_share[name] for name in MODES])[mode.to_numpy()]
        self.tipped = named("tip", tipped)
        self.linked = named("tip on address", tipped / 2)
        ratio = agencies.wrong_plate_hit_ratio
        self.flagged = named("plate hit", agencies.plate_hit_share, ratio)
        self.stolen = armed("stolen gun", agencies.stolen_gun_share)
        self.sold = armed("multiple sale", agencies.multiple_sale_share)
        self.traced = chance(key, "trace", 1.0 - (1.0 - agencies.trace_share) ** n_guns)


def _before(batch: _Batch, median_days: float, sigma: float) -> Integers:
    days = lognormal(batch.key, "lead", median_days, sigma)
    return batch.at - (days * _DAY_US).astype(np.int64)


def _tips(batch: _Batch, entity_kind: str, use: str = _TARGETING) -> pl.DataFrame:
    known = _before(batch, 2.0, 1.0)
    return batch.rows_of(entity_kind, "HSI", known, days=60, strength=(0.2, 0.9), use=use)


def _plate_hits(batch: _Batch) -> pl.DataFrame:
    known = _before(batch, 0.3, 0.8)
    return batch.rows_of(
        "plate", "DEA", known, days=10, strength=(0.1, 0.5), use=_LEAD,
        detail="read near a gun show or dealer",
    )  # fmt: skip


def _stolen(batch: _Batch) -> pl.DataFrame:
    known = _before(batch, 8.0, 0.8)
    return batch.rows_of("plate", "local police", known, days=180, strength=(0.3, 0.8))


def _sales(batch: _Batch, entity_kind: str) -> pl.DataFrame:
    known = _before(batch, 6.0, 0.7)
    return batch.rows_of(
        entity_kind, "ATF", known, days=365, strength=(0.3, 0.7), use=_LEAD,
        detail="two or more within five business days",
    )  # fmt: skip


def _traces(agencies: Agencies, batch: _Batch, entity_kind: str) -> pl.DataFrame:
    delay = lognormal(batch.key, "delay", agencies.trace_days_median, agencies.trace_sigma)
    known = batch.at + (np.minimum(delay, _LATEST_TRACE_DAYS) * _DAY_US).astype(np.int64)
    return batch.rows_of(
        entity_kind, "ATF", known, days=1095, strength=(0.4, 0.8), use=_LEAD,
        detail="recovered abroad and traced to a purchaser",
    )  # fmt: skip


def signals_after(
    items: pl.DataFrame, hidden: pl.DataFrame, inspections: pl.DataFrame
) -> pl.DataFrame:
    """Write the lookouts that follow from findings.

    Parameters
    ----------
    items, hidden : polars.DataFrame
        As in `traffic.WeekOfTraffic`.
    inspections : polars.DataFrame
        What was found in that week.

    Returns
    -------
    polars.DataFrame
        The columns of the `signals` table: known when the finding is recorded, not when it
        was made. An address, which many share, is a lead only. False findings put their
        entities on lookout as true ones do.
    """
    found = standing(inspections).filter(pl.col("outcome") == "find")
    found = found.select("item_id", "recorded_at")
    week = items.hstack(hidden.select("key")).join(found, on="item_id", how="inner")
    vehicle = (week["kind"] == "vehicle").to_numpy()
    batches = []
    for chosen, kinds in ((vehicle, ("plate", "driver")), (~vehicle, ("shipper", "consignee"))):
        batch = _Batch(week, chosen, "prior_seizure")
        recorded = batch.rows["recorded_at"].dt.timestamp("us").to_numpy().astype(np.int64)
        batches += [
            batch.rows_of(kind, "CBP", recorded, days=730, strength=(0.6, 0.9)) for kind in kinds
        ]
    lookout = _Batch(week, ~vehicle, "lookout")
    recorded = lookout.rows["recorded_at"].dt.timestamp("us").to_numpy().astype(np.int64)
    batches += [
        lookout.rows_of(kind, "CBP", recorded, days=180, strength=(0.4, 0.8), use=use)
        for kind, use in (("address", _LEAD), ("phone", _TARGETING))
    ]
    return _sorted(batches)


def _sorted(batches: list[pl.DataFrame]) -> pl.DataFrame:
    frame = (
        pl.concat(batches).sort("known_at", "signal_id").unique("signal_id", maintain_order=True)
    )
    return TABLES["signals"].check(frame)
