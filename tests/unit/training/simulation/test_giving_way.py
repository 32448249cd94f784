import numpy as np

from tests.unit.training.simulation.settings import setting
from training.simulation.carriers import fleet_trips
from training.simulation.draws import Integers
from training.simulation.giving_way import FIRM_SHARE, GivingWay, trips_by_day_and_port
from training.simulation.trips import Trips, kept

DAYS = range(20_150, 20_157)
N_PORTS = 55


def honest() -> Trips:
    return fleet_trips("truck", setting(volume__fraction=0.02), DAYS)


def counts(trips: Trips) -> Integers:
    return trips_by_day_and_port([trips], DAYS)


def few_others() -> Integers:
    """A tenth of what honest traffic has on each day at each port."""
    return counts(honest()) // 10


def test_ports_keep_their_counts_whoever_goes() -> None:
    trips, others = honest(), few_others()
    made = counts(trips.only(GivingWay().stays(trips, others, DAYS)))
    assert others.sum() > 100
    assert np.array_equal(made + others, counts(trips))


def test_nobody_gives_way_to_nobody() -> None:
    trips = honest()
    assert GivingWay().stays(trips, np.zeros((7, N_PORTS), dtype=np.int64), DAYS).all()


def test_who_is_kept_by_a_thin_world_never_gives_way() -> None:
    trips, others = honest(), few_others()
    gone = trips.only(~GivingWay().stays(trips, others, DAYS))
    assert len(gone) == others.sum()
    assert not kept(gone.actor, FIRM_SHARE).any()


def test_what_one_day_has_no_room_for_is_made_up_on_the_next() -> None:
    trips = honest()
    whole = counts(trips)
    others = np.zeros_like(whole)
    others[0] = whole[0]
    made = counts(trips.only(GivingWay().stays(trips, others, DAYS)))
    busy = whole.sum(axis=0) > 300
    assert busy.any()
    assert (made[0] < whole[0])[busy].all()
    total = (made + others).sum(axis=0)
    assert np.array_equal(total[busy], whole.sum(axis=0)[busy])


def test_what_is_owed_is_remembered_from_week_to_week() -> None:
    trips, giving_way = honest(), GivingWay()
    others = np.zeros((7, N_PORTS), dtype=np.int64)
    others[6] = counts(trips)[6]
    first = giving_way.stays(trips, others, DAYS)
    later = fleet_trips("truck", setting(volume__fraction=0.02), range(20_157, 20_164))
    second = giving_way.stays(later, np.zeros_like(others), range(20_157, 20_164))
    busy = (others[6] > 10)[trips.port], (others[6] > 10)[later.port]
    given_way = (~first & busy[0]).sum() + (~second & busy[1]).sum()
    assert given_way == others[6][others[6] > 10].sum()
    assert not second.all()
