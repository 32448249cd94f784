"""Ports as arrays: codes, clocks, destinations and shares by mode."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from features.local_time import offset_hours
from features.reference.tables import ports
from training.simulation.draws import Integers, Numbers
from training.simulation.world import Mode, Stream

SOUTH_FLORIDA = frozenset(
    {"5201", "5202", "5203", "5204", "5205", "5206", "5270", "5271", "5272", "5273"}
)
"""Ports from Fort Pierce to Key West, of which sas.florida speaks."""

CARIBBEAN = frozenset(
    {
        *("AG", "AI", "AW", "BB", "BM", "BQ", "BS", "CU", "CW", "DM", "DO", "GD", "GP", "GY"),
        *("HT", "JM", "KN", "KY", "LC", "MQ", "MS", "PR", "SR", "SX", "TC", "TT", "VC", "VG", "VI"),
    }
)
"""Destinations of the Caribbean stream, the Guianas and Bermuda included."""

_DAY_US, _HOUR_US = 86_400_000_000, 3_600_000_000
_NOON = 12
_ELSEWHERE_SHARE = 0.125


def stream_of(destination: str) -> Stream:
    """Tell which stream a destination belongs to.

    Parameters
    ----------
    destination : str
        ISO 3166-1 alpha-2 code.

    Returns
    -------
    str
        `mexico`, `caribbean`, or `latin_america` for everywhere else.
    """
    if destination == "MX":
        return "mexico"
    return "caribbean" if destination in CARIBBEAN else "latin_america"


@dataclass(frozen=True)
class Places:
    """Every port, in the order of its code; positions in it stand for ports everywhere below.

    Parameters
    ----------
    codes : tuple of str
        Schedule D codes.
    states : tuple of str
        US state of each port.
    zones : tuple of str
        IANA zone of each port.
    south_florida : array of bool, shape (p,)
        Whether the port belongs to South Florida.
    countries : tuple of str
        Every destination that some port has.
    """

    codes: tuple[str, ...]
    states: tuple[str, ...]
    zones: tuple[str, ...]
    south_florida: np.ndarray[tuple[int], np.dtype[np.bool_]]
    countries: tuple[str, ...]

    def to_utc(self, port: Integers, day: Integers, hour: Numbers) -> Integers:
        """Turn local days and hours into moments.

        Parameters
        ----------
        port : array of int, shape (n,)
            Positions of ports.
        day : array of int, shape (n,)
            Local days since 1970-01-01.
        hour : array of float, shape (n,)
            Local hours since midnight.

        Returns
        -------
        array of int, shape (n,)
            Microseconds since the epoch, UTC. The offset is that of local noon.
        """
        zone_names = sorted(set(self.zones))
        zone = np.array([zone_names.index(name) for name in self.zones])[port]
        pairs, where = np.unique(day * len(zone_names) + zone, return_inverse=True)
        offsets = np.array(
            [
                offset_hours(
                    zone_names[pair % len(zone_names)], pair // len(zone_names) * 24 + _NOON
                )
                for pair in pairs.tolist()
            ]
        )
        local = day * _DAY_US + (hour * _HOUR_US).astype(np.int64)
        return local - (offsets[where] * _HOUR_US).astype(np.int64)

    def destination_weights(self, stream: Stream | None = None) -> Numbers:
        """Give how often each port sends to each country.

        Parameters
        ----------
        stream : str, optional
            Only destinations of this stream.

        Returns
        -------
        array of float, shape (p, c)
            Weights that fall with the place of a country in the port's list (an assumption of
            this project: the inverse of its place to the power 0.7, Mexico always first). One
            item in eight goes where all ports together send theirs, so that no route is used by
            one kind of sender only.
        """
        weights = np.zeros((len(self.codes), len(self.countries)))
        for row, code in enumerate(self.codes):
            for place, country in enumerate(ports()[code].destinations, start=1):
                if stream is None or stream_of(country) == stream:
                    rank = 1 if country == "MX" else place
                    weights[row, self.countries.index(country)] = rank**-0.7
        everywhere = weights.sum(axis=0) / weights.sum()
        own = weights.sum(axis=1, keepdims=True)
        listed = np.divide(weights, own, out=np.zeros_like(weights), where=own > 0)
        mixed: Numbers = listed * (1.0 - _ELSEWHERE_SHARE) + everywhere * _ELSEWHERE_SHARE
        return mixed

    def neighbours(self, mode: Mode) -> Numbers:
        """Give where those who belong to one port may turn up instead.

        Parameters
        ----------
        mode : str
            A mode of items.

        Returns
        -------
        array of float, shape (p, p)
            Weights by port: the shares of the other ports of its state for land modes, of all
            ports of the mode otherwise.
        """
        shares = self.shares(mode)
        weights: Numbers = np.tile(shares, (len(shares), 1))
        if mode in ("pov", "bus", "truck"):
            states = np.array(self.states)
            weights = weights * (states[:, None] == states[None, :])
        return weights + 1e-9 * np.eye(len(shares))

    def shares(self, mode: Mode) -> Numbers:
        """Give how the traffic of a mode divides over the ports.

        Parameters
        ----------
        mode : str
            A mode of items.

        Returns
        -------
        array of float, shape (p,)
            Shares that add up to 1; 0 where the mode does not leave.
        """
        rows = [ports()[code] for code in self.codes]
        column = {"pov": "pov_share", "bus": "bus_share", "truck": "truck_share"}.get(
            mode, "stream_share"
        )
        shares = np.array(
            [(getattr(row, column) or 0.0) if mode in row.modes else 0.0 for row in rows]
        )
        whole: Numbers = shares / shares.sum()
        return whole


@cache
def places() -> Places:
    """Give the ports of the reference table as arrays.

    Returns
    -------
    Places
        All 55 ports.
    """
    rows = [ports()[code] for code in sorted(ports())]
    countries = sorted({country for row in rows for country in row.destinations})
    return Places(
        codes=tuple(row.code for row in rows),
        states=tuple(row.state for row in rows),
        zones=tuple(row.time_zone for row in rows),
        south_florida=np.array([row.code in SOUTH_FLORIDA for row in rows]),
        countries=tuple(countries),
    )
