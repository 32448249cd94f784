from datetime import date

import numpy as np
import pytest

from training.simulation.places import places
from training.simulation.rhythm import (
    calendar_day,
    daily_counts,
    day_weight,
    epoch_day,
    expected_count,
    holidays,
    month_total,
    yearly_mean_per_day,
)
from training.simulation.world import MODES, Mode, Volume, load_world


@pytest.fixture
def national() -> Volume:
    return load_world("full").volume


@pytest.mark.parametrize(("mode", "published"), [("pov", 76_884_566), ("truck", 7_617_207),
                                                 ("bus", 132_747)])  # fmt: skip
def test_a_year_adds_up_to_the_published_count(
    national: Volume, mode: Mode, published: int
) -> None:
    total = sum(month_total(mode, month, national).sum() for month in range(1, 13))
    assert total == pytest.approx(published)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fraction", [1.0, 0.013])
def test_days_add_up_to_their_month_at_every_port(
    national: Volume, mode: Mode, fraction: float
) -> None:
    volume = national.model_copy(update={"fraction": fraction})
    days = range(epoch_day(date(2025, 2, 1)), epoch_day(date(2025, 3, 1)))
    counted = np.sum([daily_counts(mode, day, volume, 3) for day in days], axis=0)
    assert np.abs(counted - month_total(mode, 2, volume)).max() <= 1
    expected = np.sum([expected_count(mode, day, volume) for day in days], axis=0)
    assert np.allclose(expected, month_total(mode, 2, volume))


def test_fewer_than_one_a_day_fall_on_days_that_the_seed_decides(national: Volume) -> None:
    volume = national.model_copy(update={"fraction": 0.0005})
    days = range(epoch_day(date(2025, 2, 1)), epoch_day(date(2025, 3, 1)))
    first, second = (
        np.array([daily_counts("truck", day, volume, seed) for day in days]) for seed in (1, 2)
    )
    assert not (first == second).all()
    assert abs(first.sum() - second.sum()) <= len(places().codes)


def test_freight_rests_on_holidays_and_people_travel() -> None:
    christmas, next_week = date(2025, 12, 25), date(2025, 12, 18)
    assert day_weight("truck", christmas) < 0.5 * day_weight("truck", next_week)
    assert day_weight("pov", christmas) > day_weight("pov", next_week)


@pytest.mark.parametrize("day", [date(2025, 5, 26), date(2025, 9, 1), date(2025, 11, 27),
                                 date(2026, 5, 25), date(2026, 11, 26)])  # fmt: skip
def test_holidays_move_with_the_calendar(day: date) -> None:
    assert day in holidays(day.year)


def test_trucks_rest_on_sundays() -> None:
    assert day_weight("truck", date(2025, 3, 9)) < 0.5 * day_weight("truck", date(2025, 3, 5))


def test_day_counts_and_dates_agree() -> None:
    assert calendar_day(epoch_day(date(2026, 11, 24))) == date(2026, 11, 24)


def test_mean_days_add_up_to_the_assumed_streams(national: Volume) -> None:
    assert yearly_mean_per_day("air", national).sum() == pytest.approx(national.air_per_day)
    parcels = sum(yearly_mean_per_day(mode, national).sum() for mode in ("express", "mail"))
    assert parcels == pytest.approx(national.parcels_per_day, rel=0.01)
