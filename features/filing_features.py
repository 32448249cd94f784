"""Features of what was filed or claimed instead, and of the values that it turns on."""

from features.declared_duty import exemption_misused, n_unfiled_lines
from features.declared_value import (
    gap_below_threshold_usd,
    largest_number_usd,
    n_just_under,
    n_lines_just_under,
    value_usd,
)
from features.definition import ItemFeature, item_feature
from features.encoding import numbers
from features.goods_features import GOODS_FEATURES
from features.sender_marks import most_private_units, n_business_marks

_CLAIM_FEATURES: tuple[ItemFeature, ...] = (
    item_feature(
        "content_code",
        "code",
        "filing",
        "content",
        "content",
        "Declared category of the content.",
        lambda encoded: numbers(encoded.items["content"]),
    ),
    item_feature(
        "n_business_marks",
        "count",
        "filing",
        "content",
        "content, forwarder, container, filing, routed, packages",
        "What speaks for a business behind a gift, personal effects or household goods, of five.",
        n_business_marks,
    ),
    item_feature(
        "private_units_most",
        "count",
        "filing",
        "content",
        "content, lines.quantity",
        "Quantity of the largest line of a gift, personal effects or household goods.",
        most_private_units,
    ),
    item_feature(
        "has_itn",
        "flag",
        "filing",
        "exemption",
        "filing.itn",
        "1 if an export filing was made.",
        lambda encoded: numbers(encoded.items["has_itn"]),
    ),
    item_feature(
        "exemption_code",
        "code",
        "filing",
        "exemption",
        "filing.exemption",
        "Exemption claimed instead of a filing.",
        lambda encoded: numbers(encoded.items["exemption"]),
    ),
    item_feature(
        "option_code",
        "code",
        "filing",
        "exemption",
        "filing.option",
        "Filing option: predeparture or postdeparture.",
        lambda encoded: numbers(encoded.items["option"]),
    ),
    item_feature(
        "routed",
        "flag",
        "filing",
        "exemption",
        "routed",
        "1 if the transaction is routed.",
        lambda encoded: numbers(encoded.items["routed"]),
    ),
    item_feature(
        "n_unfiled_lines",
        "count",
        "filing",
        "filing_law",
        "lines, filing; 15 CFR 30.2, 30.37, 758.1(b)",
        "Lines that need a filing where none is given and no exemption can stand for it.",
        n_unfiled_lines,
    ),
    item_feature(
        "exemption_misused",
        "flag",
        "filing",
        "filing_law",
        "filing.exemption, content, mode, destination; 15 CFR 30.36, 30.37",
        "1 if the exemption claimed is not for such a shipment.",
        exemption_misused,
    ),
    item_feature(
        "value_usd",
        "USD",
        "filing",
        "value",
        "lines.value_usd",
        "Declared value of all lines.",
        value_usd,
    ),
    item_feature(
        "largest_number_value_usd",
        "USD",
        "filing",
        "value",
        "lines; 15 CFR 30.37(a)",
        "Largest declared value of one Schedule B number, its lines added up.",
        largest_number_usd,
    ),
    item_feature(
        "gap_below_threshold_usd",
        "USD",
        "filing",
        "threshold",
        "lines; 15 CFR 30.37(a)",
        "Distance of the closest Schedule B number at or under $2,500 from $2,500.",
        gap_below_threshold_usd,
    ),
    item_feature(
        "n_just_under",
        "count",
        "filing",
        "threshold",
        "lines; A-just_under_2500",
        "Schedule B numbers whose value lies from $2,000 to $2,500.",
        n_just_under,
    ),
    item_feature(
        "n_lines_just_under",
        "count",
        "filing",
        "threshold",
        "lines; A-just_under_2500",
        "Lines whose own value lies from $2,000 to $2,500.",
        n_lines_just_under,
    ),
)

FILING_FEATURES: tuple[ItemFeature, ...] = (*_CLAIM_FEATURES, *GOODS_FEATURES)
"""Features of the filing group, in the order of their columns."""
