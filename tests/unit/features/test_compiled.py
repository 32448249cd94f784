"""Compiled loops are the Python that they are written in: each against its own `py_func`."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from features import filing_sums, history_sums, link_sums, signal_sums
from features.filing_sums import FILING_SUMS
from features.history import MOST_LINKED, SIGNAL_KINDS
from features.history_logs import NEVER, Asked, Bounds, ItemLog, ResultLog, SignalLog
from features.history_sums import DAY, ITEM_SUMS, RESULT_SUMS
from features.link_sums import LINK_SUMS, SMALL_SUMS
from features.signal_sums import SIGNAL_SUMS

SOME = settings(max_examples=40, deadline=None)
LONGEST = 90
"""Entries of one key: more than history looks at."""
HOUR = DAY // 24


def _plain(compiled: Callable[..., Any]) -> Callable[..., Any]:
    return cast("Callable[..., Any]", compiled.py_func)  # type: ignore[attr-defined]  # numba's


class World(NamedTuple):
    """Random logs of a few keys, and questions about them."""

    asked: Asked
    items: ItemLog
    results: ResultLog
    signals: SignalLog
    generator: np.random.Generator


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw keys with none, few or very many entries, with ties and with the asker's own among."""
    lengths = draw(st.lists(st.sampled_from([0, 1, 2, 5, LONGEST]), min_size=1, max_size=4))
    n_asked = draw(st.integers(0, 6))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    edges = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    bounds, n = Bounds(edges[:-1], edges[1:]), int(edges[-1])

    def codes(low: int, high: int, size: int = n) -> npt.NDArray[np.int32]:
        return generator.integers(low, high, size).astype(np.int32)

    def moments() -> npt.NDArray[np.int64]:
        # whole hours, so that ties and ends of windows come up
        parts = [np.sort(generator.integers(0, 120 * 24, length)) for length in lengths]
        return np.concatenate(parts).astype(np.int64) * HOUR

    asked = Asked(
        np.arange(n_asked),
        codes(0, 3, n_asked),
        generator.integers(0, len(lengths), n_asked),
        generator.integers(0, 130 * 24, n_asked) * HOUR,
        codes(0, 8, n_asked),
        codes(0, 4, n_asked),
    )
    items = ItemLog(
        bounds, moments(), generator.integers(0, 400_000, n), codes(0, 2), codes(0, 4),
        codes(-1, len(lengths)), codes(0, 8),
    )  # fmt: skip
    results = ResultLog(bounds, moments(), codes(-1, 2), codes(-1, 2), codes(-1, 2), codes(0, 8))
    known = moments()
    expires = known + generator.integers(1, 60 * 24, n) * HOUR
    signals = SignalLog(
        bounds, known, np.where(generator.random(n) < 0.3, NEVER, expires),
        generator.integers(0, 1_000_001, n), codes(0, len(SIGNAL_KINDS)), codes(0, 3), codes(-1, 3),
    )  # fmt: skip
    return World(asked, items, results, signals, generator)


def _columns(n_kinds: int, n_sums: int) -> npt.NDArray[np.int32]:
    """Give every sum a column of its own, but for one that a kind does not have."""
    columns = np.arange(n_kinds * n_sums, dtype=np.int32).reshape(n_kinds, n_sums)
    columns[0, 1] = -1
    return columns


def _same(loop: Callable[..., Any], n_rows: int, n_columns: int, *rest: object) -> None:
    one, other = (np.full((n_rows, n_columns), np.nan, np.float32) for _ in range(2))
    loop(one, *rest)
    _plain(loop)(other, *rest)
    assert one.tobytes() == other.tobytes()


@given(worlds(), st.integers(0, 130 * 24))
@SOME
def test_the_search_for_a_moment(world: World, hour: int) -> None:
    moments, bounds = world.items.known_at, world.items.bounds
    for first, end in zip(bounds.first.tolist(), bounds.end.tolist(), strict=True):
        found = history_sums.stop_before(moments, first, end, hour * HOUR)
        assert found == _plain(history_sums.stop_before)(moments, first, end, hour * HOUR)
        assert found == first + np.searchsorted(moments[first:end], hour * HOUR)


@given(st.lists(st.integers(-3, 3), max_size=20))
@SOME
def test_the_set_at_the_head_of_an_array(values: list[int]) -> None:
    one, other = np.zeros(21, np.int64), np.zeros(21, np.int64)
    n_one = n_other = 0
    for value in values:
        n_one = history_sums.add_if_new(one, n_one, value)
        n_other = _plain(history_sums.add_if_new)(other, n_other, value)
    assert n_one == n_other == len(set(values))
    assert one.tobytes() == other.tobytes()
    assert one[:n_one].tolist() == list(dict.fromkeys(values))


@given(worlds())
@SOME
def test_sums_of_items(world: World) -> None:
    columns = _columns(3, len(ITEM_SUMS))
    _same(
        history_sums._sum_items,  # noqa: SLF001 - the loop itself
        len(world.asked.row), columns.size, columns, world.asked, world.items,
    )  # fmt: skip


@given(worlds())
@SOME
def test_sums_of_results(world: World) -> None:
    columns = _columns(3, len(RESULT_SUMS))
    _same(
        history_sums._sum_results,  # noqa: SLF001 - the loop itself
        len(world.asked.row), columns.size, columns, world.asked, world.results,
    )  # fmt: skip


@given(worlds())
@SOME
def test_sums_of_filings(world: World) -> None:
    own = world.generator.integers(0, 400_000, len(world.asked.row))
    columns = np.arange(len(FILING_SUMS), dtype=np.int32)
    # two keys of one item, so that the larger must win
    asked = world.asked._replace(row=world.asked.row // 2)
    _same(
        filing_sums._sum_filings,  # noqa: SLF001 - the loop itself
        len(asked.row), columns.size, columns, asked, own, world.items,
    )  # fmt: skip


@given(worlds())
@SOME
def test_sums_of_signals(world: World) -> None:
    columns = np.arange(len(SIGNAL_KINDS) * len(SIGNAL_SUMS) + 1, dtype=np.int32)
    asked = world.asked._replace(row=world.asked.row // 2)
    _same(
        signal_sums._sum_signals,  # noqa: SLF001 - the loop itself
        len(asked.row), columns.size, columns, asked, world.signals,
    )  # fmt: skip


@given(worlds())
@SOME
def test_whether_an_event_was_told_before(world: World) -> None:
    loop = signal_sums._is_told_again  # noqa: SLF001 - the loop itself
    log = world.signals
    for first, end in zip(log.bounds.first.tolist(), log.bounds.end.tolist(), strict=True):
        for at in range(first, end):
            as_of = int(log.known_at[at]) + HOUR
            assert loop(log, at, first, as_of) == _plain(loop)(log, at, first, as_of)


@given(worlds())
@SOME
def test_linked_parties_and_what_they_come_to(world: World) -> None:
    asked, items = world.asked, world.items
    n_keys = len(items.bounds.first)
    own = world.generator.integers(-1, n_keys, len(asked.row))
    find, add = link_sums._find_linked, link_sums._sum_linked  # noqa: SLF001 - the loops themselves
    linked = find(asked, own, items)
    assert linked.tobytes() == _plain(find)(asked, own, items).tobytes()
    assert linked.shape == (len(asked.row), MOST_LINKED)
    sums = add(asked, linked, own, items, world.results)
    assert sums.tobytes() == _plain(add)(asked, linked, own, items, world.results).tobytes()


@given(worlds())
@SOME
def test_what_one_party_comes_to(world: World) -> None:
    add, count = link_sums._add_items, link_sums._count_finds  # noqa: SLF001 - the loops themselves
    for party in range(len(world.items.bounds.first)):
        for is_linked in (True, False):
            one, other = (np.zeros(len(LINK_SUMS) + len(SMALL_SUMS), np.int64) for _ in range(2))
            given_ = (party, 100 * DAY, 3, world.items, is_linked)
            add(one, *given_)
            _plain(add)(other, *given_)
            assert one.tobytes() == other.tobytes()
        asked = (party, 100 * DAY, 3, world.results)
        assert count(*asked) == _plain(count)(*asked)
