"""Models live: two people promote, a switch takes all models away, a challenger says nothing."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.registry import install_bundle
from models.signing import load_or_create_key, trusted_keys
from service.challenger import Challenger
from service.store.model_tables import PROPOSALS, SHADOW_SCORES
from tests.bundles import shipped_but
from tests.declarations import VEHICLE
from tests.serving import (
    OTHER_VERSION,
    VERSION,
    Desk,
    MakeDesk,
    Shelf,
    faulty_model,
    plain_model,
)

SOON = VEHICLE | {"presented_at": "2026-11-24T09:00:00Z"}


def _do(desk: Desk, method: str, path: str, headers: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - a reply
    return desk.client.request(method, path, headers=headers or desk.headers("supervisor"))


def _state(desk: Desk, path: str) -> dict[str, Any]:
    reply = _do(desk, "POST", path)
    assert reply.status_code == 200, reply.text
    desk.runtime.champion.refresh()
    told: dict[str, Any] = reply.json()
    return told


@pytest.fixture
def installed(desk: Desk, tmp_path: Path) -> str:
    """Install the shipped bundle under another name, sealed by a fitter who is trusted here."""
    state_dir = desk.runtime.settings.state_dir
    folder = shipped_but(tmp_path / "other", load_or_create_key(state_dir), seed=2)
    return install_bundle(folder, state_dir, trusted_keys(state_dir)).manifest.version


def test_one_proposes_and_another_confirms(desk: Desk, installed: str) -> None:
    first, second = desk.headers("scientist"), desk.headers("supervisor")
    path = f"/v1/models/{installed}/promote"
    assert _do(desk, "POST", path, first).json() == {"state": "proposed", "version": installed}
    again = _do(desk, "POST", path, first)
    assert again.status_code == 409
    assert again.json()["type"] == "urn:weir:problem:needs-another"
    listed = _do(desk, "GET", "/v1/models").json()
    assert [each["version"] for each in listed["proposals"]] == [installed]
    assert listed["champion"] is None
    assert _do(desk, "POST", path, second).json() == {"state": "promoted", "version": installed}
    listed = _do(desk, "GET", "/v1/models").json()
    assert (listed["champion"], listed["proposals"]) == (installed, [])
    assert _do(desk, "POST", path, second).json()["type"] == "urn:weir:problem:in-use"
    with desk.runtime.store.read() as connection:
        (row,) = connection.execute(select(PROPOSALS)).all()
    assert row.proposed_by != row.confirmed_by


def test_a_proposal_that_nobody_confirms_in_time_is_one_no_more(desk: Desk, installed: str) -> None:
    path = f"/v1/models/{installed}/promote"
    _do(desk, "POST", path)
    desk.clock.forward(days=7)
    assert _do(desk, "POST", path).json()["state"] == "proposed"


def test_a_rollback_goes_back_to_what_was_in_use(desk: Desk, installed: str) -> None:
    for _ in range(2):
        _do(desk, "POST", f"/v1/models/{installed}/promote")
    assert _do(desk, "POST", "/v1/models/rollback").json() == {
        "state": "rolled_back",
        "version": None,
    }
    reply = _do(desk, "POST", "/v1/models/rollback")
    assert reply.status_code == 409
    actions = [each["action"] for each in _do(desk, "GET", "/v1/models").json()["moves"]]
    assert actions == ["rollback", "promote"]


@pytest.mark.parametrize("act", ["promote", "challenge"])
def test_what_is_not_installed_is_not_found(desk: Desk, act: str) -> None:
    assert _do(desk, "POST", f"/v1/models/{VERSION}/{act}").status_code == 404
    assert _do(desk, "POST", f"/v1/models/nothing/{act}").status_code == 422


def test_a_damaged_bundle_is_refused_and_nothing_changes(desk: Desk, installed: str) -> None:
    model = desk.runtime.settings.state_dir / "bundles" / installed / "model.txt"
    model.write_bytes(model.read_bytes()[:-1])
    for act in ("promote", "challenge"):
        reply = _do(desk, "POST", f"/v1/models/{installed}/{act}")
        assert reply.status_code == 409
        assert reply.json()["type"] == "urn:weir:problem:bundle-refused"
    assert _do(desk, "GET", "/v1/models").json()["proposals"] == []


def test_the_switch_leaves_the_rules_alone_and_is_put_back(desk: Desk) -> None:
    assert not desk.score(SOON)["degraded"]
    assert _state(desk, "/v1/models/kill")["state"] == "killed"
    answer = desk.score(SOON | {"item_id": "V2"})
    assert (answer["degraded"], answer["risk"]) == (True, None)
    assert _do(desk, "GET", "/v1/models").json()["killed"]
    assert desk.client.get("/readyz").json()["degraded"]
    assert "weir_degraded 1.0" in desk.client.get("/metrics").text
    _state(desk, "/v1/models/kill")
    _state(desk, "/v1/models/restore")
    assert not desk.score(SOON | {"item_id": "V3"})["degraded"]
    rows = desk.client.get("/v1/audit", headers=desk.headers("auditor")).json()["rows"]
    acts = [row["act"] for row in rows if row["act"].startswith("models.")]
    assert acts == ["models.killed", "models.restored"]


def _shadowed(make_desk: MakeDesk, challenger: Any) -> Desk:  # noqa: ANN401 - a stand-in
    desk = make_desk(Shelf(shipped=plain_model()))
    desk.runtime.challenger.model = challenger
    return desk


def test_what_the_challenger_says_is_kept_and_shown_to_nobody_at_the_port(
    make_desk: MakeDesk,
) -> None:
    desk = _shadowed(make_desk, None)
    plain = desk.score(SOON | {"item_id": "V2", "plate": "P2"})
    desk.runtime.challenger.model = plain_model(OTHER_VERSION, "plate_n_items_1d")
    assert desk.score(SOON) == plain | {"item_id": "V1"}
    with desk.runtime.store.read() as connection:
        (row,) = connection.execute(select(SHADOW_SCORES)).all()
    assert (row.item_id, row.bundle) == ("V1", OTHER_VERSION)
    assert row.risk != plain["risk"]
    for role in ("inspector", "supervisor"):
        for path in ("/v1/queue", "/v1/items/V1"):
            assert OTHER_VERSION not in desk.client.get(path, headers=desk.headers(role)).text


def test_a_challenger_that_fails_changes_no_answer(make_desk: MakeDesk) -> None:
    desk = _shadowed(make_desk, faulty_model("nobody thought of it"))
    assert not desk.score(SOON)["degraded"]
    with desk.runtime.store.read() as connection:
        assert connection.execute(select(SHADOW_SCORES)).all() == []


def test_the_challenger_is_put_in_shadow_and_taken_out_again(desk: Desk, installed: str) -> None:
    reply = _do(desk, "POST", f"/v1/models/{installed}/challenge")
    assert reply.json() == {"state": "challenging", "version": installed}
    shelf = Shelf(plain_model(installed))
    keeper = Challenger(desk.runtime.store, shelf, desk.clock)
    keeper.refresh()
    assert keeper.model is not None
    keeper.refresh()
    assert shelf.asked == [installed]
    shown = _do(desk, "GET", "/v1/models").json()["challenger"]
    assert (shown["version"], shown["n_scored"]) == (installed, 0)
    retired = _do(desk, "DELETE", "/v1/models/challenger")
    assert retired.json() == {"state": "retired", "version": None}
    keeper.refresh()
    assert keeper.model is None


def test_the_comparison_is_over_items_that_both_judged(make_desk: MakeDesk) -> None:
    desk = _shadowed(make_desk, plain_model(OTHER_VERSION))
    for n in range(4):
        desk.score(SOON | {"item_id": f"V{n}", "plate": f"P{n}", "occupants": n})
    finding = {"item_id": "V3", "method": "partial_search", "minutes": 15.0, "outcome": "find"}
    headers = desk.headers() | {"Idempotency-Key": "record-0001"}
    desk.client.post("/v1/inspections", json=finding | {"n_firearms": 1}, headers=headers)
    with desk.runtime.store.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO challengers (version, moved_at, key_id) VALUES"  # noqa: S608 - our own
            f" ('{OTHER_VERSION}', 0, 'x')"
        )
    shown = _do(desk, "GET", "/v1/models").json()["challenger"]
    assert (shown["n_scored"], shown["n_finds"], shown["n_clear"]) == (4, 1, 0)
    assert shown["challenger_mean_risk"] == pytest.approx(shown["champion_mean_risk"])
    assert shown["challenger_mean_risk_of_finds"] > shown["challenger_mean_risk"]
    assert shown["challenger_mean_risk_of_clear"] is None


def test_what_may_be_in_use_soon_is_loaded_before(desk: Desk, installed: str) -> None:
    _do(desk, "POST", f"/v1/models/{installed}/promote")
    shelf = Shelf(plain_model(installed), shipped=plain_model())
    keeper = Challenger(desk.runtime.store, shelf, desk.clock)
    keeper.refresh()
    assert shelf.asked == [installed]
    _do(desk, "POST", f"/v1/models/{installed}/promote")
    keeper.refresh()
    assert shelf.asked == [installed, None]
    assert keeper.model is None
