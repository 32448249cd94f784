"""The built-in legal rules: what a declaration breaks, and what to do about it."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from features.arms import Arms, read_arms
from features.filing import FilingKey, filing_breaches, is_filed
from features.items import Shipment, Vehicle

Action = Literal["must_inspect", "raise", "release"]

_MUST_INSPECT = frozenset({"firearm_unfiled", "ammunition_unfiled"})
"""Declared firearms and ammunition without a filing; other breaches are often sloppiness."""


class RuleHit(NamedTuple):
    """One rule that an item hits.

    Parameters
    ----------
    code : str
        Name of the rule.
    text : str
        Why it was hit, in an inspector's words.
    action : str
        `must_inspect`, `raise` the item in the queue, or `release` it. No legal rule releases.
    citation : str
        The law.
    """

    code: str
    text: str
    action: Action
    citation: str


_SUSPICIONS: Mapping[Arms, RuleHit] = {
    "part": RuleHit(
        "parts_unfiled",
        "firearm parts without a licence, licence exception or filing; most parts need a licence",
        "raise",
        "15 CFR 758.1(b)(2), 30.2(a)(1)(iv)(A)",
    ),
    "disputed": RuleHit(
        "arms_eccn_disputed",
        "a heading of firearms or ammunition under an ECCN that is neither, and no filing",
        "raise",
        "15 CFR 758.1(b)(9)",
    ),
}


def legal_hits(
    item: Vehicle | Shipment, known_totals: Mapping[FilingKey, int] | None = None
) -> tuple[RuleHit, ...]:
    """List the legal rules that an item hits; each code once, the gravest first.

    Pure Python on one item: it runs for every item that is scored.

    Parameters
    ----------
    item : Vehicle or Shipment
        A validated item. A vehicle hits none: it declares no goods.
    known_totals : mapping of FilingKey to int, optional
        Declared US cents per filing key on the conveyance (`features.filing.totals`).

    Returns
    -------
    tuple of RuleHit
        Hits with `must_inspect` before those with `raise`.

    References
    ----------
    .. [1] 15 CFR 30.2, 30.4, 30.36 to 30.38, 758.1; see `features.filing`.
    """
    if isinstance(item, Vehicle):
        return ()
    hits: dict[str, RuleHit] = {}
    for hit in (*_breaches(item, known_totals), *_suspicions(item)):
        hits.setdefault(hit.code, hit)
    return tuple(sorted(hits.values(), key=lambda hit: hit.action != "must_inspect"))


def _breaches(item: Shipment, known_totals: Mapping[FilingKey, int] | None) -> Iterator[RuleHit]:
    for code, text, citation, _ in filing_breaches(item, known_totals):
        yield RuleHit(code, text, "must_inspect" if code in _MUST_INSPECT else "raise", citation)


def _suspicions(item: Shipment) -> Iterator[RuleHit]:
    if is_filed(item):
        return
    for line in item.lines:
        suspicion = _SUSPICIONS.get(read_arms(line))
        if suspicion is not None and line.license is None:
            yield suspicion
