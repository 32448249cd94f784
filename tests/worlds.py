"""A tiny data folder with a signal that any learner can find, for tests of learning."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from features.records import DECISIONS, INSPECTIONS
from tests.fakes import START, Received, items_table, vehicle

N_ITEMS = 3_000


def _decision(number: int, item_id: str, propensity: float, *, chosen: bool) -> dict[str, object]:
    arm = "exploration" if number % 2 else "risk"
    return {
        "decision_id": f"D{number}",
        "item_id": item_id,
        "shift_id": "SHIFT",
        "arm": arm if chosen else None,
        "decided_at": START + timedelta(minutes=number),
        "policy_id": "test",
        "chosen": chosen,
        "reason": None,
        "propensity": propensity,
        "capacity_minutes": 600.0,
        "model_version": None,
    }


def write_folder(folder: Path, seed: int = 5) -> Path:
    """Write items of which half are inspected and lone drivers are found with more often."""
    random = np.random.default_rng(seed)
    occupants = random.integers(1, 6, N_ITEMS)
    inspected = random.random(N_ITEMS) < 0.5
    found = random.random(N_ITEMS) < np.where(occupants == 1, 0.5, 0.05)
    received = [
        Received(
            vehicle(
                f"V{n}", START + timedelta(minutes=n), plate=f"P{n % 500}", occupants=int(count)
            ),
            1,
            START + timedelta(minutes=n),
        )
        for n, count in enumerate(occupants)
    ]
    inspections = [
        {
            "inspection_id": f"N{n}",
            "supersedes": None,
            "item_id": f"V{n}",
            "method": "full_search",
            "minutes": 75.0,
            "outcome": "find" if found[n] else "clear",
            "n_firearms": 2 if found[n] else 0,
            "n_parts": 0,
            "n_rounds": 0,
            "found_at": START + timedelta(minutes=n),
            "recorded_at": START + timedelta(minutes=n + 30),
            "agency": "CBP",
        }
        for n in range(N_ITEMS)
        if inspected[n]
    ]
    decisions = [_decision(n, f"V{n}", 0.5, chosen=bool(inspected[n])) for n in range(N_ITEMS)]
    folder.mkdir(parents=True, exist_ok=True)
    items_table(received).write_parquet(folder / "items.parquet")
    pl.DataFrame(inspections, schema=INSPECTIONS.schema).write_parquet(
        folder / "inspections.parquet"
    )
    pl.DataFrame(decisions, schema=DECISIONS.schema).write_parquet(folder / "decisions.parquet")
    return folder
