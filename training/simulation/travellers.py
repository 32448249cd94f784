"""Private vehicles: commuters, shoppers and traders with habits, and visitors who fill the rest."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from training.simulation.draws import (
    Flags,
    Integers,
    Keys,
    Numbers,
    chance,
    fold,
    integer,
    normal,
    pick,
    root,
)
from training.simulation.places import places
from training.simulation.rhythm import calendar_day, daily_counts, yearly_mean_per_day
from training.simulation.setting import Setting
from training.simulation.trips import (
    Trips,
    clock,
    generation,
    home_ports,
    join,
    place_in_queue,
    rank,
    slots,
)

COMMUTER, SHOPPER, TRADER, SEASONAL, VISITOR, HUNTER, COURIER = range(7)
_MONDAY_OFFSET = 3  # 1970-01-01 was a Thursday
_HUNTING_MONTHS = (9, 10, 11, 12, 1, 2)
_DAYS_BETWEEN_VISITS = 120.0
_OTHER_PORT_SHARE, _OUT_OF_HABIT_SHARE = 0.3, 0.35
_OUT_OF_HABIT = (0.12, 0.15, 0.05, 0.03)


@dataclass(frozen=True)
class Habit:
    """A kind of regular traveller. Its numbers are choices of this project.

    Parameters
    ----------
    role : int
        Number of the kind.
    traffic_share : float
        Share of a port's private vehicles on a mean day.
    week : tuple of float
        Probability of a trip on each day from Monday to Sunday.
    life_days : float
        How long one keeps the habit.
    hours : tuple of (float, float, float)
        Weight, mean and spread of each group of habitual hours.
    spread_hours : float
        How far a trip lies from the habitual hour.
    """

    role: int
    traffic_share: float
    week: tuple[float, ...]
    life_days: float
    hours: tuple[tuple[float, float, float], ...]
    spread_hours: float


HABITS = (
    Habit(
        COMMUTER, 0.34, (0.85, 0.85, 0.85, 0.85, 0.85, 0.12, 0.04), 540,
        ((0.65, 17.3, 1.3), (0.25, 6.8, 1.0), (0.10, 23.0, 1.2)), 0.45,
    ),
    Habit(
        SHOPPER, 0.18, (0.06, 0.06, 0.06, 0.07, 0.13, 0.21, 0.18), 300,
        ((0.75, 16.5, 2.5), (0.25, 11.5, 1.5)), 1.6,
    ),
    Habit(
        TRADER, 0.05, (0.40, 0.42, 0.42, 0.42, 0.45, 0.30, 0.10), 400,
        ((0.6, 13.0, 2.5), (0.4, 18.5, 2.0)), 1.2,
    ),
    Habit(
        SEASONAL, 0.10, (0.12, 0.12, 0.12, 0.13, 0.17, 0.17, 0.15), 85,
        ((0.5, 17.0, 2.6), (0.3, 13.5, 3.0), (0.2, 20.5, 2.0)), 1.8,
    ),
)  # fmt: skip
"""Seasonal travellers are those who come often for a few months: work on a site, a sick parent."""

VISITOR_HOURS = ((0.5, 14.5, 3.2), (0.3, 18.5, 2.8), (0.2, 10.5, 2.5))


def habitual_hour(key: Keys, hours: tuple[tuple[float, float, float], ...]) -> Numbers:
    """Draw the hour around which somebody's trips lie.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Who, or which trip.
    hours : tuple of (float, float, float)
        Weight, mean and spread of each group.

    Returns
    -------
    array of float, shape (n,)
        Local hours, not yet on the clock.
    """
    weight, mean, spread = np.array(hours).T
    group = pick(key, "hour group", weight)
    drawn: Numbers = mean[group] + spread[group] * normal(key, "hour")
    return drawn


class Travellers:
    """Everyone who crosses in a private vehicle, week after week.

    Regular travellers decide for themselves on each day; visitors then fill each port up to
    the day's count, so that volumes follow the published counts. Where more regulars are
    willing than the count has room for, some stay at home.

    Parameters
    ----------
    setting : Setting
        World and seed; nobody is thinned out here.
    """

    def __init__(self, setting: Setting) -> None:
        self._world, self._seed = setting.world, setting.seed
        self._emitted = np.zeros(len(places().codes), dtype=np.int64)
        self._target = np.zeros(len(places().codes), dtype=np.int64)

    @cached_property
    def _mean_per_day(self) -> Numbers:
        return yearly_mean_per_day("pov", self._world.volume)

    @cached_property
    def _n_seats(self) -> list[Integers]:
        mean = self._mean_per_day
        return [
            np.round(mean * habit.traffic_share / (sum(habit.week) / 7)).astype(np.int64)
            for habit in HABITS
        ]

    @cached_property
    def _seats(self) -> list[tuple[Keys, Integers]]:
        seats = []
        for habit, count in zip(HABITS, self._n_seats, strict=True):
            port = np.repeat(np.arange(len(count)), count)
            number = np.arange(len(port)) - np.repeat(np.cumsum(count) - count, count)
            seats.append((self._seat_key(habit, port, number), port))
        return seats

    def _seat_key(self, habit: Habit, port: Integers, number: Integers) -> Keys:
        return fold(fold(root(self._seed, f"seat {habit.role}"), port), number)

    def week(self, days: range) -> Trips:
        """Let everybody decide about some days.

        Parameters
        ----------
        days : range
            Local days since 1970-01-01, following those of the call before.

        Returns
        -------
        Trips
            Everybody's trips.
        """
        willing = join([self._regulars(habit, *seats, days)
                        for habit, seats in zip(HABITS, self._seats, strict=True)])  # fmt: skip
        going, n_visitors = zip(*(self._balance(day, willing) for day in days), strict=True)
        regulars = willing.only(np.concatenate(going))
        return join([regulars, self._visitors(days, np.concatenate(n_visitors))])

    def _balance(self, day: int, willing: Trips) -> tuple[Integers, Integers]:
        self._target += daily_counts("pov", day, self._world.volume, self._seed)
        room = np.maximum(self._target - self._emitted, 0)
        today = np.flatnonzero(willing.day == day)
        going = today[place_in_queue(willing.port[today], willing.trip[today]) < room[
            willing.port[today]]]  # fmt: skip
        n_regulars = np.bincount(willing.port[going], minlength=len(room))
        visitors = room - n_regulars
        self._emitted += room
        return going, visitors

    def _regulars(self, habit: Habit, seat: Keys, port: Integers, days: range) -> Trips:
        batches = []
        for day in days:
            when = np.full(1, day)
            share = habit.week[(day + _MONDAY_OFFSET) % 7]
            goes = chance(fold(seat, when), "goes", share)
            key, at = seat[goes], np.full(int(goes.sum()), day)
            actor = generation(key, at, habit.life_days)
            trip = fold(fold(actor, "trip"), at)
            hour = habitual_hour(actor, habit.hours) + habit.spread_hours * normal(trip, "late")
            role = np.full(len(at), habit.role)
            batches.append(Trips(trip, actor, actor, role, port[goes], at, clock(hour)))
        return join(batches)

    def _visitors(self, days: range, count: Integers) -> Trips:
        n_ports = len(places().codes)
        port = np.tile(np.arange(n_ports), len(days))
        day = np.repeat(np.array(days), n_ports)
        key, port, day = slots(self._seed, "visit", port, day, count)
        actor = self._who_visits(key, port, day)
        hour = clock(habitual_hour(key, VISITOR_HOURS))
        role = np.where(self._hunts(key, day), HUNTER, VISITOR)
        return Trips(fold(key, "trip"), actor, actor, role, port, day, hour)

    def _who_visits(self, key: Keys, port: Integers, day: Integers) -> Keys:
        home = home_ports("pov", key, port, _OTHER_PORT_SHARE)
        pool = np.maximum(1, self._mean_per_day * 0.3 * _DAYS_BETWEEN_VISITS).astype(np.int64)
        place = rank(key, "visitor", pool[home], 1.3)
        actor = generation(fold(fold(root(self._seed, "visitor"), home), place), day, 365.0)
        kind = pick(key, "out of habit", (1.0 - _OUT_OF_HABIT_SHARE, *_OUT_OF_HABIT)) - 1
        for number, habit in enumerate(HABITS):
            count = self._n_seats[number][home]
            here = (kind == number) & (count > 0)
            seat = integer(key[here], "seat", count[here])
            regular = self._seat_key(habit, home[here], seat)
            actor[here] = generation(regular, day[here], habit.life_days)
        return actor

    def _hunts(self, key: Keys, day: Integers) -> Flags:
        season = np.array(
            [calendar_day(d).month in _HUNTING_MONTHS for d in np.unique(day).tolist()]
        )
        in_season = season[np.searchsorted(np.unique(day), day)]
        rate = self._world.lawful.legal_guns["pov"] * max(1.0, self._world.trafficking.oversample)
        share_of_visitors, share_of_year = 0.3, len(_HUNTING_MONTHS) / 12
        return in_season & chance(key, "hunts", rate / share_of_visitors / share_of_year)
