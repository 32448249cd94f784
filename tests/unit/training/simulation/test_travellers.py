import numpy as np
import pytest

from tests.unit.training.simulation.settings import setting
from training.simulation.carriers import filed_trucks, fleet_trips
from training.simulation.places import places
from training.simulation.rhythm import daily_counts
from training.simulation.setting import Setting
from training.simulation.travellers import COMMUTER, HUNTER, SEASONAL, SHOPPER, VISITOR, Travellers
from training.simulation.trips import Trips, join
from training.simulation.vehicles import vehicle_items


def crossing(where: Setting, weeks: int) -> Trips:
    travellers = Travellers(where)
    return join([travellers.week(where.days(week)) for week in range(weeks)])


@pytest.fixture(scope="module")
def trips() -> Trips:
    return crossing(setting(volume__fraction=0.003), 8)


def test_visitors_fill_every_port_up_to_its_count(trips: Trips) -> None:
    where = setting(volume__fraction=0.003)
    wanted = sum(
        daily_counts("pov", day, where.world.volume, where.seed)
        for week in range(8) for day in where.days(week)
    )  # fmt: skip
    counted = np.bincount(trips.port, minlength=55)
    assert np.abs(counted - wanted).max() <= np.maximum(2, 0.02 * np.asarray(wanted)).max()


def test_commuters_cross_on_most_weekdays_at_their_hour(trips: Trips) -> None:
    mine = trips.role == COMMUTER
    actors, where, counts = np.unique(
        trips.actor[mine], return_inverse=True, return_counts=True
    )  # fmt: skip
    assert 25 < np.median(counts) < 40
    hours = trips.hour[mine]
    spread = [hours[where == n].std() for n in np.flatnonzero(counts > 20)[:50]]
    assert np.median(spread) < 0.8
    weekday = (trips.day[mine] + 3) % 7
    assert (weekday < 5).mean() > 0.9
    assert len(actors) > 100


def test_shoppers_cross_about_once_a_week(trips: Trips) -> None:
    _, counts = np.unique(trips.actor[trips.role == SHOPPER], return_counts=True)
    assert 4 < counts.mean() < 9


def test_some_regulars_are_new_and_gone_after_a_season(trips: Trips) -> None:
    mine = trips.role == SEASONAL
    first, last = trips.day.min(), trips.day.max()
    early = set(trips.actor[mine & (trips.day < first + 14)].tolist())
    late = set(trips.actor[mine & (trips.day > last - 14)].tolist())
    assert 0.3 < len(late - early) / len(late) < 0.95


def test_hunters_show_their_form_in_the_season_only(trips: Trips) -> None:
    assert not (trips.role == HUNTER).any()  # it is March and April
    autumn = Setting(setting(volume__fraction=0.003).world, 5, setting().start.replace(month=10))
    hunting = crossing(autumn, 4)
    assert (hunting.role == HUNTER).any()
    forms = vehicle_items("pov", hunting)["form_4457"]
    shown = forms.fill_null(value=False).to_numpy()
    assert shown.any()
    assert not shown[hunting.role != HUNTER].any()


def test_plates_are_seen_at_more_than_one_port_of_their_state(trips: Trips) -> None:
    regulars = np.isin(trips.actor, trips.actor[trips.role == SHOPPER])
    elsewhere = regulars & (trips.role == VISITOR)
    assert elsewhere.any()
    states = np.array(places().states)
    actor = trips.actor[elsewhere][0]
    assert len(set(states[trips.port[trips.actor == actor]])) == 1


@pytest.mark.parametrize("mode", ["bus", "truck"])
def test_fleets_come_back_with_the_same_vehicles(mode: str) -> None:
    where = setting(volume__fraction=0.02)
    fleet = fleet_trips(mode, where, range(20_150, 20_171))  # type: ignore[arg-type]  # a mode
    _, counts = np.unique(fleet.asset, return_counts=True)
    assert counts.max() > 3
    assert len(np.unique(fleet.actor)) < len(counts) < len(fleet)


def test_half_of_the_trucks_are_seen_as_shipments() -> None:
    where = setting(volume__fraction=0.02)
    fleet = fleet_trips("truck", where, range(20_150, 20_157))
    share = filed_trucks(fleet, where.world).mean()
    assert share == pytest.approx(where.world.volume.truck_filed_share, abs=0.03)


def test_a_vehicle_keeps_its_plate_body_and_year(trips: Trips) -> None:
    items = vehicle_items("pov", trips)
    mine = trips.actor == trips.actor[trips.role == COMMUTER][0]
    for column in ("plate", "plate_state", "body", "model_year"):
        assert items[column].filter(mine).n_unique() == 1


def test_occupancy_is_near_the_published_one(trips: Trips) -> None:
    occupants = vehicle_items("pov", trips)["occupants"].mean()
    assert occupants == pytest.approx(1.8, abs=0.25)
