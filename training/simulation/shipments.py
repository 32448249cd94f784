"""Shipments as items: consignments with their lines, filings and times."""

import numpy as np
import polars as pl

from features.reference.tables import countries
from training.simulation.columns import dollars, identifiers, lists, times, where, words
from training.simulation.consignments import Consignments
from training.simulation.draws import (
    Flags,
    Integers,
    Keys,
    chance,
    fold,
    integer,
    lognormal,
    pick,
    uniform,
)
from training.simulation.goods import goods
from training.simulation.lines import (
    FAMILY,
    LICENSED,
    PAPERS,
    SELLER,
    VEHICLES,
    Lines,
    Senders,
    make_lines,
)
from training.simulation.places import places
from training.simulation.rhythm import calendar_day
from training.simulation.world import Mode, World

CONTENTS = ("merchandise", "gift", "household_goods", "personal_effects", "documents", "sample",
            "returned")  # fmt: skip
_MERCHANDISE, _GIFT, _HOUSEHOLD, _EFFECTS, _DOCUMENTS, _SAMPLE, _RETURNED = range(7)
_PRIVATE = (_GIFT, _HOUSEHOLD, _EFFECTS, _DOCUMENTS)
_THRESHOLD_CENTS = 250_000
_HOUR_US = 3_600_000_000
_SECOND_US = 1_000_000

_SOURCE = {"truck": "ace", "air": "aes", "ocean": "aes", "express": "express", "mail": "itmatt"}
_STAY_HOURS = {
    "truck": (1.0, 0.8, 0.5), "air": (2.5, 7.0, 0.6), "ocean": (24.0, 40.0, 0.6),
    "express": (2.0, 4.0, 0.5), "mail": (3.0, 12.0, 0.5),
}  # fmt: skip
"""Least hours before departure (decision.windows), then median and sigma of what comes on top."""

_LEAD_HOURS = {"truck": 1.0, "air": 3.0, "ocean": 20.0, "express": 2.0, "mail": 4.0}
_LATE_DATA_SHARE = 0.06
_SELLERS_CLAIM_SHARE = 0.12
"""Share of honest parcels of goods whose sender would call them a gift to spare the buyer the
duty; half of them do. A choice of this project, so that a gift of many pieces is no sign of guilt.
"""

_BY_BOX = {"truck": 0.9, "air": 0.0, "ocean": 0.75, "express": 0.0, "mail": 0.0}
_FORWARDED = {"truck": 0.55, "air": 0.7, "ocean": 0.65, "express": 0.05, "mail": 0.0}
_HAS_PHONE = {"truck": 0.3, "air": 0.45, "ocean": 0.5, "express": 0.8, "mail": 0.7}


def shipment_items(mode: Mode, world: World, batch: Consignments) -> pl.DataFrame:
    """Write consignments as items of kind shipment.

    Parameters
    ----------
    mode : str
        A mode of shipments.
    world : World
        Parameters.
    batch : Consignments
        The consignments.

    Returns
    -------
    polars.DataFrame
        The columns of a shipment, one row per consignment, in their order.
    """
    trips, n = batch.trips, len(batch)
    key = trips.trip
    senders = Senders(key, trips.actor, trips.role, batch.tilted)
    lines = make_lines(mode, world, senders)
    content = _content(mode, world, batch)
    at = trips.at
    departs = at + (_HOUR_US * _stay_hours(mode, key)).astype(np.int64)
    return pl.DataFrame(
        {
            "item_id": identifiers(key, "XXXXXXXXXXXXXXXX"),
            "source": pl.repeat(_SOURCE[mode], n, eager=True),
            "received_at": times(_received(mode, key, at)),
            "kind": pl.repeat("shipment", n, eager=True),
            "mode": pl.repeat(mode, n, eager=True),
            "port": words(places().codes, trips.port),
            "presented_at": times(at),
            "departs_at": times(departs),
            "destination": words(places().countries, batch.destination),
            "shipper": identifiers(trips.actor, "SXXXXXXXXXXXX"),
            "consignee": identifiers(batch.consignee, "CXXXXXXXXXXXX"),
            "forwarder": where(
                chance(key, "forwarded", _FORWARDED[mode]),
                identifiers(batch.forwarder, "FXXXXXXXX"),
            ),
            "consignee_address": where(
                chance(key, "address given", 0.9), identifiers(batch.address, "AXXXXXXXXXXXX")
            ),
            "phone": where(
                chance(key, "phone given", _HAS_PHONE[mode]),
                identifiers(batch.phone, "9999999999"),
            ),
            "filing": _filing(world, batch, lines, content),
            "routed": _routed(mode, batch),
            "content": words(CONTENTS, content),
            "packages": pl.Series(_packages(batch, lines)),
            "gross_weight_kg": pl.Series(_gross_weight(key, lines, n)),
            "container": where(
                chance(key, "boxed", _BY_BOX[mode]), identifiers(_container(batch), "AAAU9999999")
            ),
            "lines": _line_lists(batch, lines),
        }
    )


def _content(mode: Mode, world: World, batch: Consignments) -> Integers:
    role, key = batch.trips.role, batch.trips.trip
    content = np.full(len(batch), _MERCHANDISE)
    selling = pick(key, "sold as", (0.94, 0.0, 0.0, 0.0, 0.0, 0.03, 0.03))
    content = np.where(role == SELLER, selling, content)
    content = np.where(role == PAPERS, _DOCUMENTS, content)
    gift_share = {"mail": 0.9, "express": 0.8, "air": 0.4}.get(mode, 0.25)
    home = pick(key, "kept as", (0.0, 0.0, 0.65, 0.35))
    sent = np.where(chance(key, "gift", gift_share), _GIFT, home)
    content = np.where(role == FAMILY, sent, content)
    parcels = mode in ("express", "mail")
    share = np.where(batch.tilted, world.trafficking.gift_share, _SELLERS_CLAIM_SHARE)
    honest_gifts = (content == _GIFT) | (role == FAMILY)
    claims = parcels & ~honest_gifts & chance(key, "claims a gift", share)
    claims &= chance(key, "claims", 0.5)
    return np.where(claims, _GIFT, content)


def _stay_hours(mode: Mode, key: Keys) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    least, median, sigma = _STAY_HOURS[mode]
    return least + lognormal(key, "stay", median, sigma)


def _received(mode: Mode, key: Keys, at: Integers) -> Integers:
    lead = lognormal(key, "lead", _LEAD_HOURS[mode], 0.5) * _HOUR_US
    late = 1 + integer(key, "late data", 90)
    on_time = at - lead.astype(np.int64)
    return np.where(chance(key, "late data", _LATE_DATA_SHARE), at + late * _SECOND_US, on_time)


def _largest_number(batch: Consignments, lines: Lines) -> Integers:
    table = goods()
    cell = lines.owner * len(table.numbers) + lines.heading
    cells, index = np.unique(cell, return_inverse=True)
    totals = np.zeros(len(cells), dtype=np.int64)
    np.add.at(totals, index, lines.cents)
    largest = np.zeros(len(batch), dtype=np.int64)
    np.maximum.at(largest, cells // len(table.numbers), totals)
    return largest


def must_file(batch: Consignments, lines: Lines, content: Integers) -> Flags:
    """Tell which shipments need a filing.

    Parameters
    ----------
    batch : Consignments
        Shipments.
    lines : Lines
        Their lines.
    content : array of int, shape (n,)
        Positions in `CONTENTS`.

    Returns
    -------
    array of bool, shape (n,)
        True above $2,500 for any heading, or for household goods in all; for used vehicles and
        licensed arms whatever their value; and for what is sold to Country Group E.

    References
    ----------
    .. [1] 15 CFR 30.37(a), 30.37(y), 30.38, 30.2(a)(1)(iv), 758.1(b).
    """
    always = np.isin(batch.trips.role, (VEHICLES, LICENSED))
    always |= _to_group_e(batch) & ~np.isin(content, _PRIVATE)
    whole = np.bincount(lines.owner, weights=lines.cents, minlength=len(batch))
    judged = np.where(content == _HOUSEHOLD, whole, _largest_number(batch, lines))
    return always | (judged > _THRESHOLD_CENTS)


def _to_group_e(batch: Consignments) -> Flags:
    listed = np.array([countries()[code].group_e for code in places().countries])
    to_group_e: Flags = listed[batch.destination]
    return to_group_e


def _filing(world: World, batch: Consignments, lines: Lines, content: Integers) -> pl.Series:
    key, role = batch.trips.trip, batch.trips.role
    files = must_file(batch, lines, content)
    careful = np.isin(role, (VEHICLES, LICENSED))
    files &= careful | ~chance(key, "forgets to file", world.lawful.unfiled_share)
    files |= chance(key, "files anyway", np.where(np.isin(role, (FAMILY, PAPERS)), 0.01, 0.12))
    gift = (content == _GIFT) & chance(key, "claims (h)", 0.5)
    claim = np.where(content == _DOCUMENTS, 2, gift.astype(np.int64))
    claim = np.where(_to_group_e(batch) & np.isin(content, _PRIVATE), 3, claim)
    exempt = words(("30.37(a)", "30.37(h)", "30.37(t)", "30.37(y)"), claim)
    later = (
        chance(key, "files later", 0.08) & ~_is_routed(batch) & ~np.isin(role, (VEHICLES, LICENSED))
    )
    option = words(("predeparture", "postdeparture"), later.astype(np.int64))
    dates = [f"X{calendar_day(int(day)):%Y%m%d}" for day in np.unique(batch.trips.day)]
    day = words(dates, np.searchsorted(np.unique(batch.trips.day), batch.trips.day))
    itn = day + identifiers(fold(key, "itn"), "999999")
    return pl.DataFrame(
        {
            "itn": where(files, itn),
            "exemption": where(~files, exempt),
            "option": where(files, option),
        }
    ).to_struct("filing")


def _routed(mode: Mode, batch: Consignments) -> pl.Series:
    return where(np.full(len(batch), mode != "mail"), pl.Series(_is_routed(batch)))


def _is_routed(batch: Consignments) -> Flags:
    return chance(batch.trips.trip, "routed", 0.18)


def _packages(batch: Consignments, lines: Lines) -> Integers:
    units = np.bincount(lines.owner, weights=lines.quantity, minlength=len(batch))
    share = 0.02 + 0.3 * uniform(batch.trips.trip, "packing")
    return np.clip(np.ceil(units * share), 1, 800).astype(np.int64)


def _gross_weight(key: Keys, lines: Lines, n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    net = np.bincount(lines.owner, weights=lines.grams, minlength=n)
    gross = net * (1.03 + 0.12 * uniform(key, "packaging"))
    return np.round(gross / 100) / 10


def _container(batch: Consignments) -> Keys:
    trips = batch.trips
    box = fold(fold(fold(trips.port.astype(np.uint64), trips.day), batch.destination), "box")
    return fold(box, integer(trips.trip, "box", 4))


def _line_lists(batch: Consignments, lines: Lines) -> pl.Series:
    table = goods()
    licensed = batch.trips.role[lines.owner] == LICENSED
    eccn = where(licensed, words(table.eccns, lines.heading))
    license_key = fold(batch.trips.actor, "licence")[lines.owner]
    return lists(
        {
            "schedule_b": words(table.schedule_b, lines.number),
            "description": words(table.texts, lines.text),
            "value_usd": dollars(lines.cents),
            "quantity": pl.Series(lines.quantity),
            "weight_kg": pl.Series(lines.grams / 1000),
            "eccn": eccn,
            "license": where(licensed, identifiers(license_key, "D999999")),
        },
        np.bincount(lines.owner, minlength=len(batch)),
    )
