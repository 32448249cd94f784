import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import Context

import pytest

from features.errors import WeirError
from service.batching import MOST_ITEMS, Batcher, Overloaded

Run = Callable[[Sequence[str]], Sequence[str | WeirError]]


class HeldRun:
    """Remembers its runs; the first one lasts until it is let go."""

    def __init__(self) -> None:
        self.runs: list[list[str]] = []
        self.go = threading.Event()
        self.started = threading.Event()

    def __call__(self, jobs: Sequence[str]) -> Sequence[str | WeirError]:
        self.runs.append(list(jobs))
        self.started.set()
        assert self.go.wait(5)
        return [job.upper() for job in jobs]


@pytest.fixture
def held() -> HeldRun:
    return HeldRun()


@pytest.fixture
def batcher(held: HeldRun) -> Iterator[Batcher[str, str]]:
    batcher: Batcher[str, str] = Batcher(held, most_waiting=1_000)
    batcher.start()
    yield batcher
    held.go.set()
    batcher.close()


def _keys(*names: str) -> frozenset[str]:
    return frozenset(names)


def test_a_lone_job_is_run_at_once(held: HeldRun, batcher: Batcher[str, str]) -> None:
    held.go.set()
    assert batcher.submit("a", _keys("1")).result(5) == "A"
    assert held.runs == [["a"]]


def test_jobs_that_wait_for_a_busy_run_share_the_next_one(
    held: HeldRun, batcher: Batcher[str, str]
) -> None:
    first = batcher.submit("a", _keys("1"))
    assert held.started.wait(5)
    others = [batcher.submit(name, _keys(name)) for name in "bcd"]
    held.go.set()
    assert first.result(5) == "A"
    assert [other.result(5) for other in others] == ["B", "C", "D"]
    assert held.runs == [["a"], ["b", "c", "d"]]


def test_jobs_about_one_item_never_share_a_run(held: HeldRun, batcher: Batcher[str, str]) -> None:
    futures = [batcher.submit("a", _keys("1"))]
    assert held.started.wait(5)
    futures += [batcher.submit("b", _keys("2", "3")), batcher.submit("c", _keys("3"))]
    held.go.set()
    assert [future.result(5) for future in futures] == ["A", "B", "C"]
    assert held.runs == [["a"], ["b"], ["c"]]


def test_a_run_is_bounded(held: HeldRun, batcher: Batcher[str, str]) -> None:
    futures = [batcher.submit("a", _keys("1"))]
    assert held.started.wait(5)
    many = [frozenset(f"{name}{n}" for n in range(MOST_ITEMS // 2 + 1)) for name in "bc"]
    futures += [batcher.submit(name, keys) for name, keys in zip("bc", many, strict=True)]
    held.go.set()
    assert [future.result(5) for future in futures] == ["A", "B", "C"]
    assert held.runs == [["a"], ["b"], ["c"]]


def test_more_than_may_wait_is_refused_and_what_waits_is_answered(held: HeldRun) -> None:
    batcher: Batcher[str, str] = Batcher(held, most_waiting=2)
    batcher.start()
    first = batcher.submit("a", _keys("1"))
    assert held.started.wait(5)
    second = batcher.submit("b", _keys("2", "3"))
    with pytest.raises(Overloaded, match="too many"):
        batcher.submit("c", _keys("4"))
    held.go.set()
    assert (first.result(5), second.result(5)) == ("A", "B")
    batcher.close()


def test_an_error_for_one_job_spares_the_others() -> None:
    def run(jobs: Sequence[str]) -> Sequence[str | WeirError]:
        return [WeirError("no") if job == "bad" else job for job in jobs]

    batcher: Batcher[str, str] = Batcher(run, most_waiting=9)
    bad, good = (batcher.submit(job, _keys(job)) for job in ("bad", "good"))
    batcher.start()
    with pytest.raises(WeirError, match="no"):
        bad.result(5)
    assert good.result(5) == "good"
    batcher.close()


def test_what_a_run_raises_goes_to_all_and_the_next_run_works() -> None:
    def run(jobs: Sequence[str]) -> Sequence[str | WeirError]:
        if "bad" in jobs:
            raise ValueError("broken")
        return list(jobs)

    batcher: Batcher[str, str] = Batcher(run, most_waiting=9)
    failed = [batcher.submit(job, _keys(job)) for job in ("bad", "good")]
    batcher.start()
    for each in failed:
        with pytest.raises(ValueError, match="broken"):
            each.result(5)
    assert batcher.submit("good", _keys("1")).result(5) == "good"
    batcher.close()


def test_closing_answers_what_waits_and_refuses_what_comes_later(held: HeldRun) -> None:
    batcher: Batcher[str, str] = Batcher(held, most_waiting=9)
    batcher.start()
    futures = [batcher.submit(name, _keys(name)) for name in "ab"]
    closing = threading.Thread(target=batcher.close)
    closing.start()
    held.go.set()
    closing.join(5)
    assert [future.result(0) for future in futures] == ["A", "B"]
    with pytest.raises(Overloaded, match="stopping"):
        batcher.submit("c", _keys("c"))


def test_a_batcher_that_never_started_closes() -> None:
    batcher: Batcher[str, str] = Batcher(list, most_waiting=9)
    batcher.close()


def test_a_job_that_nobody_waits_for_any_more_is_not_run(
    held: HeldRun, batcher: Batcher[str, str]
) -> None:
    batcher.submit("a", _keys("1"))
    assert held.started.wait(5)
    assert batcher.submit("b", _keys("2")).cancel()
    last = batcher.submit("c", _keys("3"))
    held.go.set()
    assert last.result(5) == "C"
    assert held.runs == [["a"], ["c"]]


class CountingLoop(asyncio.SelectorEventLoop):
    """An event loop that counts how often another thread wakes it."""

    n_wakes = 0

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        self.n_wakes += 1
        return super().call_soon_threadsafe(callback, *args, context=context)


def test_a_loop_is_woken_once_for_all_answers_of_a_run() -> None:
    def run(jobs: Sequence[str]) -> Sequence[str | WeirError]:
        return [WeirError("no") if job == "bad" else job.upper() for job in jobs]

    batcher: Batcher[str, str] = Batcher(run, most_waiting=9)

    async def ask() -> list[str | BaseException]:
        waits = [asyncio.ensure_future(batcher.answer(job, _keys(job))) for job in ("a", "bad")]
        gone = asyncio.ensure_future(batcher.answer("gone", _keys("gone")))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        batcher.start()
        return await asyncio.gather(*waits, return_exceptions=True)

    loop = CountingLoop()
    good, bad = loop.run_until_complete(ask())
    batcher.close()
    loop.close()
    assert good == "A"
    assert isinstance(bad, WeirError)
    assert loop.n_wakes == 1
