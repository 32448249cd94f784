"""Orders: honest senders too send one order in several pieces, over some days, to one house."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from training.simulation.draws import chance, fold, integer, root
from training.simulation.rhythm import yearly_mean_per_day
from training.simulation.setting import Setting
from training.simulation.trips import Trips
from training.simulation.world import Mode

IN_PIECES: Mapping[Mode, float] = {"express": 0.3, "mail": 0.3}
"""Share of honest parcels that belong to an order of several pieces."""

_PIECES_MEAN, _SPREAD_DAYS = 3.0, 5
"""How orders go out: choices of this project, so that pieces to one house are no sign of guilt."""


def ordered(mode: Mode, setting: Setting, trips: Trips) -> Trips:
    """Let some parcels be pieces of orders.

    A piece draws one of the orders that were placed at its port in the last days; whoever
    asks with the key of the order gets one sender and one partner for all of its pieces. An
    order has as many pieces as happen to draw it (Poisson, three on average), so that no
    count of parcels depends on it.

    Parameters
    ----------
    mode : str
        A mode of shipments.
    setting : Setting
        World and seed.
    trips : Trips
        Parcels, each with a key of its own.

    Returns
    -------
    Trips
        The same parcels in the same order; pieces have the key and the day of their order.
    """
    if mode not in IN_PIECES:
        return trips
    share, key = IN_PIECES[mode], trips.trip
    per_day = yearly_mean_per_day(mode, setting.world.volume)[trips.port]
    n_orders = np.maximum(1, np.round(per_day * share / _PIECES_MEAN)).astype(np.int64)
    placed = trips.day - integer(key, "age of order", _SPREAD_DAYS + 1)
    here = fold(fold(root(setting.seed, f"{mode} order"), trips.port), placed)
    order = fold(here, integer(key, "order", n_orders))
    piece = chance(key, "piece of an order", share)
    return replace(trips, trip=np.where(piece, order, key), day=np.where(piece, placed, trips.day))
