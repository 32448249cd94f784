"""Where and when an item leaves, against what the reference says is usual there."""

import numpy as np

from features.encoding import (
    COUNTRIES,
    MISSING,
    MODES,
    PORT_ZONES,
    PORTS,
    ZONES,
    Encoded,
    Numbers,
)
from features.line_sums import is_shipment
from features.local_time import MICROSECONDS_PER_HOUR, day_of_week, hour_of_day, local_hours
from features.reference.tables import ports, rhythms

LEAD_HOURS = {"truck": 1.0, "air": 2.0, "express": 2.0, "mail": 2.0, "ocean": 24.0}
"""How long before departure a filing is due (15 CFR 30.4(b)); for ocean, before loading."""

_SHARE_OF = {"pov": "pov_share", "bus": "bus_share", "truck": "truck_share"}


def _mode_shares(mode: str) -> list[float]:
    column = _SHARE_OF.get(mode, "stream_share")
    rows = [ports()[code] for code in PORTS]
    shares = [(getattr(row, column) or 0.0) if mode in row.modes else 0.0 for row in rows]
    return [share / sum(shares) for share in shares]


def _places(port: str) -> list[int]:
    usual = ports()[port].destinations
    return [1 + (usual.index(code) if code in usual else len(usual)) for code in COUNTRIES]


_PORT_SHARE = np.array([_mode_shares(mode) for mode in MODES])
_PLACE = np.array([_places(port) for port in PORTS])
_HOURS = np.array([rhythms()[mode, "hour"] for mode in MODES])
_DAYS = np.array([rhythms()[mode, "weekday"] for mode in MODES])
_LEAD = np.array([LEAD_HOURS.get(mode, np.nan) for mode in MODES])


def local_clock(encoded: Encoded) -> Numbers:
    """Give the local time at the port when each item was presented.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Local hours since the epoch.
    """
    zone = PORT_ZONES[encoded.items["port"]]
    return local_hours(encoded.items["presented_at"], zone, ZONES)


def local_hour(encoded: Encoded) -> Numbers:
    """Give the full hour of the local day.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        0 to 23.
    """
    return hour_of_day(encoded.shared(local_clock))


def local_weekday(encoded: Encoded) -> Numbers:
    """Give the local day of the week.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Monday 0 to Sunday 6.
    """
    return day_of_week(encoded.shared(local_clock))


def hour_traffic(encoded: Encoded) -> Numbers:
    """Give the usual traffic of the mode in the local hour, over its mean of all hours.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        1 for an average hour, less for a quiet one.
    """
    return _HOURS[encoded.items["mode"], encoded.shared(local_hour).astype(np.int64)]


def weekday_traffic(encoded: Encoded) -> Numbers:
    """Give the usual traffic of the mode on the local day of the week, over its mean.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        1 for an average day, less for a quiet one.
    """
    return _DAYS[encoded.items["mode"], encoded.shared(local_weekday).astype(np.int64)]


def lead_hours(encoded: Encoded) -> Numbers:
    """Give the time from presentation to departure.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Hours; NaN where no departure is given.
    """
    departs, presented = encoded.items["departs_at"], encoded.items["presented_at"]
    lead = (departs - presented) / MICROSECONDS_PER_HOUR
    return np.where(departs == MISSING, np.nan, lead)


def lead_margin_hours(encoded: Encoded) -> Numbers:
    """Give by how much a shipment was presented before its filing was due at the latest.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Hours, below 0 where it came later; NaN for vehicles, which file nothing.

    References
    ----------
    .. [1] 15 CFR 30.4(b)(2)(i) to (iv).
    """
    margin = encoded.shared(lead_hours) - _LEAD[encoded.items["mode"]]
    return np.where(encoded.shared(is_shipment), margin, np.nan)


def port_share(encoded: Encoded) -> Numbers:
    """Give the share of the mode's traffic that leaves by the item's port.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        0 where the mode is not known to leave by that port.
    """
    return _PORT_SHARE[encoded.items["mode"], encoded.items["port"]]


def destination_place(encoded: Encoded) -> Numbers:
    """Give the place of the destination among the usual ones of the port.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        1 for the most usual; one more than the last for a destination that is not listed.
    """
    return _PLACE[encoded.items["port"], encoded.items["destination"]].astype(np.float64)
