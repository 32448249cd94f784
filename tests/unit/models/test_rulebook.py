"""What analysts' rules, lookouts and suppressions do beside the law."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from features.catalogue import FEATURE_NAMES
from features.items import Shipment, Vehicle
from models.predicates.parse import parse
from models.rulebook import FOREVER, Entity, Lookout, Rule, Rulebook, Ruling, Suppression
from models.rules import Action, RuleHit, legal_hits
from tests.declarations import line_of, shipment_of, vehicle_of

PLATE: Entity = ("plate", "TX:ABC1234")
FILED = {"exemption": "30.37(a)"}


def rule(predicate: str = "TRUE", action: Action = "raise", **changes: Any) -> Rule:  # noqa: ANN401
    plain = Rule("R1", 1, "CBP", "as told", action, None, FOREVER, parse(predicate))
    return plain._replace(**changes)


def lookout(**changes: Any) -> Lookout:  # noqa: ANN401 - any field
    plain = Lookout("L1", "plate", PLATE[1], "ATF", "seen at a sale", "must_inspect", 100.0)
    return plain._replace(**changes)


def judge(
    book: Rulebook,
    item: Vehicle | Shipment,
    *entities: Entity,
    now: int = 0,
    legal: Sequence[RuleHit] | None = None,
    **features: float,
) -> Ruling:
    X = np.full((1, len(FEATURE_NAMES)), np.nan, dtype=np.float32)
    for name, value in features.items():
        X[0, FEATURE_NAMES.index(name)] = value
    law = legal_hits(item) if legal is None else legal
    (ruling,) = book.judge_all([item], [entities], X, [law], now)
    return ruling


def actions(ruling: Ruling) -> list[tuple[str, str]]:
    return [(hit.code, hit.action) for hit in ruling.hits]


def test_a_rule_hits_where_its_condition_holds_and_says_whose_it_is() -> None:
    book = Rulebook([rule("occupants = 1 AND plate_n_items_90d > 10")])
    (hit,) = judge(book, vehicle_of(), plate_n_items_90d=11.0).hits
    assert hit == RuleHit("R1", "as told", "raise", "rule R1 version 1 of CBP")
    assert not judge(book, vehicle_of(), plate_n_items_90d=10.0).hits
    assert not judge(book, vehicle_of()).hits


def test_features_of_several_rules_are_not_mixed_up() -> None:
    book = Rulebook(
        [
            rule("plate_n_items_90d > 10", rule_id="A"),
            rule("local_hour < 4 AND plate_n_items_90d < 3", rule_id="B"),
            rule("occupants = 1", rule_id="C"),
        ]
    )
    fired = judge(book, vehicle_of(), plate_n_items_90d=2.0, local_hour=3.0).fired
    assert [each.rule_id for each in fired] == ["B", "C"]


def test_a_rule_holds_at_its_ports_until_it_expires() -> None:
    book = Rulebook([rule(ports=frozenset({"2304"}), expires_at=100.0)])
    assert judge(book, vehicle_of(port="2304"), now=99).hits
    assert not judge(book, vehicle_of(port="2304"), now=100).hits
    assert not judge(book, vehicle_of(port="2402"), now=99).hits


def test_a_lookout_hits_what_names_its_entity_until_it_expires() -> None:
    book = Rulebook([], [lookout()])
    (hit,) = judge(book, vehicle_of(), PLATE, now=99).hits
    assert (hit.code, hit.action, hit.citation) == ("lookout", "must_inspect", "lookout L1 of ATF")
    assert not judge(book, vehicle_of(), PLATE, now=100).hits
    assert not judge(book, vehicle_of(), ("driver", PLATE[1]), now=99).hits


def test_a_suppression_silences_rules_that_raise_and_nothing_else() -> None:
    silent = Suppression("plate", PLATE[1], 100.0)
    rules = [rule(), rule(action="must_inspect", rule_id="R2")]
    book = Rulebook(rules, [lookout(action="raise")], [silent])
    law = RuleHit("parts_unfiled", "parts", "raise", "15 CFR 758.1")
    ruling = judge(book, vehicle_of(), PLATE, legal=[law])
    assert actions(ruling) == [
        ("R2", "must_inspect"),
        ("parts_unfiled", "raise"),
        ("lookout", "raise"),
    ]
    assert [(each.rule_id, each.in_force) for each in ruling.fired] == [("R1", False), ("R2", True)]
    loud = judge(book, vehicle_of(), PLATE, now=100)
    assert actions(loud) == [("R2", "must_inspect"), ("R1", "raise")]
    other = judge(book, vehicle_of(), ("plate", "TX:OTHER"))
    assert actions(other) == [("R2", "must_inspect"), ("R1", "raise")]


def test_a_release_yields_to_the_law_to_lookouts_and_to_other_rules() -> None:
    release = rule("TRUE", "release", rule_id="R0")
    assert actions(judge(Rulebook([release]), vehicle_of())) == [("R0", "release")]
    assert actions(judge(Rulebook([release, rule()]), vehicle_of())) == [("R1", "raise")]
    watched = judge(Rulebook([release], [lookout()]), vehicle_of(), PLATE)
    assert actions(watched) == [("lookout", "must_inspect")]
    unfiled = shipment_of(line_of(schedule_b="9302", value_usd=5), filing=FILED)
    ruling = judge(Rulebook([release]), unfiled)
    assert actions(ruling) == [("firearm_unfiled", "must_inspect")]
    assert [(each.rule_id, each.in_force) for each in ruling.fired] == [("R0", False)]


def test_a_silenced_rule_does_not_hold_a_release_back() -> None:
    release = rule("TRUE", "release", rule_id="R0")
    book = Rulebook([release, rule()], [], [Suppression("plate", PLATE[1], 100.0)])
    assert actions(judge(book, vehicle_of(), PLATE)) == [("R0", "release")]


def test_an_empty_book_leaves_the_law_as_it_is() -> None:
    unfiled = shipment_of(line_of(schedule_b="9302", value_usd=5), filing=FILED)
    assert judge(Rulebook(), unfiled) == Ruling(legal_hits(unfiled), ())
    assert not Rulebook().names_entities
    assert Rulebook([], [lookout()]).names_entities
    assert Rulebook([rule()]).n_rules == 1
