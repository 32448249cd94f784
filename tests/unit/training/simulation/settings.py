"""Settings of small worlds for tests of the simulation's parts."""

from datetime import date

from training.simulation.setting import Setting
from training.simulation.world import World, load_world

START = date(2025, 3, 3)


def small_world(**overrides: float) -> World:
    """A thousandth of the national volume with forty times the trafficking."""
    given = {name.replace("__", "."): value for name, value in overrides.items()}
    return load_world("demo", {"volume.fraction": 0.001} | given)


def setting(scale: float = 1.0, **overrides: float) -> Setting:
    """A setting of that world that starts on a Monday in March."""
    return Setting(small_world(**overrides), 5, START, scale)
