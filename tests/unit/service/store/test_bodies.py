from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from features.encoding import microseconds
from features.entities import entity_keys
from features.items import ITEM, Shipment, Vehicle
from service.store.bodies import IDENTIFYING, split
from service.store.tokens import Tokens
from service.store.types import from_microseconds
from tests.fakes import shipment, vehicle
from tests.streams import items

TOKENS = Tokens("a secret of forty characters, for tests.")


@given(items("I1"))
def test_an_item_is_put_together_again_exactly(item: Vehicle | Shipment) -> None:
    body = split(item, TOKENS)
    assert ITEM.validate_python(body.body | body.identifiers) == item


@given(items("I1"))
def test_every_identifier_is_replaced_by_the_token_of_its_entity(
    item: Vehicle | Shipment,
) -> None:
    body = split(item, TOKENS)
    tokens = {TOKENS.token(kind, key) for kind, key in entity_keys(item).items()}
    assert {body.body[field] for field in body.identifiers} == tokens
    assert set(body.identifiers) <= set(IDENTIFYING)


@given(items("I1"), items("I1"))
def test_digests_are_equal_exactly_when_contents_are(
    one: Vehicle | Shipment, other: Vehicle | Shipment
) -> None:
    same = split(one, TOKENS).digest == split(other, TOKENS).digest
    assert same == (one == other)


def test_a_purged_identifier_leaves_its_token() -> None:
    body = split(shipment(), TOKENS)
    purged = ITEM.validate_python(body.body)
    assert isinstance(purged, Shipment)
    assert purged.shipper == TOKENS.token("shipper", "S1")


def test_spellings_of_one_plate_have_one_token() -> None:
    plates = ("ABC1234", "abc-1234", "AbC 12 34")
    bodies = [split(vehicle(plate=plate), TOKENS).body["plate"] for plate in plates]
    assert len(set(bodies)) == 1


def test_kinds_states_and_secrets_tell_tokens_apart() -> None:
    other = Tokens("another secret of forty characters, too.")
    tokens = {
        TOKENS.token("shipper", "S1"),
        TOKENS.token("consignee", "S1"),
        TOKENS.token("plate", "TX:S1"),
        TOKENS.token("plate", "CA:S1"),
        other.token("shipper", "S1"),
    }
    assert len(tokens) == 5
    assert other.key_id != TOKENS.key_id


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - made aware below
def test_moments_survive_to_the_microsecond(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    assert from_microseconds(microseconds(moment)) == moment
    if naive.year < 9999:
        assert from_microseconds(microseconds(moment) + 1) - moment == timedelta(microseconds=1)
