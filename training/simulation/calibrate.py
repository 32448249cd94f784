"""Set the legacy policy up so that it covers what its world says it covers."""

from dataclasses import replace

import numpy as np
import polars as pl

from training.simulation.draws import Flags, Integers, Numbers
from training.simulation.legacy import LegacyPolicy, rule_factors
from training.simulation.operations import Operations
from training.simulation.rhythm import yearly_mean_per_day
from training.simulation.setting import Setting
from training.simulation.traffic import VEHICLE_MODES, Traffic
from training.simulation.world import MODES

_SAMPLE_ITEMS = 20_000
_PULSE_WEEKS = 20


def legacy_policy(setting: Setting) -> LegacyPolicy:
    """Build the legacy policy of a world.

    Parameters
    ----------
    setting : Setting
        World, seed and start.

    Returns
    -------
    LegacyPolicy
        Its rates are set on a sample of about 20,000 items of the first week, the same one at
        any scale.
    """
    volume = setting.world.volume
    per_week = 7 * sum(float(yearly_mean_per_day(mode, volume).sum()) for mode in MODES)
    traffic = Traffic(replace(setting, scale=min(1.0, _SAMPLE_ITEMS / per_week)))
    week = traffic.week(setting.days(0))
    factor = rule_factors(week.items)["factor"].to_numpy()
    staffed = _staffed_share(traffic.operations, week.hidden)
    mean_factor, staffed_share = dict.fromkeys(MODES, 1.0), dict.fromkeys(MODES, 1.0)
    for mode in MODES:
        here = (week.items["mode"] == mode).to_numpy()
        if here.any():
            mean_factor[mode] = float(factor[here].mean())
            staffed_share[mode] = float(staffed[here].mean()) if mode in VEHICLE_MODES else 1.0
    return LegacyPolicy(setting, mean_factor, staffed_share)


def _staffed_share(operations: Operations, hidden: pl.DataFrame) -> Numbers:
    port: Integers = hidden["port_position"].to_numpy()
    day, hour = hidden["day"].to_numpy(), hidden["hour"].to_numpy()
    pulses: list[Flags] = [
        operations.staffed(port, day + 7 * week, hour) for week in range(_PULSE_WEEKS)
    ]
    share: Numbers = np.mean(pulses, axis=0)
    return share
