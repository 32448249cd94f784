"""The pages in a browser: shifts, rules and models, and what each role is refused."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from models.registry import install_bundle
from models.signing import load_or_create_key, trusted_keys
from service.roles import Role
from tests.browsing import violations, visit
from tests.bundles import shipped_but
from tests.declarations import VEHICLE
from tests.site import PORT, Site

REFUSED: dict[Role, tuple[str, ...]] = {
    "inspector": ("/open-shift", "/draft-rule", "/lookouts", "/performance", "/models", "/audit"),
    "supervisor": ("/draft-rule", "/audit"),
    "analyst": ("/open-shift", "/items/LRD-0001/finding", "/audit"),
    "scientist": ("/queue", "/shifts", "/lookouts", "/draft-rule", "/audit"),
    "evaluator": ("/queue", "/items/LRD-0001", "/rules", "/shifts", "/audit"),
    "auditor": ("/open-shift", "/draft-rule", "/items/LRD-0001/skip"),
}


@pytest.mark.parametrize("role", sorted(REFUSED))
def test_each_role_is_refused_what_is_not_theirs(browser: Browser, here: Site, role: Role) -> None:
    with visit(browser, here, role) as page:
        for path in REFUSED[role]:
            assert page.locator(f"nav a[href='{path}']").count() == 0
            reply = page.goto(f"{here.address}{path}")
            assert reply is not None
            assert reply.status == 403, path
            expect(page.get_by_role("heading", name="This is not yours to open")).to_be_visible()
            page.goto(f"{here.address}/")


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_supervisor_opens_plans_and_plans_a_shift_again(
    browser: Browser, here: Site, *, scripts: bool
) -> None:
    options = {"java_script_enabled": scripts, "bypass_csp": scripts}
    with visit(browser, here, "supervisor", **options) as page:
        page.get_by_role("link", name="Shifts").click()
        page.goto(f"{here.address}/shifts?port={PORT}")
        page.get_by_role("link", name="Open a shift").click()
        page.get_by_label("Name").fill(f"late-{scripts}")
        page.get_by_label("Private vehicle").check()
        page.get_by_label("Search of the usual hiding places").fill("an hour")
        _press(page, "Open it")
        expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
        assert violations(page) == [] if scripts else page.get_by_label("Name").is_visible()
        page.get_by_label("Search of the usual hiding places").fill("480")
        _press(page, "Open it")
        expect(page.get_by_text("The shift is open.")).to_be_visible()
        _press(page, "Plan it")
        expect(page.get_by_text("It is planned anew.")).to_be_visible()
        expect(page.get_by_role("row", name=re.compile("hiding places 480"))).to_be_visible()
        _press(page, "Plan again")
        expect(page.get_by_role("definition").filter(has_text="2, the last on")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_analyst_previews_a_rule_and_another_person_releases_it(
    browser: Browser, here: Site, *, scripts: bool
) -> None:
    options = {"java_script_enabled": scripts, "bypass_csp": scripts}
    name = f"late-{scripts}".lower()
    with (
        visit(browser, here, "analyst", **options) as analyst,
        visit(browser, here, "supervisor", **options) as chief,
    ):
        analyst.get_by_role("link", name="Rules").click()
        analyst.get_by_role("link", name="Write a rule").click()
        analyst.get_by_label("Condition").fill("mode = 'pov'\nAND occupant = 1")
        _press(analyst, "Preview on history")
        expect(analyst.locator("#predicate-fault")).to_contain_text("character 18: ")
        assert violations(analyst) == [] if scripts else True
        analyst.get_by_label("Condition").fill("mode = 'pov'\nAND occupants = 1")
        analyst.get_by_label("What it does").select_option(label="Raises it")
        analyst.get_by_label("Days to look back").fill("90")
        _press(analyst, "Preview on history")
        expect(
            analyst.get_by_text(re.compile(r"of \d+ items .*would have been raised"))
        ).to_be_visible()
        assert violations(analyst) == [] if scripts else True
        analyst.get_by_label("Name", exact=True).fill(name)
        analyst.get_by_label("Why it was hit").fill("alone, and late")
        _press(analyst, "Save the draft")
        expect(analyst.get_by_text("The draft is saved")).to_be_visible()
        _press(analyst, "Put in force")
        expect(analyst.get_by_role("alert")).to_contain_text("somebody else releases it")
        chief.goto(f"{here.address}/rules/{name}")
        _press(chief, "Preview on four weeks")
        expect(chief.get_by_role("heading", name="What it would have hit")).to_be_visible()
        _press(chief, "Put in force")
        expect(chief.get_by_role("heading", name="Version 1: released")).to_be_visible()


def test_two_people_promote_a_bundle_and_one_rolls_it_back(
    browser: Browser, here: Site, tmp_path: Path
) -> None:
    folder = shipped_but(tmp_path / "other", load_or_create_key(here.state_dir), seed=2)
    trusted = trusted_keys(here.state_dir)
    version = install_bundle(folder, here.state_dir, trusted).manifest.version
    with (
        visit(browser, here, "scientist", java_script_enabled=False) as one,
        visit(browser, here, "supervisor", bypass_csp=True) as other,
    ):
        one.goto(f"{here.address}/models")
        one.get_by_role("link", name=version).click()
        met = one.get_by_role("listitem").filter(has_text="auc at least 0.55: 0.7369")
        expect(met).to_be_visible()
        _press(one, "Propose it as champion")
        expect(one.get_by_role("status")).to_contain_text("somebody with another key")
        _press(one, "Confirm the promotion")
        expect(one.get_by_role("alert")).to_contain_text("you proposed this bundle")
        other.goto(f"{here.address}/models/{version}")
        assert violations(other) == []
        _press(other, "Confirm the promotion")
        expect(other.get_by_text("It is the champion now.")).to_be_visible()
        other.goto(f"{here.address}/models")
        assert violations(other) == []
        _press(other, "Roll back the last promotion")
        expect(other.get_by_text("The champion of before is back.")).to_be_visible()
        _press(other, "Kill switch")
        expect(other.get_by_text("the rules alone answer.")).to_be_visible()
        _press(other, "Let the champion answer again")
        expect(other.get_by_text("The champion answers again.")).to_be_visible()


def _officer_finds(page: Page, here: Site) -> int:
    page.goto(f"{here.address}/performance?port={PORT}")
    row = page.get_by_role("region", name="Arms").get_by_role("row", name=re.compile("^An officer"))
    return int(row.get_by_role("cell").nth(2).inner_text())


def test_a_find_is_seen_in_performance_once_its_item_has_left(browser: Browser, here: Site) -> None:
    now = here.clock()
    leaves = now + timedelta(minutes=2)
    times = {"presented_at": now.isoformat(), "departs_at": leaves.isoformat()}
    here.post("/v1/score", VEHICLE | times | {"item_id": "GONE-1", "plate": "GONE 1"})
    with (
        visit(browser, here, "inspector") as inspector,
        visit(browser, here, "supervisor") as boss,
    ):
        before = _officer_finds(boss, here)
        inspector.goto(f"{here.address}/items/GONE-1/finding")
        inspector.get_by_label("How it was examined").select_option("partial_search")
        inspector.get_by_label("Minutes").fill("15")
        inspector.get_by_label("Contraband found").check()
        inspector.get_by_label("Firearms").fill("2")
        _press(inspector, "Save")
        expect(inspector.get_by_text("The finding is saved.")).to_be_visible()
        assert _officer_finds(boss, here) == before
        here.clock.forward(minutes=3)
        assert _officer_finds(boss, here) == before + 1
        weeks = boss.get_by_role("region", name="Weeks")
        expect(weeks.get_by_role("row", name=re.compile(rf"{before + 1} of "))).to_be_visible()
