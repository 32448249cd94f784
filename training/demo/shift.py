"""A shift in the middle: opened and planned, its first findings in, a rule drafted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from features.records import TRUTH
from training.demo.calls import open_client, require_success
from training.demo.day import PORTS
from training.tables import read_table

PORT = next(iter(PORTS))
HOURS_GONE, HOURS = 4, 8
"""Hours of the shift that are over, and all of them."""

N_FINDINGS = 4

SHIFT: Mapping[str, Any] = {
    "shift_id": "demo-shift",
    "port": PORT,
    "modes": ["pov", "bus", "truck"],
    "minutes": {"partial_search": 480.0, "nii_truck": 120.0},
    "exploration_share": 0.2,
}
RULE: Mapping[str, Any] = {
    "rule_id": "alone-in-a-pickup",
    "text": "alone in a pickup",
    "action": "raise",
    "predicate": "body = 'pickup' AND occupants = 1",
    "ports": sorted(PORTS),
}


def work_shift(address: str, keys: Mapping[str, str], world: Path, now: datetime) -> int:
    """Leave something on every page, as people of each role would.

    Parameters
    ----------
    address : str
        Where Weir listens.
    keys : mapping of str to str
        Role to key, from `training.demo.run.make_page_keys`.
    world : Path
        Data folder of the simulated world; findings say what its truth holds.
    now : datetime
        The moment, UTC; half of the shift is over.

    Returns
    -------
    int
        Findings that were recorded, fewer than `N_FINDINGS` where the plan chose less.

    Raises
    ------
    DemoFailed
        If a call is refused.
    """
    with open_client(address, keys["analyst"]) as client:
        named = {"Idempotency-Key": "demo-rule-1"}
        require_success(client.post("/v1/rules", json=dict(RULE), headers=named))
    starts = now - timedelta(hours=HOURS_GONE)
    hours = {
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=HOURS)).isoformat(),
    }
    with open_client(address, keys["supervisor"]) as client:
        require_success(client.post("/v1/shifts", json={**SHIFT, **hours}))
        planned = require_success(client.post(f"/v1/shifts/{SHIFT['shift_id']}/plan"))
    chosen = planned.json()["chosen"][:N_FINDINGS]
    truth = _truth(world, [entry["item_id"] for entry in chosen])
    with open_client(address, keys["inspector"]) as client:
        for number, entry in enumerate(chosen):
            finding = {name: entry[name] for name in ("item_id", "method", "minutes")}
            named = {"Idempotency-Key": f"demo-finding-{number}"}
            body = finding | truth[entry["item_id"]]
            require_success(client.post("/v1/inspections", json=body, headers=named))
    return len(chosen)


def _truth(world: Path, item_ids: list[str]) -> dict[str, dict[str, Any]]:
    rows = read_table(world, TRUTH).filter(pl.col("item_id").is_in(item_ids))
    return {row["item_id"]: _outcome(row) for row in rows.iter_rows(named=True)}


def _outcome(row: Mapping[str, Any]) -> dict[str, Any]:
    if not row["illicit"]:
        return {"outcome": "clear"}
    counts = {name: row[name] for name in ("n_firearms", "n_parts", "n_rounds")}
    return {"outcome": "find"} | counts
