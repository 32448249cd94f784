"""The law of `features.filing` over arrays: lines that need a filing, exemptions misclaimed.

It is the same law, item by item: a property test holds the two equal. What only other shipments
of the conveyance could show is not known here.
"""

from collections.abc import Iterable

import numpy as np

from features import filing_duties as duties
from features.declared_text import is_called_used
from features.declared_value import THRESHOLD_CENTS, UNDER_WAYBILL, key_totals
from features.encoding import (
    CONTENTS,
    COUNTRIES,
    EXEMPTIONS,
    MISSING,
    OPTIONS,
    Encoded,
    Flags,
    Numbers,
)
from features.filing import OUTSIDE_THE_RULES
from features.filing_claims import BAGGAGE, CONTENT_OF, NOT_UNDER_WAYBILL
from features.line_readings import ARMS, HEADINGS, LICENCES
from features.line_sums import count_lines, of_shipments
from features.reference.tables import countries, headings


def _among(codes: dict[str, int], chosen: Iterable[str]) -> Flags:
    """Tell per code whether it is chosen; the last element answers for `MISSING`."""
    found = np.zeros(len(codes) + 1, dtype=np.bool_)
    found[[codes[word] for word in chosen]] = True
    return found


_ABROAD = ~_among(COUNTRIES, OUTSIDE_THE_RULES)
_GROUP_E = _among(COUNTRIES, [code for code, country in countries().items() if country.group_e])
_CANADA = _among(COUNTRIES, ["CA"])
_BAGGAGE = _among(CONTENTS, sorted(BAGGAGE))
# vehicles, household goods and values above the threshold: one set of exemptions for all three
_LIFTS_VALUE = _among(EXEMPTIONS, sorted(duties.VALUE.lifted_by))
_LIFTS_GROUP_E = _among(EXEMPTIONS, sorted(duties.GROUP_E.lifted_by))
_NO_WAYBILL = _among(EXEMPTIONS, sorted(NOT_UNDER_WAYBILL))
_TO_CANADA = _among(EXEMPTIONS, ["30.36"])
_TO_GROUP_E = _among(EXEMPTIONS, ["30.37(y)"])
_FIREARMS = np.isin(ARMS, sorted(duties.ARMS))
_VEHICLES = np.array([*(headings()[each].kind == "vehicle" for each in HEADINGS), False])
_ALLOWED = np.ones((len(EXEMPTIONS) + 1, len(CONTENTS) + 1), dtype=np.bool_)
for _exemption, _contents in CONTENT_OF.items():
    _ALLOWED[EXEMPTIONS[_exemption]] = _among(CONTENTS, sorted(_contents))


def is_misused(encoded: Encoded) -> Flags:
    """Tell which items claim an exemption that is not for them.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of bool, shape (n,)
        True as `features.filing_claims.exemption_breach` finds a breach.
    """
    claim, destination = encoded.items["exemption"], encoded.items["destination"]
    return (
        (_TO_CANADA[claim] & ~_CANADA[destination])
        | (_TO_GROUP_E[claim] & ~_GROUP_E[destination])
        | ~_ALLOWED[claim, encoded.items["content"]]
        | (_NO_WAYBILL[claim] & UNDER_WAYBILL[encoded.items["mode"]])
    )


def is_filed(encoded: Encoded) -> Flags:
    """Tell which items have a filing, made or lawfully still to come.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of bool, shape (n,)
        True as `features.filing.is_filed` has it.
    """
    later = encoded.items["option"] == OPTIONS["postdeparture"]
    unclaimed = encoded.items["exemption"] == MISSING
    filed: Flags = (encoded.items["has_itn"] == 1) | (later & unclaimed)
    return filed


def unlifted_duty(encoded: Encoded) -> Flags:
    """Tell which lines need a filing that the exemption claimed does not lift.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of bool, shape (m,)
        True where `features.filing.filing_required` requires one, the item alone added up,
        and the exemption of the item is misused or cannot lift the duty.
    """
    owner, items = encoded.line_item, encoded.items
    destination = items["destination"][owner]
    claim = np.where(encoded.shared(is_misused), MISSING, items["exemption"])[owner]
    whatever_the_value, settled = _duty_of_goods(encoded)
    to_group_e = _GROUP_E[destination]
    _, cents, key = encoded.shared(key_totals)
    by_value = _VEHICLES[encoded.lines["heading"]] | (cents[key] > THRESHOLD_CENTS)
    by_place = np.where(
        to_group_e, ~_LIFTS_GROUP_E[claim], ~_CANADA[destination] & by_value & ~_LIFTS_VALUE[claim]
    )
    return _ABROAD[destination] & (whatever_the_value | (~settled & by_place))


def _duty_of_goods(encoded: Encoded) -> tuple[Flags, Flags]:
    """Tell which lines are filed whatever their value, and for which the goods alone decide."""
    licence = encoded.lines["licence"]
    baggage = _BAGGAGE[encoded.items["content"]][encoded.line_item]
    under_bag = baggage & (licence == LICENCES.index("baggage"))
    used_vehicle = _VEHICLES[encoded.lines["heading"]] & is_called_used(encoded)
    arms = _FIREARMS[encoded.lines["arms"]]
    other = (licence == LICENCES.index("licence")) | used_vehicle
    return np.where(arms, ~under_bag, other), arms | other


def n_unfiled_lines(encoded: Encoded) -> Numbers:
    """Count lines that need a filing where none is given and no exemption can stand for it.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Lines; NaN for vehicles.
    """
    unfiled = ~is_filed(encoded)[encoded.line_item]
    return count_lines(encoded, unfiled & unlifted_duty(encoded))


def exemption_misused(encoded: Encoded) -> Numbers:
    """Flag items that claim an exemption that is not for them.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        1 or 0; NaN for vehicles.
    """
    return of_shipments(encoded, encoded.shared(is_misused))
