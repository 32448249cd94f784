"""Words for reasons: what an inspector reads when features of one code move the risk."""

from collections.abc import Mapping
from typing import NamedTuple

from features.history import ENTITIES
from features.history_features import FILING_REASON, PAIR_REASON, topics
from features.link_features import CLUSTER_REASON, LINK_REASON
from features.records import EntityKind
from features.signal_features import SIGNAL_REASON


class ReasonText(NamedTuple):
    """The two readings of a reason code."""

    raises: str
    lowers: str


_NOUNS: Mapping[EntityKind, str] = {
    "plate": "plate",
    "driver": "driver",
    "shipper": "shipper",
    "consignee": "consignee",
    "forwarder": "forwarder",
    "address": "consignee address",
    "phone": "phone number",
    "container": "container or trailer",
}

_ITEM_REASONS: Mapping[str, ReasonText] = {
    "route": ReasonText(
        "This route has yielded finds more often than others.",
        "This route has yielded finds less often than others.",
    ),
    "hour": ReasonText(
        "The day and hour fit earlier finds.", "The day and hour do not fit earlier finds."
    ),
    "lead": ReasonText(
        "The time between presentation and departure fits earlier finds.",
        "The time between presentation and departure is ordinary.",
    ),
    "vehicle": ReasonText(
        "The vehicle and how it is occupied fit earlier finds.",
        "The vehicle and how it is occupied are ordinary here.",
    ),
    "content": ReasonText(
        "The declared category of content fits earlier finds.",
        "The declared category of content is ordinary.",
    ),
    "exemption": ReasonText(
        "The filing or the exemption claimed fits earlier finds.",
        "The filing or the exemption claimed is ordinary.",
    ),
    "weight": ReasonText(
        "Weights are out of line with the goods declared.",
        "Weights are in line with the goods declared.",
    ),
    "goods": ReasonText(
        "The goods, or what they are said to be worth, fit earlier finds.",
        "The goods and what they are said to be worth are ordinary.",
    ),
    "value": ReasonText(
        "The declared value fits earlier finds.", "The declared value is ordinary."
    ),
    "threshold": ReasonText(
        "A declared value lies just under the $2,500 filing threshold.",
        "No declared value lies just under the $2,500 filing threshold.",
    ),
    "text": ReasonText(
        "The description of the goods is unusually short or long.",
        "The description of the goods is ordinary.",
    ),
    "declared_arms": ReasonText(
        "Firearms, parts, ammunition or licensed goods are declared.",
        "No firearms, parts, ammunition or licensed goods are declared.",
    ),
}

_BOUND_REASONS: Mapping[str, ReasonText] = {
    PAIR_REASON: ReasonText(
        "How these two have appeared together before is unusual.",
        "These two have appeared together as usual.",
    ),
    FILING_REASON: ReasonText(
        "Value for one filing is spread over several items.",
        "Value for one filing is not spread over several items.",
    ),
    LINK_REASON: ReasonText(
        "Parties that share an address, phone, consignee or plate with it fit earlier finds.",
        "Parties that share an address, phone, consignee or plate with it are ordinary.",
    ),
    CLUSTER_REASON: ReasonText(
        "Many small sends by linked parties come together.",
        "Small sends by linked parties are ordinary.",
    ),
    SIGNAL_REASON: ReasonText(
        "Other agencies have reported something about it.",
        "No other agency has reported anything of weight about it.",
    ),
}


def _history_reasons(kind: EntityKind) -> dict[str, ReasonText]:
    noun = _NOUNS[kind]
    words = {
        f"{kind}_activity": ReasonText(
            f"How often and how regularly this {noun} has been seen is unusual.",
            f"This {noun} has been seen as often and as regularly as usual.",
        ),
        f"{kind}_value": ReasonText(
            f"What this {noun} declared over the last 30 days fits earlier finds.",
            f"What this {noun} declared over the last 30 days is ordinary.",
        ),
        f"{kind}_threshold": ReasonText(
            f"This {noun} has declared values just under $2,500 before.",
            f"This {noun} has not declared values just under $2,500 lately.",
        ),
        f"{kind}_partners": ReasonText(
            f"The partners and ports of this {noun} over 90 days fit earlier finds.",
            f"The partners and ports of this {noun} over 90 days are ordinary.",
        ),
        f"{kind}_results": ReasonText(
            f"Earlier inspections of this {noun} raise the risk.",
            f"Earlier inspections of this {noun} lower the risk.",
        ),
    }
    return {code: text for code, text in words.items() if code.partition("_")[2] in topics(kind)}


_ABSENT = ReasonText(
    "What was not given, or does not apply to it, fits earlier finds.",
    "What was not given, or does not apply to it, is ordinary.",
)

REASONS: Mapping[str, ReasonText] = (
    dict(_ITEM_REASONS)
    | dict(_BOUND_REASONS)
    | {"absent": _ABSENT}
    | {code: text for kind in ENTITIES for code, text in _history_reasons(kind).items()}
)
"""Every reason code that a feature may carry, and `absent`, with its words."""
