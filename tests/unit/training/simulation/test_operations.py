import numpy as np
import pytest

from tests.unit.training.simulation.settings import small_world
from training.simulation.operations import Operations, all_ports
from training.simulation.places import places

PORTS, DAYS, HOURS = (
    grid.ravel()
    for grid in np.meshgrid(all_ports(), np.arange(20_000, 20_070), np.arange(0, 24, 0.5))
)  # fmt: skip


@pytest.mark.parametrize(("hours", "days"), [(3.0, 3.0), (16.0, 7.0), (12.0, 6.0), (24.0, 7.0)])
def test_lanes_are_staffed_for_the_hours_of_the_world(hours: float, days: float) -> None:
    world = small_world(past__hours_on_per_day=hours, past__days_on_per_week=days)
    operations = Operations(world, 1)
    share = operations.staffed(PORTS, DAYS, HOURS.astype(float)).mean()
    assert share == pytest.approx(hours * days / 24 / 7, abs=0.02)


def test_an_operation_is_one_stretch_of_the_day() -> None:
    operations = Operations(small_world(past__hours_on_per_day=3, past__days_on_per_week=7), 1)
    hours = np.arange(0, 24, 0.1)
    port, day = np.full(len(hours), 30), np.full(len(hours), 20_000)
    staffed = operations.staffed(port, day, hours)
    start = operations.start(port[:1], day[:1])[0]
    assert (staffed == ((hours >= start) & (hours < start + 3))).all()


def test_large_ports_have_more_officers() -> None:
    operations = Operations(small_world(), 1)
    codes = places().codes
    minutes = operations.capacity_minutes(all_ports())
    assert minutes[codes.index("2504")] > minutes[codes.index("2602")]
    assert operations.n_officers[codes.index("2504")] == 14
