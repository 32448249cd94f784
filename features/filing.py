"""Export-filing law as functions: when a line needs a filing, and what a declaration breaks.

What a record cannot say is stated where it matters: the conveyance is taken to be mode, port
and departure, and cargo by sea, air, road or courier is taken to move under a bill of lading
or air waybill.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from features import filing_duties as duties
from features.arms import read_arms
from features.entities import normalise
from features.filing_claims import BAGGAGE, WAYBILL_MODES, Breach, exemption_breach
from features.filing_duties import FilingDuty
from features.filing_goods import is_licensed, is_used_vehicle, is_vehicle, licence_kind
from features.items import Content, Line, Shipment, ShipmentMode, Vehicle
from features.reference.tables import countries

LOW_VALUE_CENTS = 250_000
"""Most that goes without a filing per filing key: $2,500 (15 CFR 30.37(a))."""

HOUSEHOLD_GOODS = "household goods"
"""Stands for the Schedule B number of household goods, which need none (15 CFR 30.38)."""

OUTSIDE_THE_RULES = frozenset({"US", "AS", "GU", "MP", "UM"})
"""Destinations whose goods are not exports here (15 CFR 30.2(d)(2))."""


class Conveyance(NamedTuple):
    """One departure, as far as a record tells departures apart."""

    mode: ShipmentMode
    port: str
    departs_at: datetime


class FilingKey(NamedTuple):
    """What the low-value exemption is judged by (15 CFR 30.37(a)).

    Parameters
    ----------
    schedule_b : str
        The digits as declared, or `HOUSEHOLD_GOODS`.
    shipper, consignee : str
        Normalised identifiers.
    conveyance : Conveyance
        The departure.
    """

    schedule_b: str
    shipper: str
    consignee: str
    conveyance: Conveyance


def line_cents(line: Line) -> int:
    """Give the declared value of a line in whole US cents, exactly.

    Parameters
    ----------
    line : Line
        One declared line.

    Returns
    -------
    int
        Cents, 0 to 10^11.
    """
    return int(line.value_usd * 100)


def filing_keys(shipment: Shipment) -> list[FilingKey]:
    """Give the keys by which the values of a shipment's lines are added up.

    One lot split over boxes or shipments keeps its key. Household goods under a bill of lading
    need no Schedule B number (15 CFR 30.38), so they are added up together.

    Parameters
    ----------
    shipment : Shipment
        A validated shipment.

    Returns
    -------
    list of FilingKey
        One per line, in order: number as declared, shipper, consignee and conveyance.
    """
    parties = normalise(shipment.shipper), normalise(shipment.consignee)
    conveyance = Conveyance(shipment.mode, shipment.port, shipment.departs_at)
    return [FilingKey(_number_of(shipment, line), *parties, conveyance) for line in shipment.lines]


def _number_of(shipment: Shipment, line: Line) -> str:
    short = is_short_filed(shipment.mode, shipment.content)
    return HOUSEHOLD_GOODS if short else line.schedule_b


def totals(shipments: Iterable[Shipment]) -> dict[FilingKey, int]:
    """Add up what is declared per filing key.

    Parameters
    ----------
    shipments : iterable of Shipment
        Current versions only: an amended shipment counts once.

    Returns
    -------
    dict of FilingKey to int
        Declared value in US cents.
    """
    sums: dict[FilingKey, int] = {}
    for shipment in shipments:
        for key, line in zip(filing_keys(shipment), shipment.lines, strict=True):
            sums[key] = sums.get(key, 0) + line_cents(line)
    return sums


def _is_baggage(line: Line, content: Content) -> bool:
    return licence_kind(line.license) == "baggage" and content in BAGGAGE


def filing_required(
    line: Line, *, total_cents: int, mode: ShipmentMode, content: Content, destination: str
) -> FilingDuty:
    """Tell whether a line must have an export filing.

    What is filed whatever its value comes first: firearms and ammunition, licensed goods, used
    vehicles, anything for Country Group E. Then come Canada, vehicles, and last the value.

    Parameters
    ----------
    line : Line
        One declared line.
    total_cents : int
        Declared value in US cents of the line's filing key on its conveyance, the line itself
        included.
    mode : str
        How the shipment leaves.
    content : str
        Declared category of the shipment.
    destination : str
        ISO 3166-1 code.

    Returns
    -------
    FilingDuty
        The duty, the rule that decided, and the exemptions that can lift it.

    References
    ----------
    .. [1] 15 CFR 30.2(a)(1)(iv), 30.2(d)(2), 30.36, 30.37(a), 30.37(y), 30.38.
    .. [2] 15 CFR 758.1(b)(1), (2), (9), 758.11.
    """
    if destination in OUTSIDE_THE_RULES:
        return duties.OUTSIDE
    whatever_the_value = _duty_of_goods(line, content) or _duty_of_destination(line, destination)
    if whatever_the_value is not None:
        return whatever_the_value
    if total_cents <= LOW_VALUE_CENTS:
        return duties.LOW_VALUE
    return duties.HOUSEHOLD if is_short_filed(mode, content) else duties.VALUE


def _duty_of_goods(line: Line, content: Content) -> FilingDuty | None:
    arms = duties.ARMS.get(read_arms(line))
    if arms is not None:
        return duties.BAG if _is_baggage(line, content) else arms
    if is_licensed(line):
        return duties.LICENSED
    return duties.USED_VEHICLE if is_used_vehicle(line) else None


def _duty_of_destination(line: Line, destination: str) -> FilingDuty | None:
    if countries()[destination].group_e:
        return duties.GROUP_E
    if destination == "CA":
        return duties.CANADA
    return duties.VEHICLE if is_vehicle(line) else None


def is_short_filed(mode: ShipmentMode, content: Content) -> bool:
    """Tell whether goods go by a short filing that has no Schedule B number (15 CFR 30.38).

    Parameters
    ----------
    mode : str
        How they leave.
    content : str
        Declared category.

    Returns
    -------
    bool
        True for household goods under a bill of lading or air waybill.
    """
    return content == "household_goods" and mode in WAYBILL_MODES


def is_filed(shipment: Shipment) -> bool:
    """Tell whether a shipment has a filing, made or lawfully still to come.

    Parameters
    ----------
    shipment : Shipment
        A validated shipment.

    Returns
    -------
    bool
        True with an ITN, or with postdeparture filing and no exemption (15 CFR 30.5(c): up
        to five days after departure, so there is no ITN yet).
    """
    filing = shipment.filing
    return filing.itn is not None or (filing.option == "postdeparture" and filing.exemption is None)


def filing_breaches(
    item: Vehicle | Shipment, known_totals: Mapping[FilingKey, int] | None = None
) -> tuple[Breach, ...]:
    """List the rules of filing that an item's declaration breaks.

    Parameters
    ----------
    item : Vehicle or Shipment
        A validated item. A vehicle declares no goods and breaks nothing: a traveller's
        baggage is declared by word of mouth, a firearm under BAG on Form 4457.
    known_totals : mapping of FilingKey to int, optional
        Declared cents per key over all shipments of the conveyance (`totals`); without it,
        and for keys it lacks, the item alone is added up.

    Returns
    -------
    tuple of Breach
        Each rule at most once per filing key, in the order of the lines; then what is wrong
        with the shipment as a whole.
    """
    if isinstance(item, Vehicle):
        return ()
    judged = tuple(_judge(item, known_totals or {}))
    misuse = exemption_breach(item)
    if is_filed(item):
        found = [*_late_filing(item, judged), *_needless_exemption(item, judged)]
    else:
        found = list(_unfiled(item, judged, None if misuse else item.filing.exemption))
    return (*found, misuse) if misuse else tuple(found)


class _Judged(NamedTuple):
    at: int
    number: str
    duty: FilingDuty
    split: bool


def _judge(item: Shipment, known_totals: Mapping[FilingKey, int]) -> Iterator[_Judged]:
    own: dict[str, int] = {}
    keys = filing_keys(item)
    for key, line in zip(keys, item.lines, strict=True):
        own[key.schedule_b] = own.get(key.schedule_b, 0) + line_cents(line)
    for at, (key, line) in enumerate(zip(keys, item.lines, strict=True)):
        number = key.schedule_b
        total = max(own[number], known_totals.get(key, 0))
        duty = filing_required(
            line,
            total_cents=total,
            mode=item.mode,
            content=item.content,
            destination=item.destination,
        )
        yield _Judged(at, number, duty, split=own[number] <= LOW_VALUE_CENTS < total)


def _unfiled(
    item: Shipment, judged: tuple[_Judged, ...], exemption: str | None
) -> Iterator[Breach]:
    seen: set[tuple[str, str]] = set()
    for index, number, duty, split in judged:
        if not duty.required or exemption in duty.lifted_by or (duty.code, number) in seen:
            continue
        seen.add((duty.code, number))
        on_value = duty.code in ("value_unfiled", "household_unfiled")
        shared = ", together with other shipments of it" if on_value and split else ""
        yield Breach(
            duty.code,
            f"line {index + 1} ({item.lines[index].schedule_b}): {duty.why}{shared}; none is given",
            duty.citation,
            index,
        )


def _late_filing(item: Shipment, judged: tuple[_Judged, ...]) -> Iterator[Breach]:
    if item.filing.option != "postdeparture":
        return
    if item.routed:
        text = "a routed transaction is filed before departure"
        yield Breach("postdeparture", text, "15 CFR 30.4(a)", None)
        return
    for index, _, duty, _ in judged:
        if duty.required and not duty.lifted_by:
            text = f"line {index + 1}: these goods are filed before departure ({duty.why})"
            yield Breach("postdeparture", text, "15 CFR 30.4(a)", index)
            return


def _needless_exemption(item: Shipment, judged: tuple[_Judged, ...]) -> Iterator[Breach]:
    exemption = item.filing.exemption
    if exemption is None:
        return
    mixed = exemption == "30.37(a)" and any(not line.duty.required for line in judged)
    if not mixed:
        text = f"a filing is given and exemption {exemption} is claimed instead of one"
        yield Breach("filed_and_exempt", text, "15 CFR 30.7", None)
