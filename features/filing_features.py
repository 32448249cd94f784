"""Features of what was declared: values against the threshold, goods against their heading."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from features.definition import ItemFeature, item_feature
from features.encoding import MISSING, Encoded, Integers, Numbers, numbers
from features.reference.tables import headings

THRESHOLD_CENTS = 250_000
"""No filing at or under $2,500 per Schedule B number, 15 CFR 30.37(a)."""
JUST_UNDER_CENTS = 200_000
"""From here to the threshold a value counts as just under it (assumption A-just_under_2500)."""

_CENTS = 100.0
_GRAMS = 1000.0


def _ships(encoded: Encoded) -> npt.NDArray[np.bool_]:
    return np.not_equal(encoded.items["content"], MISSING)


def _sum_of_lines(encoded: Encoded, values: Integers) -> Integers:
    totals = np.zeros(encoded.n_items, dtype=np.int64)
    np.add.at(totals, encoded.line_item, values)
    return totals


def _of_shipments(encoded: Encoded, values: Integers | Numbers) -> Numbers:
    return np.where(_ships(encoded), values.astype(np.float64), np.nan)


def _n_lines(encoded: Encoded) -> Numbers:
    ones = np.ones(len(encoded.line_item), dtype=np.int64)
    return _of_shipments(encoded, _sum_of_lines(encoded, ones))


def value_cents(encoded: Encoded) -> Integers:
    """Sum the declared value of each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of int, shape (n,)
        US cents; 0 for items without lines.
    """
    return _sum_of_lines(encoded, encoded.lines["value_cents"])


def _value_usd(encoded: Encoded) -> Numbers:
    return _of_shipments(encoded, value_cents(encoded)) / _CENTS


def number_totals(encoded: Encoded) -> tuple[Integers, Integers]:
    """Sum the declared value of each Schedule B number of each item.

    The low-value exemption is judged per number, so two lines of one number are one sum.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    item : array of int, shape (k,)
        Position of the item of each sum, ascending.
    cents : array of int, shape (k,)
        The sums in US cents.

    References
    ----------
    .. [1] 15 CFR 30.37(a).
    """
    six, four = encoded.lines["heading_6"], encoded.lines["heading_4"]
    number = np.where(six == MISSING, four, six)
    keys, where = np.unique(encoded.line_item * 1_000_000 + number, return_inverse=True)
    cents = np.zeros(len(keys), dtype=np.int64)
    np.add.at(cents, where, encoded.lines["value_cents"])
    return keys // 1_000_000, cents


def _largest_number_cents(encoded: Encoded) -> Integers:
    item, cents = number_totals(encoded)
    largest = np.zeros(encoded.n_items, dtype=np.int64)
    np.maximum.at(largest, item, cents)
    return largest


def _largest_number_usd(encoded: Encoded) -> Numbers:
    return _of_shipments(encoded, _largest_number_cents(encoded)) / _CENTS


def _gap_below_threshold_usd(encoded: Encoded) -> Numbers:
    item, cents = number_totals(encoded)
    under = cents <= THRESHOLD_CENTS
    closest = np.full(encoded.n_items, MISSING, dtype=np.int64)
    np.maximum.at(closest, item[under], cents[under])
    gap = (THRESHOLD_CENTS - closest) / _CENTS
    return np.where(closest == MISSING, np.nan, gap)


def just_under(encoded: Encoded) -> Integers:
    """Count the Schedule B numbers of each item whose value is just under the threshold.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of int, shape (n,)
        Numbers with a total from $2,000 to $2,500, both included.
    """
    item, cents = number_totals(encoded)
    near = (cents >= JUST_UNDER_CENTS) & (cents <= THRESHOLD_CENTS)
    return np.bincount(item[near], minlength=encoded.n_items).astype(np.int64)


def _n_just_under(encoded: Encoded) -> Numbers:
    return _of_shipments(encoded, just_under(encoded))


def _value_per_kg_usd(encoded: Encoded) -> Numbers:
    cents = value_cents(encoded)
    weight = encoded.items["gross_grams"]
    ratio = (cents / _CENTS) / (np.maximum(weight, 1) / _GRAMS)
    return np.where(weight > 0, ratio, np.nan)


def _undeclared_weight_share(encoded: Encoded) -> Numbers:
    gross = encoded.items["gross_grams"]
    lines = _sum_of_lines(encoded, encoded.lines["grams"])
    return np.where(gross > 0, (gross - lines) / np.maximum(gross, 1), np.nan)


def _top_heading(encoded: Encoded) -> Numbers:
    value, item = encoded.lines["value_cents"], encoded.line_item
    order = np.lexsort((-np.arange(len(item)), value, item))
    last = np.append(item[order][1:] != item[order][:-1], True)[: len(item)]
    top = np.full(encoded.n_items, MISSING, dtype=np.int64)
    top[item[order][last]] = encoded.lines["heading_4"][order][last]
    return numbers(top)


def _norms(attribute: str) -> tuple[Integers, Numbers]:
    known = {
        int(number): bounds
        for number, heading in headings().items()
        if (bounds := getattr(heading, attribute)) is not None
    }
    ordered = np.array(sorted(known), dtype=np.int64)
    return ordered, np.array([np.sqrt(known[n][0] * known[n][1]) for n in sorted(known)])


_VALUE_NORMS = _norms("unit_value_usd")
_WEIGHT_NORMS = _norms("unit_kg")


def _norm(encoded: Encoded, norms: tuple[Integers, Numbers]) -> Numbers:
    known, middle = norms
    found = np.full(len(encoded.line_item), np.nan)
    for column in ("heading_4", "heading_6"):
        wanted = encoded.lines[column]
        where = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        found = np.where(known[where] == wanted, middle[where], found)
    return found


def _farthest(encoded: Encoded, ratio: Numbers, *, above: bool) -> Numbers:
    worst = np.full(encoded.n_items, np.nan)
    (np.fmax if above else np.fmin).at(worst, encoded.line_item, ratio)
    return worst


def _unit_ratio(
    total: str, unit: float, norms: tuple[Integers, Numbers], *, above: bool
) -> Callable[[Encoded], Numbers]:
    def compute(encoded: Encoded) -> Numbers:
        quantity = encoded.lines["quantity"]
        each = encoded.lines[total] / unit / np.maximum(quantity, 1)
        ratio = np.where(quantity > 0, each, np.nan) / _norm(encoded, norms)
        return _farthest(encoded, ratio, above=above)

    return compute


def _n_with(column: str) -> Callable[[Encoded], Numbers]:
    return lambda encoded: _of_shipments(encoded, _sum_of_lines(encoded, encoded.lines[column]))


def _shortest_description(encoded: Encoded) -> Numbers:
    return _farthest(encoded, encoded.lines["description_length"].astype(np.float64), above=False)


_FIREARM_HEADINGS = np.array(
    sorted(int(number) for number, heading in headings().items() if heading.firearm),
    dtype=np.int64,
)


def _n_firearm_lines(encoded: Encoded) -> Numbers:
    firearm = np.isin(encoded.lines["heading_4"], _FIREARM_HEADINGS).astype(np.int64)
    return _of_shipments(encoded, _sum_of_lines(encoded, firearm))


FILING_FEATURES: tuple[ItemFeature, ...] = (
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
        "n_packages",
        "count",
        "filing",
        "weight",
        "packages",
        "Packages of the consignment.",
        lambda encoded: numbers(encoded.items["packages"]),
    ),
    item_feature(
        "gross_weight_kg",
        "kg",
        "filing",
        "weight",
        "gross_weight_kg",
        "Declared gross weight.",
        lambda encoded: numbers(encoded.items["gross_grams"]) / _GRAMS,
    ),
    item_feature(
        "undeclared_weight_share",
        "share",
        "filing",
        "weight",
        "gross_weight_kg, lines.weight_kg",
        "Share of the gross weight that no line accounts for.",
        _undeclared_weight_share,
    ),
    item_feature(
        "n_lines",
        "count",
        "filing",
        "goods",
        "lines",
        "Lines of the consignment.",
        _n_lines,
    ),
    item_feature(
        "value_usd",
        "USD",
        "filing",
        "value",
        "lines.value_usd",
        "Declared value of all lines.",
        _value_usd,
    ),
    item_feature(
        "largest_number_value_usd",
        "USD",
        "filing",
        "value",
        "lines; 15 CFR 30.37(a)",
        "Largest declared value of one Schedule B number.",
        _largest_number_usd,
    ),
    item_feature(
        "gap_below_threshold_usd",
        "USD",
        "filing",
        "threshold",
        "lines; 15 CFR 30.37(a)",
        "Distance of the closest Schedule B number at or under $2,500 from $2,500.",
        _gap_below_threshold_usd,
    ),
    item_feature(
        "n_just_under",
        "count",
        "filing",
        "threshold",
        "lines; A-just_under_2500",
        "Schedule B numbers whose value lies from $2,000 to $2,500.",
        _n_just_under,
    ),
    item_feature(
        "value_per_kg_usd",
        "USD/kg",
        "filing",
        "goods",
        "lines.value_usd, gross_weight_kg",
        "Declared value per kilogram of gross weight.",
        _value_per_kg_usd,
    ),
    item_feature(
        "top_heading_code",
        "code",
        "filing",
        "goods",
        "lines.schedule_b",
        "First four digits of the Schedule B number of the most valuable line.",
        _top_heading,
    ),
    item_feature(
        "unit_value_ratio_low",
        "ratio",
        "filing",
        "goods",
        "lines; headings of the reference",
        "Lowest unit value of a line over the middle of its heading.",
        _unit_ratio("value_cents", _CENTS, _VALUE_NORMS, above=False),
    ),
    item_feature(
        "unit_value_ratio_high",
        "ratio",
        "filing",
        "goods",
        "lines; headings of the reference",
        "Highest unit value of a line over the middle of its heading.",
        _unit_ratio("value_cents", _CENTS, _VALUE_NORMS, above=True),
    ),
    item_feature(
        "unit_weight_ratio_low",
        "ratio",
        "filing",
        "weight",
        "lines; headings of the reference",
        "Lowest unit weight of a line over the middle of its heading.",
        _unit_ratio("grams", _GRAMS, _WEIGHT_NORMS, above=False),
    ),
    item_feature(
        "unit_weight_ratio_high",
        "ratio",
        "filing",
        "weight",
        "lines; headings of the reference",
        "Highest unit weight of a line over the middle of its heading.",
        _unit_ratio("grams", _GRAMS, _WEIGHT_NORMS, above=True),
    ),
    item_feature(
        "shortest_description_length",
        "characters",
        "filing",
        "text",
        "lines.description",
        "Length of the shortest description of a line.",
        _shortest_description,
    ),
    item_feature(
        "n_firearm_lines",
        "count",
        "filing",
        "declared_arms",
        "lines; 15 CFR 758.1(b)(9)",
        "Lines under a heading of firearms, their parts or ammunition.",
        _n_firearm_lines,
    ),
    item_feature(
        "n_licensed_lines",
        "count",
        "filing",
        "declared_arms",
        "lines.license",
        "Lines that name a licence or licence exception.",
        _n_with("has_license"),
    ),
)
"""Features of the filing group, in the order of their columns."""
