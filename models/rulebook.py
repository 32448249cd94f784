"""The rulebook: analysts' rules, lookouts and suppressions, applied beside the legal rules."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from features.catalogue import FEATURE_NAMES
from features.items import Shipment, Vehicle
from features.records import EntityKind
from models.predicates.live import Test, compile_predicate
from models.predicates.parse import Predicate
from models.predicates.places import split_by_place
from models.rules import Action, RuleHit

RuleStatus = Literal["draft", "released", "retired"]
LookoutAction = Literal["must_inspect", "raise"]

LOOKOUT_CODE = "lookout"
"""Code of a hit of a lookout."""

FOREVER = math.inf
"""When a rule without an expiry ends."""

Entity = tuple[EntityKind, str]
"""Kind and key of an entity; keys are spelled as the caller spells them, tokens in the service."""


class Rule(NamedTuple):
    """A released version of a rule.

    Parameters
    ----------
    rule_id : str
        The rule.
    version : int
        Its version.
    agency : str
        Whose it is.
    text : str
        Why it was hit, in an inspector's words.
    action : str
        `must_inspect`, `raise` or `release`.
    ports : frozenset of str or None
        Where it holds; None holds everywhere.
    expires_at : float
        When it ends, in microseconds since the epoch; `FOREVER` if it does not.
    predicate : Predicate
        What it asks.
    """

    rule_id: str
    version: int
    agency: str
    text: str
    action: Action
    ports: frozenset[str] | None
    expires_at: float
    predicate: Predicate


class Lookout(NamedTuple):
    """An entity that an agency looks out for.

    Parameters
    ----------
    lookout_id : str
        The lookout.
    entity_kind, entity : str
        The entity.
    agency : str
        Who looks out.
    text : str
        Why, in an inspector's words.
    action : str
        `must_inspect` or `raise`.
    expires_at : float
        When it ends, in microseconds since the epoch.
    """

    lookout_id: str
    entity_kind: EntityKind
    entity: str
    agency: str
    text: str
    action: LookoutAction
    expires_at: float


class Suppression(NamedTuple):
    """An entity for which rules that raise are silent for a time.

    Parameters
    ----------
    entity_kind, entity : str
        The entity.
    expires_at : float
        When it ends, in microseconds since the epoch.
    """

    entity_kind: EntityKind
    entity: str
    expires_at: float


class RuleFired(NamedTuple):
    """That a rule's condition held for an item.

    Parameters
    ----------
    rule_id : str
        The rule.
    rule_version : int
        Its version.
    in_force : bool
        False if a suppression silenced it, or a release yielded to another hit.
    """

    rule_id: str
    rule_version: int
    in_force: bool


class Ruling(NamedTuple):
    """What all rules say of one item.

    Parameters
    ----------
    hits : tuple of RuleHit
        Hits in force: must-inspect first, then raise, then release; the law's before others.
    fired : tuple of RuleFired
        Rules of the book whose condition held, in force or not.
    """

    hits: tuple[RuleHit, ...]
    fired: tuple[RuleFired, ...]


class _Compiled(NamedTuple):
    """A rule, its test of ports, kinds and modes, its test of all else, and its hit."""

    rule: Rule
    place: Test
    test: Test
    hit: RuleHit


_GRAVITY: Mapping[Action, int] = {"must_inspect": 0, "raise": 1, "release": 2}


class Rulebook:
    """Rules, lookouts and suppressions that are in force, compiled once.

    Rules of the book never weaken the law: a `release` yields to every other hit, and a
    suppression silences rules that `raise` alone: neither the law, nor lookouts, nor rules that
    demand an inspection, nor what the risk says.

    Parameters
    ----------
    rules : sequence of Rule
        Released rules, one version of each.
    lookouts : sequence of Lookout
        Lookouts that were not ended.
    suppressions : sequence of Suppression
        Suppressions that were not ended.
    """

    def __init__(
        self,
        rules: Sequence[Rule] = (),
        lookouts: Sequence[Lookout] = (),
        suppressions: Sequence[Suppression] = (),
    ) -> None:
        names = sorted(frozenset[str]().union(*(rule.predicate.features for rule in rules)))
        self._columns = [FEATURE_NAMES.index(name) for name in names]
        places = {name: place for place, name in enumerate(names)}
        self._rules = [_compiled(rule, places) for rule in rules]
        self._of_place: dict[tuple[str, str, str], list[_Compiled]] = {}
        self._lookouts = _by_entity(lookouts)
        self._suppressions = _by_entity(suppressions)

    @property
    def n_rules(self) -> int:
        """Number of rules, expired ones included."""
        return len(self._rules)

    @property
    def names_entities(self) -> bool:
        """Whether any lookout or suppression asks who an item's entities are."""
        return bool(self._lookouts or self._suppressions)

    def judge_all(
        self,
        items: Sequence[Vehicle | Shipment],
        entities: Sequence[Collection[Entity]],
        X: npt.NDArray[np.float32],
        legal: Sequence[Sequence[RuleHit]],
        now: int,
    ) -> list[Ruling]:
        """Judge the items of one micro-batch.

        Parameters
        ----------
        items : sequence of Vehicle or Shipment
            The n items.
        entities : sequence of collection of Entity
            Entities of each; not looked at unless `names_entities`.
        X : array of float32, shape (n, f)
            Their features.
        legal : sequence of sequence of RuleHit
            What `models.rules.legal_hits` says of each.
        now : int
            The present moment, in microseconds since the epoch.

        Returns
        -------
        list of Ruling
            One per item, in order.
        """
        if not self._rules and not self._lookouts:
            return [Ruling(tuple(hits), ()) for hits in legal]
        values: list[list[float]] = (
            X[:, self._columns].tolist() if self._columns else [[]] * len(items)
        )
        return [
            self._judge(*each, now) for each in zip(items, entities, values, legal, strict=True)
        ]

    def _judge(
        self,
        item: Vehicle | Shipment,
        entities: Collection[Entity],
        values: Sequence[float],
        legal: Sequence[RuleHit],
        now: int,
    ) -> Ruling:
        found = [
            each
            for each in self._at(item)
            if now < each.rule.expires_at and each.test(item, values)
        ]
        watched = self._watched(entities, now) if self._lookouts else []
        if not found and not watched:
            return Ruling(tuple(legal), ())
        silent = self._is_suppressed(entities, now)
        loud = [each for each in found if not (silent and each.rule.action == "raise")]
        demanding = [each.hit for each in loud if each.rule.action != "release"]
        released = [each.hit for each in loud if each.rule.action == "release"]
        hits = [*legal, *watched, *demanding] or released
        kept = {id(hit) for hit in hits}
        return Ruling(
            tuple(sorted(hits, key=lambda hit: _GRAVITY[hit.action])),
            tuple(
                RuleFired(each.rule.rule_id, each.rule.version, id(each.hit) in kept)
                for each in found
            ),
        )

    def _at(self, item: Vehicle | Shipment) -> list[_Compiled]:
        place = (item.port, item.kind, item.mode)
        found = self._of_place.get(place)
        if found is None:
            found = [
                each
                for each in self._rules
                if (each.rule.ports is None or item.port in each.rule.ports)
                and each.place(item, ())
            ]
            self._of_place[place] = found
        return found

    def _watched(self, entities: Collection[Entity], now: int) -> list[RuleHit]:
        return [
            _lookout_hit(lookout)
            for entity in entities
            for lookout in self._lookouts.get(entity, ())
            if now < lookout.expires_at
        ]

    def _is_suppressed(self, entities: Collection[Entity], now: int) -> bool:
        return bool(self._suppressions) and any(
            now < suppression.expires_at
            for entity in entities
            for suppression in self._suppressions.get(entity, ())
        )


def _compiled(rule: Rule, places: Mapping[str, int]) -> _Compiled:
    citation = f"rule {rule.rule_id} version {rule.version} of {rule.agency}"
    hit = RuleHit(rule.rule_id, rule.text, rule.action, citation)
    place, rest = (compile_predicate(each, places) for each in split_by_place(rule.predicate))
    return _Compiled(rule, place, rest, hit)


def _lookout_hit(lookout: Lookout) -> RuleHit:
    citation = f"lookout {lookout.lookout_id} of {lookout.agency}"
    return RuleHit(LOOKOUT_CODE, lookout.text, lookout.action, citation)


def _by_entity(named: Sequence[Any]) -> dict[Entity, list[Any]]:
    found: dict[Entity, list[Any]] = {}
    for each in named:
        found.setdefault((each.entity_kind, each.entity), []).append(each)
    return found
