"""Where the microseconds of a micro-batch go, told by looking at it every millisecond of CPU."""

import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import process_time
from types import FrameType

from threadpoolctl import threadpool_limits

from features.items import ITEM
from service.accepting import Request
from service.app import open_runtime
from service.auth import authenticate
from service.intake import take_in_durably
from service.proof.bench import Bench
from service.proof.traffic import Traffic

MICRO_BATCH = 64
_EVERY_SECONDS = 0.001
REST = "all else"

STAGES: Mapping[tuple[str, str | None], str] = {
    ("service/store/bodies.py", "split"): "identifiers taken out",
    ("features/history.py", "key_items"): "keys of entities, values as integers",
    ("service/store/items.py", "add_versions"): "items and entity log stored",
    ("service/store/scores.py", None): "answers stored",
    ("service/store/history.py", None): "history and links read",
    ("service/store/recent.py", "add"): "history kept in mind",
    ("service/store/recent.py", "open"): "history kept in mind",
    ("service/store/recent.py", "keep"): "history kept in mind",
    ("service/store/recent_logs.py", None): "history and links found in mind",
    ("features/source_history.py", None): "history and links summed",
    ("features/matrix.py", "_fill_item_features"): "features of the item",
    ("models/risk.py", "risk"): "prediction",
    ("models/risk.py", "contributions"): "exact contributions",
    ("models/reasons.py", None): "reasons",
    ("models/rules.py", None): "rules",
    ("models/rulebook.py", None): "rules",
    ("service/store/filing_values.py", "filing_totals"): "rules",
    ("sqlalchemy/engine/default.py", "do_commit"): "commit",
}
"""Stage by end of the file and function; None is any function of the file."""


def _stage(frame: FrameType | None) -> str:
    """Name the stage of the innermost frame that has one."""
    while frame is not None:
        file, function = frame.f_code.co_filename, frame.f_code.co_name
        for (end, name), stage in STAGES.items():
            if file.endswith(end) and name in (None, function):
                return stage
        frame = frame.f_back
    return REST


@contextmanager
def _looking() -> Iterator[Counter[str]]:
    """Note the stage of the main thread each time so much CPU was spent."""
    seen: Counter[str] = Counter()

    def look(_signal: int, frame: FrameType | None) -> None:
        seen[_stage(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)
    try:
        yield seen
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def stages(bench: Bench, traffic: Traffic, n_warm: int, n_items: int) -> dict[str, float]:
    """Measure what each stage of taking items in costs, in this process and without HTTP.

    Parameters
    ----------
    bench : Bench
        Its store holds a history already; no server uses it now.
    traffic : Traffic
        Draws the items.
    n_warm : int
        About how many are taken in first, so that what a server keeps in mind is there.
    n_items : int
        About how many are taken in then, in micro-batches of `MICRO_BATCH`.

    Returns
    -------
    dict of str to float
        Microseconds of CPU an item by stage, the dearest first; `REST` is what no stage claims.
    """
    n_warm = 1 + n_warm // MICRO_BATCH
    runtime = open_runtime(bench.settings, store=bench.store)
    runtime.champion.refresh()
    with bench.store.read() as connection:
        principal = authenticate(connection, f"Bearer {bench.key()}")
    batches = [
        [Request([ITEM.validate_python(traffic.item())], principal) for _ in range(MICRO_BATCH)]
        for _ in range(n_warm + max(1, n_items // MICRO_BATCH))
    ]

    def take(batch: list[Request]) -> None:
        take_in_durably(bench.store, batch, runtime.clock(), runtime.desk)

    for batch in batches[:n_warm]:
        take(batch)
    timed = batches[n_warm:]
    with threadpool_limits(1, "blas"), _looking() as seen:  # as a server does
        started = process_time()
        for batch in timed:
            take(batch)
        spent = process_time() - started
    item_us = spent / (len(timed) * MICRO_BATCH) * 1e6
    return {stage: item_us * n / seen.total() for stage, n in seen.most_common()}
