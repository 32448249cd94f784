import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.simulation.draws import fold, root
from training.simulation.trips import (
    Trips,
    clock,
    generation,
    home_ports,
    join,
    kept,
    rank,
    slots,
)

KEYS = fold(root(3, "k"), np.arange(20_000))


def trips(n: int) -> Trips:
    zeros = np.zeros(n, dtype=np.int64)
    return Trips(KEYS[:n], KEYS[:n], KEYS[:n], zeros, zeros, zeros, np.zeros(n))


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_scale_keeps_everybody_that_a_smaller_one_keeps(one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert not (kept(KEYS, small) & ~kept(KEYS, large)).any()


def test_scale_keeps_its_share() -> None:
    assert abs(kept(KEYS, 0.1).mean() - 0.1) < 0.01
    assert kept(KEYS, 1.0).all()


def test_a_slot_depends_on_its_cell_and_number_alone() -> None:
    key, port, day = slots(1, "x", np.array([3, 5]), np.array([10, 10]), np.array([2, 4]))
    alone, _, _ = slots(1, "x", np.array([5]), np.array([10]), np.array([3]))
    assert port.tolist() == [3, 3, 5, 5, 5, 5]
    assert day.tolist() == [10] * 6
    assert key[2:5].tolist() == alone.tolist()
    assert len(set(key.tolist())) == 6


def test_few_members_are_busy_when_the_tilt_is_high() -> None:
    size = np.full(len(KEYS), 100)
    flat, tilted = rank(KEYS, "r", size, 1.0), rank(KEYS, "r", size, 2.0)
    assert abs((flat == 0).mean() - 0.01) < 0.004
    assert abs((tilted == 0).mean() - 0.1) < 0.01
    assert tilted.max() < 100


def test_members_are_replaced_when_their_time_is_over() -> None:
    members = KEYS[:500]
    today = generation(members, np.full(500, 20_000), 100.0)
    tomorrow = generation(members, np.full(500, 20_001), 100.0)
    later = generation(members, np.full(500, 20_100), 100.0)
    assert abs((today != tomorrow).mean() - 0.01) < 0.02
    assert (today != later).all()


def test_most_are_at_home_where_they_leave() -> None:
    port = np.full(len(KEYS), 30)
    away = home_ports("pov", KEYS, port, 0.3) != port
    assert 0.05 < away.mean() <= 0.31


def test_joining_and_choosing_keep_the_order() -> None:
    both = join([trips(3), trips(2)])
    assert both.trip.tolist() == KEYS[:3].tolist() + KEYS[:2].tolist()
    assert both.only(np.array([0, 1, 0, 0, 1], dtype=bool)).trip.tolist() == [KEYS[1], KEYS[1]]


def test_hours_come_onto_the_clock() -> None:
    assert clock(np.array([-1.0, 25.5, 12.0])).tolist() == [23.0, 1.5, 12.0]
