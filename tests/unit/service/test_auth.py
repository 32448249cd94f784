import pytest

from service.auth import KnownCallers, PortForbidden, Principal, RoleForbidden, authorise
from service.cli.keys import Role as Choice
from service.roles import PERMISSIONS, ROLES, SEES_IDENTIFIERS


def _caller(role: str, *ports: str) -> Principal:
    (known,) = (each for each in ROLES if each == role)
    return Principal("0" * 12, known, frozenset(ports) or None)


def test_a_route_that_is_not_listed_is_refused_to_every_role() -> None:
    for role in ROLES:
        with pytest.raises(RoleForbidden, match="may not GET /v1/unlisted"):
            authorise(_caller(role), "GET", "/v1/unlisted")


def test_an_open_route_is_open_to_every_role() -> None:
    for role in ROLES:
        authorise(_caller(role), "GET", "/livez")


def test_the_method_counts() -> None:
    authorise(_caller("feed"), "POST", "/v1/score")
    with pytest.raises(RoleForbidden):
        authorise(_caller("feed"), "GET", "/v1/score")


def test_a_feed_sees_neither_queue_nor_items() -> None:
    for (_, path), access in PERMISSIONS.items():
        if path == "/v1/queue" or path.startswith("/v1/items/"):
            assert access.roles is not None
            assert "feed" not in access.roles


def test_a_refused_port_is_named_with_its_field() -> None:
    caller = _caller("feed", "2304")
    caller.require_port("2304", "port")
    with pytest.raises(PortForbidden, match="5201") as refused:
        caller.require_port("5201", "items[3].port")
    assert refused.value.field == "items[3].port"


def test_who_learns_or_checks_sees_no_identifiers() -> None:
    assert not SEES_IDENTIFIERS & {"scientist", "evaluator", "auditor", "feed"}


def test_the_command_line_offers_exactly_the_roles() -> None:
    assert tuple(choice.value for choice in Choice) == ROLES


def test_a_known_caller_is_remembered_by_the_header_until_others_push_it_out() -> None:
    known = KnownCallers(most=2)
    first = Principal("a", "feed", None)
    assert known.get(None) is None
    assert known.get("Bearer x") is None
    known.remember("Bearer x", first)
    known.remember("Bearer y", first)
    assert known.get("Bearer x") is first
    known.remember("Bearer z", first)
    assert known.get("Bearer y") is None
    assert known.get("Bearer x") is first
    assert "Bearer x" not in repr(vars(known))
