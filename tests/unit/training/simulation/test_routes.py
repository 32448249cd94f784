import numpy as np
import pytest

from tests.unit.training.simulation.settings import setting
from training.simulation.networks import Networks
from training.simulation.places import SOUTH_FLORIDA, places
from training.simulation.rhythm import least_month_per_day
from training.simulation.routes import departure_ports, routes_of
from training.simulation.seats import WAYS, pace_of_seats
from training.simulation.world import MODES, Mode, load_world

LAND: tuple[Mode, ...] = ("pov", "bus", "truck")


@pytest.mark.parametrize("world", ["full", "small", "demo"])
@pytest.mark.parametrize("mode", LAND)
def test_couriers_avoid_ports_that_are_closed_in_some_month(world: str, mode: Mode) -> None:
    given = load_world(world)
    closed = least_month_per_day(mode, given.volume) == 0
    assert closed.any()
    assert not routes_of(given, "mexico", mode).weights[closed].any()


@pytest.mark.parametrize("mode", ["pov", "truck"])
def test_couriers_are_at_most_a_tenth_of_the_traffic_of_a_land_port(mode: Mode) -> None:
    given = load_world("small")
    weights = routes_of(given, "mexico", mode).weights
    _, per_day = pace_of_seats(given, "mexico", MODES.index(mode))
    couriers = per_day * weights / weights.sum()
    assert (couriers <= 0.1001 * least_month_per_day(mode, given.volume)).all()


def test_where_couriers_are_more_than_a_tenth_of_all_they_follow_the_traffic() -> None:
    given = load_world("small", {"trafficking.split.mexico.bus": 0.1})
    weights = routes_of(given, "mexico", "bus").weights
    traffic = least_month_per_day("bus", given.volume)
    used = weights > 0
    assert used.sum() >= 10
    assert weights[used] / weights.sum() == pytest.approx(traffic[used] / traffic[used].sum())


def test_vehicles_follow_the_shares_of_states_where_there_is_room() -> None:
    given = load_world("full", {"volume.fraction": 0.08})
    weights = routes_of(given, "mexico", "pov").weights
    states = np.array(places().states)
    for state, share in given.trafficking.state_share.items():
        assert weights[states == state].sum() / weights.sum() == pytest.approx(share, abs=0.02)


def test_where_no_port_has_room_for_a_seat_each_trip_chooses_anew() -> None:
    assert not routes_of(load_world("demo"), "mexico", "bus").homes
    assert routes_of(load_world("full"), "mexico", "bus").homes


def test_the_caribbean_stream_leaves_from_south_florida() -> None:
    given = load_world("full")
    weights = routes_of(given, "caribbean", "ocean").weights
    south = np.isin(places().codes, list(SOUTH_FLORIDA))
    assert weights[south].sum() / weights.sum() == pytest.approx(
        given.trafficking.south_florida_share
    )


def test_seats_have_a_home_that_they_mostly_use() -> None:
    where = setting(volume__fraction=0.01)
    networks = Networks(where)
    made = networks.week(range(where.first_day, where.first_day + 90))
    made = made.only(made.way == WAYS.index("pov"))
    port = departure_ports(where.world, made)
    seats, counts = np.unique(made.seat, return_counts=True)
    busiest = made.seat == seats[counts.argmax()]
    share = np.unique(port[busiest], return_counts=True)[1].max() / busiest.sum()
    assert share > 0.6


def test_seats_together_travel_at_the_pace_that_is_expected_of_them() -> None:
    where = setting(volume__fraction=0.01, adaptation__strength=0)
    made = Networks(where).week(range(where.first_day, where.first_day + 365))
    pov = WAYS.index("pov")
    per_seat, per_day = pace_of_seats(where.world, "mexico", pov)
    mine = made.only(made.way == pov)
    assert len(mine) / 365 == pytest.approx(per_day, rel=0.1)
    assert len(mine) / 365 / len(np.unique(mine.seat)) == pytest.approx(per_seat, rel=0.1)
