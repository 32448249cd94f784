"""Words for reasons: what an inspector reads when features of one code move the risk.

Every sentence has to be true of the item it is said of, whatever the model makes of it. So a
sentence states a fact only where the row shows it, says otherwise no more than that something
fits earlier finds or is ordinary, and is not said of what an item does not have.
"""

from collections.abc import Mapping
from typing import NamedTuple

from features.history import ENTITIES, HUBS, PAIRS
from features.history_features import FILING_REASON, PAIR_REASON, topics
from features.link_features import CLUSTER_REASON, LINK_REASON
from features.records import EntityKind
from features.signal_features import SIGNAL_REASON

_BOTH = ("vehicle", "shipment")
_VEHICLE, _SHIPMENT = ("vehicle",), ("shipment",)


class ReasonText(NamedTuple):
    """The sentences of a reason code, and of which items they are true.

    Parameters
    ----------
    raises, lowers : str
        What to say when it raises the risk, and when it lowers it.
    kinds : tuple of str
        Kinds of items that have its subject at all; for others, being of their kind is the
        reason (`is_vehicle`, `is_shipment`).
    evidence : tuple of str
        Features of which one must be above 0 for the sentences to hold; none asks for nothing.
    empty : str or None
        The code that speaks instead where the evidence is missing.
    field : str or None
        The optional field that it speaks of; an item without it has the reason `no_` and the
        field's name.
    """

    raises: str
    lowers: str
    kinds: tuple[str, ...] = _BOTH
    evidence: tuple[str, ...] = ()
    empty: str | None = None
    field: str | None = None


def _fact(sentence: str, kinds: tuple[str, ...] = _BOTH) -> ReasonText:
    return ReasonText(sentence, sentence, kinds)


_ITEM_REASONS: Mapping[str, ReasonText] = {
    "route": ReasonText(
        "The port, mode and destination fit earlier finds.",
        "The port, mode and destination fit few earlier finds.",
    ),
    "hour": ReasonText(
        "The day and hour fit earlier finds.", "The day and hour do not fit earlier finds."
    ),
    "lead": ReasonText(
        "The time between presentation and departure fits earlier finds.",
        "The time between presentation and departure is ordinary.",
        _SHIPMENT,
    ),
    "vehicle": ReasonText(
        "What is known of the vehicle fits earlier finds.",
        "What is known of the vehicle is ordinary here.",
        _VEHICLE,
    ),
    "occupants": ReasonText(
        "The number of people in the vehicle fits earlier finds.",
        "The number of people in the vehicle is ordinary here.",
        _VEHICLE,
        field="occupants",
    ),
    "form_4457": ReasonText(
        "A Form 4457 for firearms is shown.",
        "A Form 4457 for firearms is shown.",
        _VEHICLE,
        evidence=("form_4457",),
        empty="no_form_4457",
    ),
    "content": ReasonText(
        "The declared category of content, held against who seems to send it, fits earlier finds.",
        "The declared category of content is ordinary for who seems to send it.",
        _SHIPMENT,
    ),
    "exemption": ReasonText(
        "What it says of an export filing fits earlier finds.",
        "What it says of an export filing is ordinary.",
        _SHIPMENT,
    ),
    "filing_law": ReasonText(
        "A filing that is needed is not given, or the exemption claimed is not for such goods.",
        "A filing that is needed is not given, or the exemption claimed is not for such goods.",
        _SHIPMENT,
        evidence=("n_unfiled_lines", "exemption_misused"),
        empty="filing_in_order",
    ),
    "weight": ReasonText(
        "Packages and weights, held against the goods declared, fit earlier finds.",
        "Packages and weights are ordinary for the goods declared.",
        _SHIPMENT,
    ),
    "goods": ReasonText(
        "The goods, or what they are said to be worth, fit earlier finds.",
        "The goods and what they are said to be worth are ordinary.",
        _SHIPMENT,
    ),
    "value": ReasonText(
        "The declared value fits earlier finds.", "The declared value is ordinary.", _SHIPMENT
    ),
    "threshold": ReasonText(
        "A declared value lies just under the $2,500 filing threshold.",
        "A declared value lies just under the $2,500 filing threshold, as ordinary ones may.",
        _SHIPMENT,
        evidence=("n_just_under", "n_lines_just_under"),
        empty="nothing_just_under",
    ),
    "text": ReasonText(
        "The words of the goods' description, held against their headings, fit earlier finds.",
        "The words of the goods' description are ordinary for their headings.",
        _SHIPMENT,
    ),
    "declared_arms": ReasonText(
        "Firearms, parts, ammunition or licensed goods are declared.",
        "Firearms, parts, ammunition or licensed goods are declared, as lawful ones are.",
        _SHIPMENT,
        evidence=("n_arms_lines", "n_licence_lines"),
        empty="no_declared_arms",
    ),
    "no_form_4457": _fact("No Form 4457 for firearms is shown.", _VEHICLE),
    "filing_in_order": _fact("Nothing that it declares breaks the rules of filing.", _SHIPMENT),
    "nothing_just_under": _fact(
        "No declared value lies just under the $2,500 filing threshold.", _SHIPMENT
    ),
    "no_declared_arms": _fact(
        "No firearms, parts, ammunition or licensed goods are declared.", _SHIPMENT
    ),
    "is_vehicle": _fact("It is a vehicle, not a shipment.", _VEHICLE),
    "is_shipment": _fact("It is a shipment, not a vehicle.", _SHIPMENT),
    "no_occupants": _fact("How many people are in the vehicle is not said.", _VEHICLE),
}


class _Entity(NamedTuple):
    """How an entity is spoken of, and where an item names it."""

    noun: str
    kinds: tuple[str, ...]
    field: str | None = None


_ENTITIES: Mapping[EntityKind, _Entity] = {
    "plate": _Entity("plate", _VEHICLE),
    "driver": _Entity("driver", _VEHICLE, "driver"),
    "shipper": _Entity("shipper", _SHIPMENT),
    "consignee": _Entity("consignee", _SHIPMENT),
    "forwarder": _Entity("forwarder", _SHIPMENT, "forwarder"),
    "address": _Entity("consignee address", _SHIPMENT, "consignee_address"),
    "phone": _Entity("phone number", _SHIPMENT, "phone"),
    "container": _Entity("container or trailer", _BOTH, "container"),
}

_BOUND_REASONS: Mapping[str, ReasonText] = {
    PAIR_REASON: ReasonText(
        "How these two have appeared together before fits earlier finds.",
        "How these two have appeared together before is ordinary.",
        evidence=tuple(f"{pair}_days_since_last" for pair in PAIRS),
        empty="never_together",
    ),
    "never_together": _fact("Those that it names have not appeared together before."),
    FILING_REASON: ReasonText(
        "How value for one filing is spread over several items fits earlier finds.",
        "How value for one filing is spread over several items is ordinary.",
        _SHIPMENT,
        evidence=("filing_key_n_items",),
        empty="nothing_split",
    ),
    "nothing_split": _fact("No earlier item shares its filing key.", _SHIPMENT),
    LINK_REASON: ReasonText(
        "Parties that are linked to it fit earlier finds.",
        "Parties that are linked to it are ordinary.",
        evidence=tuple(f"linked_by_{kind}_n_parties" for kind in HUBS),
        empty="no_linked_parties",
    ),
    "no_linked_parties": _fact("No other party is linked to it."),
    CLUSTER_REASON: ReasonText(
        "How many small sends of linked parties come together fits earlier finds.",
        "How many small sends of linked parties come together is ordinary.",
        _SHIPMENT,
        evidence=("cluster_n_small_30d",),
        empty="no_small_sends",
    ),
    "no_small_sends": _fact("No small sends of linked parties are on record.", _SHIPMENT),
    SIGNAL_REASON: ReasonText(
        "What agencies have reported about it fits earlier finds.",
        "What agencies have reported about it is of little weight.",
        evidence=("n_signal_agencies",),
        empty="no_signals",
    ),
    "no_signals": _fact("No agency has reported anything about it."),
}


def _history_reasons(kind: EntityKind) -> dict[str, ReasonText]:
    noun, kinds, field = _ENTITIES[kind]
    seen, new = (f"{kind}_days_since_last",), f"{kind}_new"
    found, uninspected = (f"{kind}_n_finds", f"{kind}_n_clears"), f"{kind}_uninspected"
    reasons = {
        f"{kind}_activity": ReasonText(
            f"How often and how regularly this {noun} has been seen fits earlier finds.",
            f"This {noun} has been seen as often and as regularly as ordinary ones.",
            *(kinds, seen, new, field),
        ),
        f"{kind}_value": ReasonText(
            f"What was declared with this {noun} over the last 30 days fits earlier finds.",
            f"What was declared with this {noun} over the last 30 days is ordinary.",
            *(kinds, seen, new, field),
        ),
        f"{kind}_threshold": ReasonText(
            f"How often values just under $2,500 came with this {noun} lately fits earlier finds.",
            f"How often values just under $2,500 came with this {noun} lately is ordinary.",
            *(kinds, seen, new, field),
        ),
        f"{kind}_partners": ReasonText(
            f"The partners and ports of this {noun} over 90 days fit earlier finds.",
            f"The partners and ports of this {noun} over 90 days are ordinary.",
            *(kinds, seen, new, field),
        ),
        f"{kind}_results": ReasonText(
            f"Results of earlier inspections of this {noun} raise the risk.",
            f"Results of earlier inspections of this {noun} lower the risk.",
            *(kinds, found, uninspected, field),
        ),
        new: _fact(f"No earlier item of this {noun} is on record.", kinds),
        uninspected: _fact(f"No result of an earlier inspection of this {noun} is known.", kinds),
    }
    spoken = {f"{kind}_{topic}" for topic in topics(kind)} | {new, uninspected}
    reasons = {code: text for code, text in reasons.items() if code in spoken}
    if field is not None:
        reasons[f"no_{field}"] = _fact(f"No {noun} is named.", kinds)
    return reasons


REASONS: Mapping[str, ReasonText] = (
    dict(_ITEM_REASONS)
    | dict(_BOUND_REASONS)
    | {code: text for kind in ENTITIES for code, text in _history_reasons(kind).items()}
)
"""Every code that a reason may carry, with its words."""
