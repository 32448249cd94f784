"""A border of its own for judging figures: hidden truth, the product's policy, its records."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from features.reference.tables import exam_methods
from models.policy.candidates import Candidates
from models.policy.draws import Draws
from models.policy.plan import Plan, Settings, plan

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
OPENS_AT = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Port:
    """A port: how much leaves, how much of it is illicit, what the port can do."""

    code: str
    n_items: int
    prevalence: float
    capacity_minutes: float
    exploration_share: float
    method: str = "partial_search"
    n_plans: int = 2


PORTS = (
    Port("2304", 800, 0.10, 6000, 0.40),
    Port("2402", 600, 0.20, 4500, 0.50),
    Port("2501", 500, 0.01, 3000, 0.40),
    Port("2504", 1200, 0.002, 3000, 0.50, n_plans=4),
    Port("2604", 300, 0.05, 1500, 0.30, n_plans=1),
    Port("5201", 500, 0.10, 200, 0.50, "nii_container"),
    Port("5206", 1200, 0.001, 60, 0.50, "parcel_xray", n_plans=3),
    Port("4701", 600, 0.08, 1800, 0.50, "parcel_open"),
)
"""From ports where chance finds dozens to ports where it finds nothing for weeks."""


@dataclass(frozen=True)
class Shift:
    """What one shift left on record, and what it hides: whether an exam of each would find."""

    items: pl.DataFrame
    decisions: pl.DataFrame
    inspections: pl.DataFrame
    scores: pl.DataFrame
    would_find: dict[str, bool]
    illicit: dict[str, bool]


def run_shift(port: Port, seed: int, *, completed_share: float = 0.95) -> Shift:
    """Let one shift of a port happen: items arrive in waves, and each is followed by a plan."""
    rng = np.random.default_rng([seed, int(port.code)])
    n = port.n_items
    item_id = [f"{port.code}-{seed}-{number}" for number in range(n)]
    leaning = rng.normal(0, 1.2, n)
    odds = port.prevalence / (1 - port.prevalence) * np.exp(leaning - 0.72)
    illicit = rng.random(n) < odds / (1 + odds)
    # a score that is right in tendency and too bold
    risk = np.clip(odds * np.exp(rng.normal(0, 0.7, n)) * 1.5, 1e-6, 0.9)
    detected = rng.random(n) < exam_methods()[port.method].detection
    wave = rng.integers(0, port.n_plans, n)
    leaves = wave + 1 + rng.integers(0, port.n_plans, n)
    must_inspect = rng.random(n) < 0.002
    picked = rng.random(n) < 0.002
    candidates = Candidates(
        item_id=item_id,
        risk=risk,
        severity=np.ones(n),
        method=np.full(n, port.method),
        minutes=exam_methods()[port.method].minutes * rng.choice([1.0, 1.5], n),
        departs_at=leaves.astype(np.int64),
        must_inspect=must_inspect,
        released=np.zeros(n, np.bool_),
        n_rule_hits=must_inspect.astype(np.int64),
        cluster=item_id,
        prior=np.zeros(n),
        settled=np.zeros(n, np.bool_),
    )
    arm, propensity = _plans(port, candidates, wave, picked, seed)
    chosen = arm != ""
    examined = chosen & (rng.random(n) < completed_share)
    return Shift(
        items=pl.DataFrame(
            {"item_id": item_id, "version": np.ones(n, np.int64), "port": [port.code] * n}
        ),
        decisions=_decisions(item_id, arm, propensity, seed),
        inspections=_inspections(port, item_id, chosen, examined, illicit & detected),
        scores=pl.DataFrame({"item_id": item_id, "risk": risk}),
        would_find=dict(zip(item_id, (illicit & detected).tolist(), strict=True)),
        illicit=dict(zip(item_id, illicit.tolist(), strict=True)),
    )


def _plans(
    port: Port, candidates: Candidates, wave: npt.NDArray[np.int64], picked: Flags, seed: int
) -> tuple[npt.NDArray[np.object_], Numbers]:
    settings = Settings(exploration_share=port.exploration_share)
    arm = np.full(len(candidates), "", np.object_)
    propensity, settled = np.zeros(len(candidates)), np.zeros(len(candidates), np.bool_)
    for number in range(port.n_plans):
        here = np.flatnonzero(wave <= number)
        made = plan(
            only(candidates, here, propensity[here], settled[here]),
            {port.method: port.capacity_minutes / port.n_plans},
            settings,
            Draws(b"a key for tests only", f"{port.code}/{seed}/{number}"),
            number,
        )
        propensity[here] = made.propensity
        _note(arm, settled, here, made)
        by_officer = picked & (wave == number) & (arm == "")
        arm[by_officer] = "officer"
        settled |= by_officer
    return arm, propensity


def only(
    candidates: Candidates, here: npt.NDArray[np.int64], prior: Numbers, settled: Flags
) -> Candidates:
    """Keep the candidates of one plan."""
    kept = {
        name: values[here] if isinstance(values, np.ndarray) else [values[at] for at in here]
        for name in Candidates.__dataclass_fields__
        if (values := getattr(candidates, name)) is not None
    }
    return Candidates(**kept | {"prior": prior, "settled": settled})


def _note(
    arm: npt.NDArray[np.object_], settled: Flags, here: npt.NDArray[np.int64], made: Plan
) -> None:
    for place, name in zip(here.tolist(), made.arm, strict=True):
        if name is not None and arm[place] in {"", "officer"}:
            arm[place] = name
            settled[place] = True


def _decisions(
    item_id: list[str], arm: npt.NDArray[np.object_], propensity: Numbers, seed: int
) -> pl.DataFrame:
    n = len(item_id)
    return pl.DataFrame(
        {
            "decision_id": [f"D{each}" for each in item_id],
            "item_id": item_id,
            "shift_id": [f"S{seed}"] * n,
            "arm": [each or None for each in arm],
            "decided_at": [OPENS_AT] * n,
            "policy_id": ["plan"] * n,
            "chosen": arm != "",
            "reason": pl.Series([None] * n, dtype=pl.String()),
            "propensity": propensity,
            "capacity_minutes": np.zeros(n),
            "model_version": pl.Series([None] * n, dtype=pl.String()),
        },
        schema_overrides={"decided_at": pl.Datetime("us", "UTC"), "arm": pl.String()},
    )


def _inspections(
    port: Port, item_id: list[str], chosen: Flags, examined: Flags, finds: Flags
) -> pl.DataFrame:
    rows = np.flatnonzero(chosen).tolist()
    outcome = np.where(~examined, "not_completed", np.where(finds, "find", "clear"))
    found_at = OPENS_AT + timedelta(hours=8)
    return pl.DataFrame(
        {
            "inspection_id": [f"I{item_id[row]}" for row in rows],
            "supersedes": pl.Series([None] * len(rows), dtype=pl.String()),
            "item_id": [item_id[row] for row in rows],
            "method": [port.method] * len(rows),
            "minutes": np.full(len(rows), 10.0),
            "outcome": [str(outcome[row]) for row in rows],
            "n_firearms": [int(outcome[row] == "find") for row in rows],
            "n_parts": np.zeros(len(rows), np.int64),
            "n_rounds": np.zeros(len(rows), np.int64),
            "found_at": [found_at] * len(rows),
            "recorded_at": [found_at] * len(rows),
            "agency": ["CBP"] * len(rows),
        },
        schema_overrides={name: pl.Datetime("us", "UTC") for name in ("found_at", "recorded_at")},
    )
