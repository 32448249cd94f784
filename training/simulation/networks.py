"""Networks: recruited couriers and front firms who make trips, and what they learn from losses."""

from dataclasses import dataclass

import numpy as np

from training.simulation.draws import (
    Flags,
    Integers,
    Keys,
    Numbers,
    chance,
    fold,
    geometric,
    lognormal,
    uniform,
)
from training.simulation.seats import WAYS, lay_out_seats, mean_gap_days
from training.simulation.setting import Setting

_LEAVE_SHARE = 0.5
_OTHER_WAY = np.array([WAYS.index({"air": "ocean", "ocean": "air"}.get(way, way)) for way in WAYS])
"""What front firms change to at a move: sea for air and air for sea; the rest keep theirs."""


@dataclass(frozen=True)
class Departures:
    """Trips that seats make in a week, one array element each.

    Parameters
    ----------
    seat, trip, recruit, network : array of uint64, shape (n,)
        Keys of the seat, of the trip, of who holds the seat, and of the network.
    stream, way : array of int, shape (n,)
        Positions in `STREAMS` and `seats.WAYS`.
    day : array of int, shape (n,)
        Local day since 1970-01-01.
    carries : array of bool, shape (n,)
        Whether contraband is on board this time.
    moves : array of int, shape (n,)
        How often the network has changed its ways before.
    """

    seat: Keys
    trip: Keys
    recruit: Keys
    network: Keys
    stream: Integers
    way: Integers
    day: Integers
    carries: Flags
    moves: Integers

    def __len__(self) -> int:
        return len(self.seat)

    def only(self, chosen: Flags) -> "Departures":
        """Keep some of the departures.

        Parameters
        ----------
        chosen : array of bool, shape (n,)
            Which.

        Returns
        -------
        Departures
            Those.
        """
        return Departures(*(getattr(self, name)[chosen] for name in _COLUMNS))


class Networks:
    """Every network with its seats; a seat is a courier's or front firm's place in it.

    Whoever holds a seat makes a geometric number of trips with lognormal gaps, then somebody
    new takes it. State is one row per seat, however many weeks pass.

    Parameters
    ----------
    setting : Setting
        World, seed, start, and the share of networks to keep.
    """

    def __init__(self, setting: Setting) -> None:
        self._world = setting.world
        self._seats = lay_out_seats(setting)
        clean = setting.world.trafficking.clean_trip_share
        self._gap_scale: Numbers = self._seats.stretch * (1.0 - clean)
        n = len(self._seats.key)
        self._recruit = np.zeros(n, dtype=np.int64)
        self._made = np.zeros(n, dtype=np.int64)
        self._total = self._trips_of_holders()
        gap = self._gap_scale * mean_gap_days(setting.world.trafficking)
        self._next_day: Numbers = setting.first_day + uniform(self._seats.key, "start") * gap
        self._moves: dict[int, int] = {}
        self._pending: list[tuple[int, int]] = []

    def _holders(self) -> Keys:
        return fold(fold(self._seats.key, "recruit"), self._recruit)

    def _trips_of_holders(self) -> Integers:
        traffic = self._world.trafficking
        mean = traffic.trips_mean / (1.0 - traffic.clean_trip_share)
        factor = np.round(self._trips_per_event()).astype(np.int64)
        return geometric(self._holders(), "trips", mean) * factor

    def _trips_per_event(self) -> Numbers:
        traffic = self._world.trafficking
        busy = chance(self._holders(), "busy", traffic.busy_share)
        return np.where(busy, traffic.busy_factor, 1.0)

    def _paces(self) -> Numbers:
        sigma = self._world.trafficking.pace_sigma
        return lognormal(self._holders(), "pace", np.exp(-(sigma**2) / 2), sigma)

    def week(self, days: range) -> Departures:
        """Let seats make their trips.

        Parameters
        ----------
        days : range
            Local days since 1970-01-01, following those of the call before.

        Returns
        -------
        Departures
            Trips of those days, in an order that means nothing.
        """
        rounds = []
        while (due := np.flatnonzero(self._next_day < days.stop)).size:
            rounds.append(self._depart(due))
        if not rounds:
            rounds = [self._depart(np.zeros(0, dtype=np.int64))]
        columns = [np.concatenate([getattr(r, name) for r in rounds]) for name in _COLUMNS]
        return Departures(*columns)

    def _depart(self, due: Integers) -> Departures:
        traffic = self._world.trafficking
        recruit, per_event = self._holders()[due], self._trips_per_event()[due]
        trip = fold(fold(recruit, "trip"), self._made[due])
        network = self._seats.network[due]
        moves = np.array([self._moves.get(key, 0) for key in network.tolist()], dtype=np.int64)
        departures = Departures(
            seat=self._seats.key[due],
            trip=trip,
            recruit=recruit,
            network=network,
            stream=self._seats.stream[due],
            way=self._ways(due, moves),
            day=np.floor(self._next_day[due]).astype(np.int64),
            carries=chance(trip, "carries", (1.0 - traffic.clean_trip_share) / per_event),
            moves=moves,
        )
        gap = lognormal(trip, "gap", traffic.gap_days_median, traffic.gap_sigma)
        self._next_day[due] += gap * self._gap_scale[due] * self._paces()[due] / per_event
        self._made[due] += 1
        leaves = due[self._made[due] >= self._total[due]]
        self._recruit[leaves] += 1
        self._made[leaves] = 0
        self._total[leaves] = self._trips_of_holders()[leaves]
        return departures

    def _ways(self, due: Integers, moves: Integers) -> Integers:
        share = min(1.0, self._world.adaptation.shift_mode_share * self._world.adaptation.strength)
        way, seat = self._seats.way[due].copy(), self._seats.key[due]
        for move in range(1, int(moves.max(initial=0)) + 1):
            turns = (moves >= move) & chance(fold(seat, np.full(1, move)), "changes mode", share)
            way = np.where(turns, _OTHER_WAY[way], way)
        return way

    def learn(self, week: int, seized: Keys) -> None:
        """Let networks that lost something decide to move.

        Parameters
        ----------
        week : int
            Week in which the seizures happened.
        seized : array of uint64
            Networks of the items in which something was found; repeated if found twice.
        """
        adaptation = self._world.adaptation
        share = min(1.0, adaptation.shift_share * adaptation.strength)
        networks, counts = np.unique(seized, return_counts=True)
        for network, losses in zip(networks.tolist(), counts.tolist(), strict=True):
            key = fold(np.array([network], dtype=np.uint64), np.array([week]))
            if chance(key, "moves", 1.0 - (1.0 - share) ** losses)[0]:
                self._pending.append((week + adaptation.lag_weeks, network))

    def move(self, week: int) -> None:
        """Carry out the moves that are due.

        Parameters
        ----------
        week : int
            The week that begins.
        """
        moving = {network for due, network in self._pending if due <= week}
        self._pending = [entry for entry in self._pending if entry[0] > week]
        if week == self._world.adaptation.shift_week:
            moving |= set(np.unique(self._seats.network).tolist())
        for network in sorted(moving):
            self._moves[network] = self._moves.get(network, 0) + 1
        self._replace(np.array(sorted(moving), dtype=np.uint64))

    def _replace(self, networks: Keys) -> None:
        concerned = np.isin(self._seats.network, networks)
        leaves = concerned & chance(self._holders(), "leaves at a move", _LEAVE_SHARE)
        self._recruit[leaves] += 1
        self._made[leaves] = 0
        self._total[leaves] = self._trips_of_holders()[leaves]


_COLUMNS = ("seat", "trip", "recruit", "network", "stream", "way", "day", "carries", "moves")
