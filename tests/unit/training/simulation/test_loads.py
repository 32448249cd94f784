import numpy as np
import polars as pl
import pytest

from features.severity import severity
from tests.unit.training.simulation.settings import setting, small_world
from training.simulation.draws import fold, root
from training.simulation.loads import (
    CONCEALMENTS,
    Loads,
    divide,
    draw_loads,
    join_loads,
    nothing,
)
from training.simulation.networks import Departures
from training.simulation.world import STREAMS

N = 20_000


def departures(stream: str = "mexico", *, day: int = 20_000, carries: bool = True) -> Departures:
    keys = fold(root(4, stream), np.arange(N))
    number = np.full(N, STREAMS.index(stream))
    zeros = np.zeros(N, dtype=np.int64)
    return Departures(
        keys, keys, keys, keys, number, zeros, zeros + day, np.full(N, carries), zeros
    )


def test_clean_trips_carry_nothing() -> None:
    loads = draw_loads(small_world().trafficking, departures(carries=False), cargo=False)
    assert not loads.illicit.any()
    assert not loads.severity.any()
    assert not loads.event.any()
    assert loads.network.all()


def test_every_other_trip_carries_something_and_severity_weighs_it() -> None:
    loads = draw_loads(small_world().trafficking, departures(), cargo=False)
    assert loads.illicit.all()
    for n in range(20):
        contents = int(loads.n_firearms[n]), int(loads.n_parts[n]), int(loads.n_rounds[n])
        assert loads.severity[n] == pytest.approx(severity(*contents))


def test_kinds_of_events_have_their_shares() -> None:
    traffic = small_world().trafficking
    loads = draw_loads(traffic, departures(), cargo=False)
    guns, rounds = loads.n_firearms > 0, loads.n_rounds > 0
    share = traffic.event_type
    assert abs((guns & ~rounds).mean() - share["guns_only"]) < 0.02
    assert abs((guns & rounds).mean() - share["guns_and_ammo"]) < 0.02
    assert abs((~guns & rounds).mean() - share["ammo_only"]) < 0.02


def test_guns_are_many_small_loads_with_a_tail() -> None:
    loads = draw_loads(small_world().trafficking, departures(), cargo=False)
    guns = loads.n_firearms[loads.n_firearms > 0]
    assert np.median(guns) == 3
    assert (guns < 10).mean() > 0.88
    assert guns.max() <= 60


@pytest.mark.parametrize("stream", STREAMS)
def test_rifles_have_the_share_of_their_stream(stream: str) -> None:
    traffic = small_world().trafficking
    loads = draw_loads(traffic, departures(stream), cargo=True)
    assert (loads.n_rifles <= loads.n_firearms).all()
    share = traffic.rifle_share[stream]  # type: ignore[index]  # a word of STREAMS
    assert abs(loads.n_rifles.sum() / loads.n_firearms.sum() - share) < 0.02


def test_parts_weigh_more_in_the_caribbean_stream() -> None:
    traffic = small_world().trafficking
    there = draw_loads(traffic, departures("caribbean"), cargo=True)
    elsewhere = draw_loads(traffic, departures("mexico"), cargo=True)
    assert there.n_parts.sum() > 2 * elsewhere.n_parts.sum()


def test_polymer_guns_become_more_over_the_years() -> None:
    traffic = small_world(trafficking__polymer_share=0.05).trafficking
    early = draw_loads(traffic, departures(day=18_262), cargo=False)
    late = draw_loads(traffic, departures(day=18_262 + 3650), cargo=False)
    hard = [(loads.ease[loads.n_firearms > 0] <= 0.35).mean() for loads in (early, late)]
    assert hard[1] > hard[0] + 0.1


def test_where_things_hide_depends_on_what_carries_them() -> None:
    traffic = small_world().trafficking
    vehicles = draw_loads(traffic, departures(), cargo=False)
    cargo = draw_loads(traffic, departures(), cargo=True)
    compartment = CONCEALMENTS.index("hidden_compartment")
    assert (vehicles.concealment == compartment).any()
    assert not (cargo.concealment == compartment).any()


def test_dividing_a_load_loses_nothing_and_makes_it_harder_to_find() -> None:
    loads = draw_loads(small_world().trafficking, departures(), cargo=True)
    n_parts = 1 + np.arange(N) % 6
    owner = np.repeat(np.arange(N), n_parts)
    part = np.arange(len(owner)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    shares = divide(loads, owner, part, n_parts[owner])
    for name in ("n_firearms", "n_rifles", "n_parts", "n_rounds"):
        summed = np.bincount(owner, weights=getattr(shares, name), minlength=N)
        assert (summed == getattr(loads, name)).all()
    split = n_parts[owner] > 1
    assert (shares.ease[split] < loads.ease[owner][split]).all()
    assert (shares.ease[~split] == loads.ease[owner][~split]).all()


def test_lawful_items_carry_nothing() -> None:
    loads = join_loads([nothing(3), nothing(2)])
    assert len(loads) == 5
    assert not loads.illicit.any()
    assert isinstance(loads.only(np.array([0, 0])), Loads)


def test_setting_and_frame_agree_on_streams() -> None:
    assert pl.Series(list(setting().world.trafficking.split)).to_list() == list(STREAMS)
