"""Figures of speed: what proofs of the service wrote as rows, targets, and tables."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

import polars as pl

from training.evaluation import batch_pace, features_pace, fit_pace
from training.evaluation.request import Target
from training.evaluation.summary import Row
from training.evaluation.tables import Column

SIZES = ("smallest", "middle", "largest")
"""What the sizes of a growth curve are called, so that runs of any sizes can be compared; of two
they are the first and the last."""

THIN, WHOLE = "thin route", "weir serve"
"""Our own servers among the peers."""

ROW_AT_ONCE = "1 row"
CASES = ("single items", "batches of 100")
FULL_FIT_ROWS = 1_000_000
"""Rows from which what a fit compares no longer grows, so that it is held against its targets."""

_OF_TURN = (
    ("cpu_us", "bytes sent back", "bare_us"),
    ("cpu_us", "echo", "echo_us"),
    ("cpu_us", WHOLE, "server_us"),
    ("served_per_second", "echo", "echo_rate"),
    ("served_per_second", WHOLE, "server_rate"),
    ("cpu_ratio", WHOLE, "cpu_ratio"),
    ("rate_ratio", WHOLE, "rate_ratio"),
    ("p50_ms", WHOLE, "p50_ms"),
    ("p99_ms", WHOLE, "p99_ms"),
)


def size_names(sizes: Sequence[int]) -> tuple[str, ...]:
    """Name the sizes of a growth curve.

    Parameters
    ----------
    sizes : sequence of int
        Two or three, ascending.

    Returns
    -------
    tuple of str
        One for each.

    Examples
    --------
    >>> size_names([1, 2])
    ('smallest', 'largest')
    """
    return SIZES if len(sizes) == len(SIZES) else (SIZES[0], SIZES[-1])


def http_rows(told: Mapping[str, Any], seeds: Sequence[int]) -> list[Row]:
    """Turn what `weir bench speed` wrote into rows.

    Parameters
    ----------
    told : mapping
        Its `speed.json`.
    seeds : sequence of int
        What the turns are called.

    Returns
    -------
    list of tuple
        As `summary.ROW`.
    """
    rows: list[Row] = [("fsync_us", "disk", "all", "", seeds[0], float(told["fsync_us"]))]
    for case in CASES:
        for seed, turn in zip(seeds, told[case]["turns"], strict=True):
            rows += [
                (figure, policy, "all", case, seed, float(turn[name]))
                for figure, policy, name in _OF_TURN
            ]
    return rows


def peer_rows(told: Mapping[str, Any], seeds: Sequence[int]) -> list[Row]:
    """Turn what `weir bench peers` wrote into rows.

    Parameters
    ----------
    told : mapping
        Its `peers.json`.
    seeds : sequence of int
        What the turns are called.

    Returns
    -------
    list of tuple
        As `summary.ROW`; a server that gave up has no rows for the turns that it missed.
    """
    return [
        (figure, policy, "all", ROW_AT_ONCE, seed, value)
        for seed, turn in zip(seeds, told["turns"], strict=True)
        for policy, spent in turn.items()
        for figure, value in _of_peer(spent, turn)
    ]


def _of_peer(
    spent: Mapping[str, float], turn: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[str, float]]:
    yield "served_per_second", spent["per_second"]
    yield "cpu_us", spent["cpu_us"]
    for name, other in (("thin", turn[THIN]), ("whole", turn[WHOLE])):
        yield f"rate_over_{name}", spent["per_second"] / other["per_second"]
        yield f"cpu_over_{name}", spent["cpu_us"] / other["cpu_us"]


def speed_targets(rows: pl.DataFrame, told: Mapping[str, Any]) -> list[Target]:
    """Hold medians over turns against what was asked for.

    Parameters
    ----------
    rows : polars.DataFrame
        `summary.ROW`, of the whole benchmark.
    told : mapping
        What `weir bench speed` wrote, with its aims.

    Returns
    -------
    list of Target
        Those of fits only where a million rows were fitted.
    """

    def middle(figure: str, policy: str, at: str) -> float | None:
        of = pl.col("figure") == figure, pl.col("policy") == policy, pl.col("at") == at
        values = rows.filter(*of)["value"].to_list()
        return median(values) if values else None

    targets = [
        Target("rows a second of batch scoring over Booster.predict, one thread each",
               middle("rows_ratio", "batch scoring", "1 thread"), batch_pace.LEAST_RATIO,
               is_least=True),
        Target("peak memory of batch scoring at five times the rows over that at one",
               middle("memory_growth", "batch scoring", "5 times the rows"),
               batch_pace.MOST_GROWTH),
        Target("time from tables to X over the prediction on it, most items",
               middle("times_prediction", "tables to X", "largest"), features_pace.MOST_RATIO),
    ]  # fmt: skip
    if (middle("size", "fit", "largest") or 0) >= FULL_FIT_ROWS:
        targets += [
            Target("time of a fit over lightgbm.train", middle("times_longer", "fit", "largest"),
                   fit_pace.MOST_TIMES_LONGER),
            Target("memory of a fit over lightgbm.train", middle("times_larger", "fit", "largest"),
                   fit_pace.MOST_TIMES_LARGER),
        ]  # fmt: skip
    return targets + [
        Target(f"processor time of an echo over the service's, {case}",
               middle("cpu_ratio", WHOLE, case), told[case]["aim"], is_least=True)
        for case in CASES
    ]  # fmt: skip


SPEED_TABLES = (
    (
        "Batch scoring of parquet",
        (
            Column("rows a second, 1 thread", "rows_per_second", at="1 thread"),
            Column("over Booster.predict", "rows_ratio", at="1 thread"),
            Column("of processor time", "cpu_ratio", at="1 thread"),
            Column("rows a second, all threads", "rows_per_second", at="all threads"),
            Column("over Booster.predict, all", "rows_ratio", at="all threads"),
            Column("memory at 5 times the rows", "memory_growth", at="5 times the rows"),
        ),
    ),
    (
        "Growth: items or rows a second",
        tuple(Column(at, "items_per_second", at=at) for at in SIZES),
    ),
    (
        "Growth: costs of the largest",
        (
            Column("items or rows", "size", at="largest"),
            Column("times the prediction", "times_prediction", at="largest"),
            Column("times lightgbm.train", "times_longer", at="largest"),
            Column("memory, times lightgbm.train", "times_larger", at="largest"),
            Column("peak, MiB", "peak_mib", at="largest"),
        ),
    ),
    *(
        (
            f"Over HTTP, one core: {case}",
            (
                Column("CPU an item, us", "cpu_us", at=case),
                Column("items a second", "served_per_second", at=case),
                Column("echo over it, CPU", "cpu_ratio", at=case),
                Column("of the echo's rate", "rate_ratio", at=case),
                Column("p50, ms", "p50_ms", at=case),
                Column("p99, ms", "p99_ms", at=case),
            ),
        )
        for case in CASES
    ),
    (
        "Other model servers, one core, one row a request",
        (
            Column("requests a second", "served_per_second", at=ROW_AT_ONCE),
            Column("of the thin route", "rate_over_thin", at=ROW_AT_ONCE),
            Column("of weir serve", "rate_over_whole", at=ROW_AT_ONCE),
            Column("CPU a request, us", "cpu_us", at=ROW_AT_ONCE),
            Column("CPU, times thin route", "cpu_over_thin", at=ROW_AT_ONCE),
            Column("CPU, times weir serve", "cpu_over_whole", at=ROW_AT_ONCE),
        ),
    ),
)
