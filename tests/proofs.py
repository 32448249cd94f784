"""What proofs of the service write, made up, and the rows that benchmarks make of it."""

from typing import Any

import polars as pl

from training.evaluation.durability import rows_of
from training.evaluation.durability_steps import Counts, steps
from training.evaluation.speed_figures import SIZES, http_rows, peer_rows
from training.evaluation.summary import ROW, Row

TURN = {
    "bare_us": 50.0,
    "echo_us": 200.0,
    "server_us": 400.0,
    "echo_rate": 4_000.0,
    "server_rate": 2_000.0,
    "p50_ms": 10.0,
    "p99_ms": 30.0,
    "cpu_ratio": 0.5,
    "rate_ratio": 0.5,
}
HTTP: dict[str, Any] = {
    "fsync_us": 2_000,
    "single items": {"aim": 0.35, "turns": [TURN, TURN | {"cpu_ratio": 0.3}]},
    "batches of 100": {"aim": 0.12, "turns": [TURN, TURN]},
}
PEERS: dict[str, Any] = {
    "turns": [
        {
            "thin route": {"per_second": 2_000.0, "cpu_us": 400.0},
            "LitServe": {"per_second": 500.0, "cpu_us": 1_600.0},
            "weir serve": {"per_second": 1_000.0, "cpu_us": 800.0},
        },
        {
            "thin route": {"per_second": 2_000.0, "cpu_us": 400.0},
            "weir serve": {"per_second": 1_000.0, "cpu_us": 800.0},
        },
    ],
    "versions": {"LitServe": {"litserve": "0.2.19"}},
    "skipped": {"LitServe": "turn 2: it answered {500: 1}"},
}
FOUND: dict[str, dict[str, Any]] = {
    "races": {
        "written": {"n_races": 100, "n_requests": 800, "n_wrong": 0},
        "claimed": {"n_races": 100, "n_requests": 800, "n_wrong": 1},
    },
    "tamper": {"n_edits": 50, "missed": [], "pace": {"n_rows": 10_000, "seconds": 0.05}},
    "swaps": {
        "n_swaps": 6,
        "n_requests": 90,
        "n_failed": 0,
        "n_mixed": 0,
        "n_bad_taken": 0,
        "p99_ms": 30.0,
        "quiet_p99_ms": 20.0,
    },
    "damage": {"n_offered": 26, "loaded": [], "n_dead": 0},
    "durability": {
        "n_cycles": 6,
        "n_findings": 400,
        "n_lost": 0,
        "n_doubled": 0,
        "n_chain_breaks": 0,
    },
    "fuzz": {"n_sent": 600, "n_faults": 0},
}


def speed_rows() -> pl.DataFrame:
    """Give rows of two turns, as the benchmark of speed makes them."""
    rows: list[Row] = [*http_rows(HTTP, (1, 2)), *peer_rows(PEERS, (1, 2))]
    for seed in (1, 2):
        for policy in ("simulation", "tables to X", "fit", "lightgbm.train"):
            for number, at in enumerate(SIZES):
                rows += [
                    ("items_per_second", policy, "all", at, seed, 1_000.0),
                    ("size", policy, "all", at, seed, 10.0 ** (4 + number)),
                    ("peak_mib", policy, "all", at, seed, 500.0),
                ]
        for figure, policy in (
            ("times_prediction", "tables to X"),
            ("times_longer", "fit"),
            ("times_larger", "fit"),
        ):
            rows += [(figure, policy, "all", at, seed, 1.2) for at in SIZES]
        for at in ("1 thread", "all threads"):
            rows += [
                ("rows_per_second", "batch scoring", "all", at, seed, 9e4),
                ("rows_per_second", "Booster.predict", "all", at, seed, 1e5),
                ("rows_ratio", "batch scoring", "all", at, seed, 0.9),
                ("cpu_ratio", "batch scoring", "all", at, seed, 0.7),
            ]
        rows.append(("memory_growth", "batch scoring", "all", "5 times the rows", seed, 1.05))
    return pl.DataFrame(rows, schema=ROW, orient="row")


def durability_rows() -> pl.DataFrame:
    """Give rows of one seed, as the benchmark of durability makes them."""
    rows = [
        row
        for step in steps(Counts(), 1, "postgresql://nobody@nowhere/none")
        for row in rows_of(step.read(FOUND[step.words[0]]), 1)
    ]
    return pl.DataFrame(rows, schema=ROW, orient="row")
