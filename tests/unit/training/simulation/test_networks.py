import numpy as np
import pytest

from tests.unit.training.simulation.settings import setting
from training.simulation.networks import Departures, Networks
from training.simulation.seats import WAYS, expected_prevalence, lay_out_seats
from training.simulation.setting import Setting
from training.simulation.world import MODES


def run(networks: Networks, where: Setting, weeks: range) -> list[Departures]:
    return [networks.week(where.days(week)) for week in weeks]


def joined(weeks: list[Departures], name: str) -> np.ndarray:
    return np.concatenate([getattr(week, name) for week in weeks])


def test_events_come_as_often_as_the_world_says() -> None:
    where = setting(adaptation__strength=0, volume__fraction=0.01)
    weeks = run(Networks(where), where, range(104))
    traffic = where.world.trafficking
    national = sum(traffic.events_per_year.values())
    wanted = 2 * national * where.world.volume.fraction * traffic.oversample
    assert joined(weeks, "carries").sum() == pytest.approx(wanted, rel=0.08)


def test_trips_fall_into_their_week() -> None:
    where = setting()
    networks = Networks(where)
    for week in range(10):
        days = where.days(week)
        made = networks.week(days)
        assert ((made.day >= days.start) & (made.day < days.stop)).all()


def test_a_trip_is_made_once() -> None:
    where = setting()
    trips = joined(run(Networks(where), where, range(30)), "trip")
    assert len(set(trips.tolist())) == len(trips)


def test_couriers_come_back_and_are_replaced() -> None:
    where = setting(trafficking__busy_share=0, volume__fraction=0.004)
    weeks = run(Networks(where), where, range(80))
    recruits, counts = np.unique(joined(weeks, "recruit"), return_counts=True)
    seats = np.unique(joined(weeks, "seat"))
    assert len(recruits) > 2 * len(seats)
    assert 3 < counts.mean() < 14


def test_a_thinner_world_keeps_whole_networks_with_all_their_trips() -> None:
    whole, thin = setting(), setting(scale=0.4)
    every = run(Networks(whole), whole, range(20))
    some = run(Networks(thin), thin, range(20))
    kept = set(joined(some, "network").tolist())
    assert 0 < len(kept) < len(set(joined(every, "network").tolist()))
    theirs = joined(every, "trip")[np.isin(joined(every, "network"), list(kept))]
    assert set(theirs.tolist()) == set(joined(some, "trip").tolist())


def test_without_trafficking_nobody_leaves() -> None:
    where = setting(trafficking__oversample=0)
    assert lay_out_seats(where).key.size == 0
    assert len(Networks(where).week(where.days(0))) == 0


def moves_after_losses(where: Setting, weeks: int = 12) -> list[int]:
    networks = Networks(where)
    moved = []
    for week in range(weeks):
        networks.move(week)
        made = networks.week(where.days(week))
        moved.append(int(made.moves.sum()))
        networks.learn(week, np.repeat(made.network, 5))
    return moved


def test_networks_move_some_weeks_after_a_loss() -> None:
    where = setting(adaptation__lag_weeks=3)
    moved = moves_after_losses(where)
    assert moved[:3] == [0, 0, 0]
    assert moved[-1] > 0


def test_networks_that_do_not_adapt_never_move() -> None:
    assert not any(moves_after_losses(setting(adaptation__strength=0)))


def test_networks_that_lose_nothing_never_move() -> None:
    where = setting()
    networks = Networks(where)
    for week in range(10):
        networks.move(week)
        assert not networks.week(where.days(week)).moves.any()
        networks.learn(week, np.zeros(0, dtype=np.uint64))


def test_everybody_moves_in_the_week_of_a_planned_shift() -> None:
    where = setting(adaptation__shift_week=4)
    networks = Networks(where)
    for week in range(8):
        networks.move(week)
        made = networks.week(where.days(week))
        assert (made.moves == (1 if week >= 4 else 0)).all()


def test_some_front_firms_change_between_air_and_sea_at_a_move() -> None:
    still = setting(adaptation__shift_mode_share=0, volume__fraction=0.01)
    shifting = setting(adaptation__shift_mode_share=1, volume__fraction=0.01)
    air, sea = WAYS.index("air"), WAYS.index("ocean")
    shares = []
    for where in (still, shifting):
        networks = Networks(where)
        for network in np.unique(lay_out_seats(where).network):
            networks.learn(-10, np.repeat(network, 200))
        networks.move(0)
        ways = joined(run(networks, where, range(6)), "way")
        shares.append((ways == sea).sum() / max(1, np.isin(ways, (air, sea)).sum()))
    assert abs(shares[0] - shares[1]) > 0.05


def test_new_people_take_over_after_a_move() -> None:
    where = setting(adaptation__shift_week=6, trafficking__trips_mean=500)
    networks = Networks(where)
    before = set(joined(run(networks, where, range(6)), "recruit").tolist())
    networks.move(6)
    after = set(joined(run(networks, where, range(6, 12)), "recruit").tolist())
    assert 0.2 < len(after - before) / len(after) < 0.8


def test_prevalence_by_mode_is_what_the_world_means() -> None:
    where = setting()
    prevalence = expected_prevalence(where.world)
    traffic = where.world.trafficking
    events = traffic.events_per_year["mexico"] * traffic.split["mexico"]["pov"]
    wanted = events * traffic.oversample / 76_884_566
    assert prevalence[MODES.index("pov")] == pytest.approx(wanted, rel=0.01)
