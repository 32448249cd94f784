"""Tables of inspections and decisions, row by row, for tests of what is learned from them."""

from datetime import timedelta

import polars as pl

from features.records import DECISIONS, INSPECTIONS
from tests.fakes import START


def inspection(inspection_id: str, outcome: str, **changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "inspection_id": inspection_id,
        "supersedes": None,
        "item_id": "V1",
        "method": "canine",
        "minutes": 2.0,
        "outcome": outcome,
        "n_firearms": int(outcome == "find"),
        "n_parts": 0,
        "n_rounds": 0,
        "found_at": START,
        "recorded_at": START + timedelta(hours=1),
        "agency": "CBP",
    }
    return fields | changes


def inspections(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=INSPECTIONS.schema)


def decisions(*rows: tuple[str, str | None, bool, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "decision_id": f"D{number}",
                "item_id": item_id,
                "shift_id": "S",
                "arm": arm,
                "decided_at": START,
                "policy_id": "p",
                "chosen": chosen,
                "reason": None,
                "propensity": propensity,
                "capacity_minutes": 60.0,
                "model_version": None,
            }
            for number, (item_id, arm, chosen, propensity) in enumerate(rows)
        ],
        schema=DECISIONS.schema,
    )
