"""The pages of models: two people promote, one switch takes all away, cards say what was met."""

from pathlib import Path

import pytest

from models.registry import install_bundle
from models.signing import load_or_create_key, trusted_keys
from tests.bundles import shipped_but
from tests.serving import Desk
from tests.visitors import Visitor, visitor_of


@pytest.fixture
def installed(desk: Desk, tmp_path: Path) -> str:
    """Install the shipped bundle under another name, sealed by a fitter who is trusted here."""
    state_dir = desk.runtime.settings.state_dir
    folder = shipped_but(tmp_path / "other", load_or_create_key(state_dir), seed=2)
    return install_bundle(folder, state_dir, trusted_keys(state_dir)).manifest.version


def _send(visitor: Visitor, page: str, action: str) -> tuple[int, str]:
    answer = visitor.post(action, visitor.get(page).form(action))
    return answer.status, answer.text


def test_one_proposes_another_confirms_and_the_promotion_is_rolled_back(
    desk: Desk, installed: str
) -> None:
    page, promote = f"/models/{installed}", f"/models/{installed}/promote"
    scientist, boss = visitor_of(desk, "scientist"), visitor_of(desk, "supervisor")
    shown = scientist.get(page)
    assert "State Not in use" in shown.text
    assert "auc at least 0.55: 0.7369 (95 %: 0.6188 to 0.8284), met" in shown.text
    assert "# Model card" in shown.text
    assert "It is proposed" in _send(scientist, page, promote)[1]
    assert "Confirm the promotion" in scientist.get(page).text
    status, told = _send(scientist, page, promote)
    assert (status, "you proposed this bundle" in told) == (409, True)
    assert installed in boss.get("/models").text
    assert "It is the champion now. State Champion" in _send(boss, page, promote)[1]
    assert promote not in dict(boss.get(page).forms)
    told = _send(boss, "/models", "/models/rollback")[1]
    assert "The champion of before is back." in told
    assert "Champion: the one that Weir ships" in told
    assert "rollback" in told


def test_a_bundle_goes_into_shadow_and_out_of_it(desk: Desk, installed: str) -> None:
    scientist = visitor_of(desk, "scientist")
    told = _send(scientist, f"/models/{installed}", f"/models/{installed}/challenge")[1]
    assert f"Challenger: {installed}" in told
    assert "Mean risk over 0 items" in told
    assert "State In shadow" in scientist.get(f"/models/{installed}").text
    told = _send(scientist, "/models", "/models/retire-challenger")[1]
    assert "No model is in shadow." in told


def test_the_switch_is_thrown_and_put_back(desk: Desk) -> None:
    boss = visitor_of(desk, "supervisor")
    assert "The kill switch is thrown" in _send(boss, "/models", "/models/kill")[1]
    assert "but the rules alone answer" in boss.get("/models/shipped").text
    desk.runtime.champion.refresh()
    assert "Rules only." in boss.get("/queue").text
    told = _send(boss, "/models", "/models/restore")[1]
    assert "The champion answers again." in told
    assert "kill switch is thrown" not in told


def test_a_damaged_bundle_is_said_to_be_one(desk: Desk, installed: str) -> None:
    model = desk.runtime.settings.state_dir / "bundles" / installed / "model.txt"
    model.write_bytes(model.read_bytes()[:-1])
    assert visitor_of(desk, "scientist").get(f"/models/{installed}").status == 409


def test_an_evaluator_looks_on_and_moves_nothing(desk: Desk, installed: str) -> None:
    evaluator = visitor_of(desk, "evaluator")
    for path in ("/models", f"/models/{installed}"):
        page = evaluator.get(path)
        assert page.status == 200
        assert {action for action, _ in page.forms} == {"/sign-out"}
    assert visitor_of(desk).get("/models").status == 403
