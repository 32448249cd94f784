"""Words for what the records say in codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from features.reference.tables import countries, exam_methods, exemptions, ports
from service.roles import SEES_IDENTIFIERS, Role
from service.web.alerts import Counts

MODES: Mapping[str, str] = {
    "pov": "Private vehicle",
    "bus": "Bus",
    "truck": "Truck",
    "air": "Air cargo",
    "ocean": "Ocean cargo",
    "express": "Express parcel",
    "mail": "Mail",
}
BANDS: Mapping[str, str] = {
    "low": "Low risk",
    "medium": "Medium risk",
    "high": "High risk",
    "very_high": "Very high risk",
}
BAND_LEVELS: Mapping[str, int] = {"low": 1, "medium": 2, "high": 3, "very_high": 4}
"""How many of four bars stand for a band."""

BODIES: Mapping[str, str] = {
    "car": "Car",
    "suv": "SUV",
    "pickup": "Pickup",
    "van": "Van",
    "motorcycle": "Motorcycle",
    "bus": "Bus",
    "tractor": "Tractor",
    "straight_truck": "Straight truck",
    "other": "Other vehicle",
}
CONTENTS: Mapping[str, str] = {
    "merchandise": "Merchandise",
    "gift": "Gift",
    "household_goods": "Household goods",
    "personal_effects": "Personal effects",
    "documents": "Documents",
    "sample": "Sample",
    "returned": "Returned goods",
}
OUTCOMES: Mapping[str, str] = {
    "clear": "Nothing found",
    "find": "Contraband found",
    "not_completed": "Not completed",
}
PICKS: Mapping[str, str] = {
    "behaviour": "Behaviour",
    "documents": "Documents",
    "dog_alert": "The dog alerted",
    "scan_anomaly": "Something odd in a scan",
    "tip": "A tip",
    "officer_judgement": "Officer's judgement",
    "other": "Other (say which in the note)",
}
SKIPS: Mapping[str, str] = {
    "no_time": "No time",
    "left_already": "It has left already",
    "not_here": "It is not here",
    "unsafe": "Not safe to open",
    "known_lawful": "Known to be lawful",
    "officer_judgement": "Officer's judgement",
    "other": "Other (say which)",
}
DIRECTIONS: Mapping[str, str] = {"raises": "Raises the risk", "lowers": "Lowers the risk"}
STRENGTHS: Mapping[str, int] = {"slight": 1, "moderate": 2, "strong": 3}
"""How many of three bars stand for a strength."""

ACTIONS: Mapping[str, str] = {
    "must_inspect": "Must be inspected",
    "raise": "Raises it",
    "release": "Releases it",
}
WOULD: Mapping[str, str] = {
    "must_inspect": "would have had to be inspected",
    "raise": "would have been raised",
    "release": "would have been released",
}
"""What an action would have done to the items that a rule would have hit."""

WAYS: Mapping[str, str] = {
    "queue": "By plan, of what has not left",
    "lane": "In the lane, item by item",
}
ARMS: Mapping[str, str] = {
    "rule": "A rule",
    "risk": "The risk",
    "exploration": "Chance",
    "officer": "An officer",
}
"""What may have chosen an item."""

TILTS: Mapping[str, str] = {
    "risk": "Towards the risk",
    "rules": "Towards rules that were hit and not acted on",
}
"""Where chance leans in what it does not draw evenly."""

OPTIONS: Mapping[str, str] = {
    "": "Not said",
    "predeparture": "Before departure",
    "postdeparture": "Up to five days after departure",
}
DONE: Mapping[str, str] = {
    "finding": "The finding is saved.",
    "claim": "It is in your hand.",
    "release": "It is in nobody's hand now.",
    "skip": "It was let go, and is off the queue.",
    "open": "The shift is open.",
    "proposed": "It is proposed; somebody with another key has to confirm it.",
    "promoted": "It is the champion now.",
    "rolled_back": "The champion of before is back.",
    "killed": "The rules alone answer now.",
    "restored": "The champion answers again.",
    "challenging": "It is in shadow.",
    "draft": "The draft is saved; somebody else has to put it in force.",
    "retired": "Nothing is in shadow now.",
    "plan": "It is planned anew.",
}
DECLARED: Mapping[str, str] = {
    "plate": "Plate",
    "plate_state": "State of the plate",
    "body": "Body",
    "model_year": "Model year",
    "occupants": "Occupants",
    "lane": "Lane",
    "trailer": "Trailer",
    "driver": "Driver",
    "form_4457": "Form 4457 (a traveller's own firearm)",
    "shipper": "Shipper",
    "consignee": "Consignee",
    "forwarder": "Forwarder",
    "consignee_address": "Consignee's address",
    "phone": "Phone",
    "container": "Container",
    "content": "Content",
    "packages": "Packages",
    "gross_weight_kg": "Gross weight, kg",
    "routed": "Routed transaction",
}
"""Fields of an item that its page shows as they were declared."""

SEES_NAMES = SEES_IDENTIFIERS
SEES_SCORES: frozenset[Role] = frozenset({"scientist", "auditor"})
"""Roles that see the risk as a number."""

PRIORITIES = ((0.3, "Very urgent"), (0.1, "Urgent"), (0.03, "Soon"), (0.01, "If time allows"))
LOWEST_PRIORITY = "Last"
"""Priority in words: firearms stopped per inspection minute, in half decades."""


def priority_level(priority: float) -> int:
    """Give the number of bars that stand for a priority.

    Parameters
    ----------
    priority : float
        Expected harm stopped per inspection minute, in firearms.

    Returns
    -------
    int
        1 to 5.

    Examples
    --------
    >>> priority_level(0.5), priority_level(0.05), priority_level(0.0)
    (5, 3, 1)
    """
    floors = [floor for floor, _ in PRIORITIES]
    return next((5 - at for at, floor in enumerate(floors) if priority >= floor), 1)


def priority_words(priority: float) -> str:
    """Put a priority into words.

    Parameters
    ----------
    priority : float
        Expected harm stopped per inspection minute, in firearms.

    Returns
    -------
    str
        The words.

    Examples
    --------
    >>> priority_words(0.5), priority_words(0.0)
    ('Very urgent', 'Last')
    """
    return next((text for floor, text in PRIORITIES if priority >= floor), LOWEST_PRIORITY)


def what_it_is(body: Mapping[str, Any]) -> str:
    """Say in a few words what an item is, without naming anybody.

    Parameters
    ----------
    body : mapping
        Its body.

    Returns
    -------
    str
        A vehicle's body, year and lane; a shipment's content and its first line.
    """
    if body["kind"] == "vehicle":
        year, lane = body.get("model_year"), body.get("lane")
        parts = [BODIES.get(body.get("body", ""), "Vehicle"), year and f"of {year}"]
        return " ".join(str(part) for part in parts if part) + (f", lane {lane}" if lane else "")
    lines = body["lines"]
    more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"{CONTENTS[body['content']]}: {lines[0]['description'] or 'not described'}{more}"


def alerted(alerts: Counts) -> str:
    """Say how many places of a page cannot wait, and why.

    Parameters
    ----------
    alerts : Counts
        How many there are of each.

    Returns
    -------
    str
        Part of a sentence.

    Examples
    --------
    >>> alerted(Counts(2, 0, [{}]))
    '2 must be inspected, 1 leaves soon'
    """
    n_late = len(alerts.late)
    said = (
        f"{alerts.must} must be inspected" if alerts.must else "",
        f"{alerts.severe} {'is' if alerts.severe == 1 else 'are'} of very high risk"
        if alerts.severe
        else "",
        f"{n_late} {'leaves' if n_late == 1 else 'leave'} soon" if n_late else "",
    )
    return ", ".join(each for each in said if each)


def plain(code: str) -> str:
    """Write a code as words where there are no better ones.

    Parameters
    ----------
    code : str
        Such as `prior_seizure`.

    Returns
    -------
    str
        Such as `prior seizure`.
    """
    return code.replace("_", " ")


def declared(field: str, value: object) -> str:
    """Write a declared value.

    Parameters
    ----------
    field : str
        Field of an item.
    value : object
        What it holds.

    Returns
    -------
    str
        Codes as words, numbers with separators.

    Examples
    --------
    >>> declared("routed", True), declared("packages", 1200), declared("content", "gift")
    ('Yes', '1,200', 'Gift')
    """
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return f"{value:,.1f}"
    if isinstance(value, int):
        return str(value) if field == "model_year" else f"{value:,}"
    coded: Mapping[str, Mapping[str, str]] = {"body": BODIES, "content": CONTENTS}
    return coded.get(field, {}).get(str(value), str(value))


def moment(written: str) -> datetime:
    """Read a time as a stored body holds it.

    Parameters
    ----------
    written : str
        RFC 3339, UTC.

    Returns
    -------
    datetime.datetime
        The moment.
    """
    return datetime.fromisoformat(written)


def exemption(citation: str) -> str:
    """Say what an exemption covers.

    Parameters
    ----------
    citation : str
        Section and paragraph of 15 CFR.

    Returns
    -------
    str
        A few words.
    """
    return exemptions()[citation].text


def exam(code: str) -> str:
    """Give the name of an exam, also of one that is not in the table any more.

    Parameters
    ----------
    code : str
        Its code.

    Returns
    -------
    str
        Its name.
    """
    known = exam_methods().get(code)
    return known.name if known else plain(code)


def group(by: str, code: str) -> str:
    """Name a group of items whose burden is told.

    Parameters
    ----------
    by : str
        What the groups are of: `port`, `mode`, `route`, `body` or `shipper_size`.
    code : str
        The group; `none` holds what has no such thing.

    Returns
    -------
    str
        Its name.

    Examples
    --------
    >>> group("mode", "pov"), group("body", "none"), group("shipper_size", "2 to 9")
    ('Private vehicle', 'No vehicle', '2 to 9')
    >>> group("route", "pov MX")
    'Private vehicle to Mexico'
    """
    nothing = {"body": "No vehicle", "shipper_size": "No shipper"}
    if code == "none" and by in nothing:
        return nothing[by]
    if by == "route":
        mode, _, country = code.partition(" ")
        return f"{MODES[mode]} to {countries()[country].name}"
    if by == "port" and code in ports():
        return f"{ports()[code].name} ({code})"
    coded: Mapping[str, Mapping[str, str]] = {"mode": MODES, "body": BODIES}
    return coded.get(by, {}).get(code, code)
