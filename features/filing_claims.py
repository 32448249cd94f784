"""Claims of an exemption, and whether the shipment is one that the exemption is for."""

from collections.abc import Mapping
from typing import NamedTuple

from features.items import Shipment
from features.reference.tables import countries

WAYBILL_MODES = frozenset({"truck", "air", "ocean", "express"})
"""Modes whose cargo is taken to move under a bill of lading or air waybill."""

BAGGAGE = frozenset({"personal_effects", "household_goods"})
"""Contents that a traveller's baggage may have."""

CONTENT_OF: Mapping[str, frozenset[str]] = {
    "30.37(h)": frozenset({"gift"}),
    "30.37(k)": frozenset({"documents"}),
    "30.37(p)": BAGGAGE,
    "30.37(t)": frozenset({"documents"}),
    "30.37(x)": BAGGAGE,
}
NOT_UNDER_WAYBILL = frozenset({"30.37(b)", "30.37(m)", "30.37(n)", "30.37(p)"})


class Breach(NamedTuple):
    """One rule that a declaration breaks.

    Parameters
    ----------
    code : str
        Name of the rule.
    text : str
        What is wrong, in an inspector's words.
    citation : str
        The law.
    line : int or None
        Index of the first line at fault; none if it is the shipment as a whole.
    """

    code: str
    text: str
    citation: str
    line: int | None


def exemption_breach(item: Shipment) -> Breach | None:
    """Tell what is wrong with the exemption that a shipment claims.

    The low-value exemption 30.37(a) is judged line by line elsewhere; here it never fails.

    Parameters
    ----------
    item : Shipment
        A validated shipment.

    Returns
    -------
    Breach or None
        `exemption_misused`, or none if nothing is claimed or the claim can hold.

    References
    ----------
    .. [1] 15 CFR 30.36, 30.37(b), (h), (k), (m), (n), (p), (t), (x), (y).
    """
    exemption = item.filing.exemption
    if exemption is None:
        return None
    fault = _exemption_fault(item, exemption)
    if fault is None:
        return None
    text = f"exemption {exemption} is claimed, but {fault}"
    return Breach("exemption_misused", text, f"15 CFR {exemption}", None)


def _exemption_fault(item: Shipment, exemption: str) -> str | None:
    if exemption == "30.36" and item.destination != "CA":
        return f"the goods go to {item.destination}, not to Canada"
    if exemption == "30.37(y)" and not countries()[item.destination].group_e:
        return f"{item.destination} is not in Country Group E"
    if item.content not in CONTENT_OF.get(exemption, (item.content,)):
        return f"the content is declared as {item.content.replace('_', ' ')}"
    if exemption in NOT_UNDER_WAYBILL and item.mode in WAYBILL_MODES:
        return "the goods move as cargo under a bill of lading or air waybill"
    return None
