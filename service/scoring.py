"""Scoring one micro-batch: one history query, one matrix, one prediction, reasons, rules."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import structlog

from features.catalogue import REASON_CODES
from features.filing import FilingKey
from features.history import HistorySource, KeyedItems
from features.history_fetched import HistoryLogs
from features.items import Shipment, Vehicle
from features.matrix import Matrix, matrix_from_items
from features.reasons import REASONS
from features.reference.tables import default_method
from models.reasons import Reason, ReasonBook
from models.risk import Band, RiskModel, priority
from models.rulebook import Entity, Rulebook, RuleFired, Ruling
from models.rules import RuleHit, legal_hits
from service.store.history import HistoryUnavailable
from service.store.scores import MUST_INSPECT, ORDINARY, RELEASED, Tier

MODEL_MISSING = "model"
"""What `Scored.missing` says when the rules alone answered."""

_BOOK = ReasonBook(REASON_CODES, REASONS)
_BANDS: tuple[Band, ...] = ("low", "medium", "high", "very_high")


class OpenBook(NamedTuple):
    """The rulebook as a run finds it.

    Parameters
    ----------
    book : Rulebook
        What is in force.
    entities : sequence of collection of Entity
        Entities of each item, spelled as the book spells them.
    now : int
        The present moment, in microseconds since the epoch.
    """

    book: Rulebook
    entities: Sequence[Collection[Entity]]
    now: int


class Scored(NamedTuple):
    """The answer for one item.

    Parameters
    ----------
    risk : float or None
        Probability that an inspection now would find contraband; None without a model.
    severity : float
        Expected severity given a find, in firearm equivalents; 0 without a model.
    priority : float
        Expected harm stopped per inspection minute; 0 without a model.
    band : str or None
        Band of the risk, lifted by rules; None without a model, for nobody judged the risk.
    tier : int
        2 must be inspected, 1 is ranked by priority, 0 is released by a rule.
    raised : bool
        Whether a rule raises it.
    reasons : sequence of Reason
        What moved the risk most; empty without a model.
    rule_hits : sequence of RuleHit
        Rules that it hits: the law's, analysts', and lookouts.
    bundle : str or None
        Version of the model.
    degraded : bool
        True if the rules alone answered.
    missing : list of str
        Inputs that were not there.
    cluster : str or None
        Name of the cluster of small sends that it is part of, as `features.matrix.Matrix` has it.
    fired : sequence of RuleFired
        Rules of the book whose condition held.
    shadow : Shadow or None
        What the model in shadow says; kept beside, and in no reply.
    """

    risk: float | None
    severity: float
    priority: float
    band: Band | None
    tier: Tier
    raised: bool
    reasons: Sequence[Reason]
    rule_hits: Sequence[RuleHit]
    bundle: str | None
    degraded: bool
    missing: list[str]
    cluster: str | None
    fired: Sequence[RuleFired]
    shadow: "Shadow | None" = None


class Shadow(NamedTuple):
    """What a model in shadow says of one item.

    Parameters
    ----------
    bundle : str
        Version of the model.
    risk : float
        Its calibrated probability.
    """

    bundle: str
    risk: float


def _tier(hits: Sequence[RuleHit]) -> Tier:
    actions = {hit.action for hit in hits}
    if "must_inspect" in actions:
        return MUST_INSPECT
    return RELEASED if "release" in actions else ORDINARY


def _lift(band: Band, tier: Tier, *, raised: bool) -> Band:
    if tier == MUST_INSPECT:
        return "very_high"
    return _BANDS[min(_BANDS.index(band) + raised, len(_BANDS) - 1)]


def _floor(model: RiskModel, band: Band) -> float:
    return 0.0 if band == "low" else float(getattr(model.manifest.bands, band))


def _by_rules_alone(ruling: Ruling, missing: list[str], cluster: str | None) -> Scored:
    hits = ruling.hits
    return Scored(
        risk=None,
        severity=0.0,
        priority=0.0,
        band=None,
        tier=_tier(hits),
        raised=any(hit.action == "raise" for hit in hits),
        reasons=(),
        rule_hits=hits,
        bundle=None,
        degraded=True,
        missing=[*missing, MODEL_MISSING],
        cluster=cluster,
        fired=ruling.fired,
    )


def _with_model(
    ruled: Scored, mode: str, risk: float, why: Sequence[Reason], model: RiskModel
) -> Scored:
    band = _lift(model.band(risk), ruled.tier, raised=ruled.raised)
    severity = model.severity(mode)
    # a raised item ranks as if its risk were at least the floor of the band it was lifted to
    ranked_risk = max(risk, _floor(model, band)) if ruled.raised else risk
    return ruled._replace(
        risk=risk,
        severity=severity,
        priority=priority(ranked_risk, severity, default_method(mode).minutes),
        band=band,
        reasons=why,
        bundle=model.version,
        degraded=False,
        missing=ruled.missing[:-1],
    )


def _matrix(
    items: Sequence[Vehicle | Shipment],
    as_of: Sequence[int],
    history: HistorySource | HistoryLogs,
    keyed: KeyedItems | None,
) -> Matrix:
    try:
        return matrix_from_items(items, as_of, history, keyed)
    except HistoryUnavailable as failed:
        structlog.get_logger().error("history_unavailable", detail=failed.detail)
        return matrix_from_items(items, as_of, None, keyed)


def _rulings(
    items: Sequence[Vehicle | Shipment],
    legal: Sequence[tuple[RuleHit, ...]],
    matrix: Matrix,
    rules: OpenBook | None,
) -> list[Ruling]:
    if rules is None:
        return [Ruling(hits, ()) for hits in legal]
    return rules.book.judge_all(items, rules.entities, matrix.X, legal, rules.now)


def score(  # noqa: PLR0913 - what a judgement rests on, one thing each
    items: Sequence[Vehicle | Shipment],
    as_of: Sequence[int],
    history: HistorySource | HistoryLogs,
    declared: Mapping[FilingKey, int],
    model: RiskModel | None,
    *,
    rules: OpenBook | None = None,
    challenger: RiskModel | None = None,
    keyed: KeyedItems | None = None,
) -> list[Scored]:
    """Score the items of one micro-batch.

    Parameters
    ----------
    items : sequence of Vehicle or Shipment
        The n items.
    as_of : sequence of int
        Moment as of which each is judged, in microseconds since the epoch.
    history : HistorySource or HistoryLogs
        Where past items and results come from; if it cannot be read, features of history get
        their stated defaults and `missing` says so.
    declared : mapping of FilingKey to int
        US cents declared per filing key on the conveyance, the items themselves included.
    model : RiskModel or None
        The champion; None answers by the rules alone.
    rules : OpenBook, optional
        Rules beside the law; by default none.
    challenger : RiskModel or None
        The model in shadow; what fails in it is logged, and changes no answer.
    keyed : KeyedItems, optional
        What the items add to history, where the caller has it already.

    Returns
    -------
    list of Scored
        One per item, in order.
    """
    legal = [legal_hits(item, declared) for item in items]
    matrix = _matrix(items, as_of, history, keyed)
    rulings = _rulings(items, legal, matrix, rules)
    ruled = [
        _by_rules_alone(*each)
        for each in zip(rulings, matrix.missing, matrix.clusters, strict=True)
    ]
    if model is None:
        return ruled
    risks = model.risk(matrix.X).tolist()
    kinds = [item.kind for item in items]
    why = _BOOK.explain(model.contributions(matrix.X), matrix.X, kinds, matrix.missing)
    shadows = _shadows(matrix, challenger)
    return [
        _with_model(each, item.mode, risk, because, model)._replace(shadow=shadow)
        for each, item, risk, because, shadow in zip(ruled, items, risks, why, shadows, strict=True)
    ]


def _shadows(matrix: Matrix, challenger: RiskModel | None) -> list[Shadow | None]:
    nothing: list[Shadow | None] = [None] * len(matrix.X)
    if challenger is None:
        return nothing
    try:
        risks = challenger.risk(matrix.X).tolist()
    except Exception as failed:  # noqa: BLE001 - logged; a challenger must not harm an answer
        structlog.get_logger().error("challenger_failed", exc_info=failed)
        return nothing
    return [Shadow(challenger.version, risk) for risk in risks]
