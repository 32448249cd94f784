"""The pages in a browser: an inspector's morning, with and without JavaScript, mouse or sight."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from service.roles import Role
from tests.browsing import violations, visit
from tests.declarations import LINE, SHIPMENT
from tests.site import PORT, Site

PAGES: dict[Role, tuple[str, ...]] = {
    "inspector": (
        "/queue",
        "/queue?port=5201",
        "/items/LRD-0001",
        "/items/LRD-0004",
        "/items/LRD-0001/finding",
        "/items/LRD-0001/skip",
        "/items/past-30/finding",
        "/items/nothing",
    ),
    "supervisor": (
        "/shifts",
        "/shifts/morning",
        f"/open-shift?port={PORT}",
        "/performance?from=2026-09-01&to=2026-11-25",
        "/lookouts",
    ),
    "analyst": ("/rules", "/rules/solo", "/draft-rule?rule=solo", "/suppressions"),
    "auditor": ("/queue", "/items/past-30", "/audit", "/shifts/morning"),
    "scientist": ("/", "/items/LRD-0005", "/models", "/models/shipped"),
}
NARROW = {"width": 360, "height": 740}


@pytest.mark.parametrize("role", sorted(PAGES))
def test_axe_finds_nothing_by_day_or_night_and_no_page_scrolls_sideways(
    browser: Browser, here: Site, role: Role
) -> None:
    with visit(browser, here, role, viewport=NARROW, bypass_csp=True) as page:
        for path in PAGES[role]:
            page.goto(f"{here.address}{path}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= NARROW["width"], (path, wide)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert violations(page) == [], (path, scheme)


def test_axe_finds_nothing_on_a_form_with_faults_or_on_the_way_in(
    browser: Browser, here: Site
) -> None:
    with visit(browser, here, "inspector", bypass_csp=True, java_script_enabled=True) as page:
        page.goto(f"{here.address}/items/LRD-0001/finding")
        page.get_by_label("Minutes").fill("an hour")
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
        assert violations(page) == []
        page.context.clear_cookies()
        page.get_by_role("button", name="Save").click()
        page.wait_for_load_state()
        assert violations(page) == []


def test_axe_finds_nothing_on_pages_that_only_an_act_leads_to(browser: Browser, here: Site) -> None:
    _fresh(here, "LATE-1", departs_at=(here.clock() + timedelta(minutes=5)).isoformat())
    with visit(browser, here, "inspector", bypass_csp=True, viewport=NARROW) as page:
        page.goto(f"{here.address}/queue")
        expect(page.get_by_text("Do not let these leave unseen.")).to_be_visible()
        assert violations(page) == []
        page.goto(f"{here.address}/items/LATE-1/finding")
        page.get_by_label("Minutes").fill("9")
        page.context.clear_cookies()
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.get_by_role("button", name="Save").click()
        page.get_by_label("Your key").fill(here.keys["inspector"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="You are signed in again")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Show what I typed").click()
        expect(page.get_by_label("Minutes")).to_have_value("9")
    with visit(browser, here, "auditor", bypass_csp=True, viewport=NARROW) as page:
        page.goto(f"{here.address}/audit")
        page.get_by_role("button", name="Verify the whole audit").click()
        expect(page.get_by_role("heading", name="The audit is whole")).to_be_visible()
        assert violations(page) == []
    with visit(browser, here, "supervisor", bypass_csp=True, viewport=NARROW) as page:
        page.goto(f"{here.address}/open-shift?port={PORT}")
        page.get_by_text("How chance draws").click()
        expect(page.get_by_label("Of them drawn evenly, in percent")).to_have_value("50")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    with visit(browser, here, "analyst", bypass_csp=True, viewport=NARROW) as page:
        page.goto(f"{here.address}/draft-rule")
        page.get_by_text("What a condition may name").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.parametrize("role", ["inspector", "supervisor", "analyst"])
def test_what_is_pressed_is_large_enough_for_gloves(
    browser: Browser, here: Site, role: Role
) -> None:
    measure = """() => [...document.querySelectorAll(
        'button, input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea, ' +
        '.button, .choice label, nav a')]
        .filter((each) => each.offsetParent)
        .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
        .filter(([, box]) => box.height < 43.9 || box.width < 43.9).map(([html]) => html)"""
    with visit(browser, here, role, viewport=NARROW) as page:
        for path in PAGES[role]:
            page.goto(f"{here.address}{path}")
            assert page.evaluate(measure) == [], path


def _fresh(here: Site, item_id: str, **changes: object) -> None:
    """Post an item that must be inspected."""
    now, leaves = here.clock(), here.clock() + timedelta(hours=3)
    pistols = LINE | {"schedule_b": "9302.00", "description": item_id, "value_usd": 900.0}
    fields = {"item_id": item_id, "port": PORT, "mode": "express", "destination": "MX"}
    times = {"presented_at": now.isoformat(), "departs_at": leaves.isoformat()}
    body = SHIPMENT | fields | times | {"content": "merchandise", "lines": [pistols]} | changes
    here.post("/v1/score", body)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_inspector_claims_the_top_item_reads_why_and_records_a_find(
    browser: Browser, here: Site, *, scripts: bool
) -> None:
    item = f"TOP-{scripts}"
    _fresh(here, item)
    with visit(browser, here, "inspector", java_script_enabled=scripts) as page:
        page.get_by_role("button", name=re.compile(f"Claim.*{item}")).click()
        expect(page.get_by_text("It is in your hand.")).to_be_visible()
        expect(page.get_by_text("a firearm needs a filing").first).to_be_visible()
        page.get_by_role("link", name="Record a finding").click()
        page.get_by_label("How it was examined").select_option(label="Opening of a parcel (6 min)")
        page.get_by_label("Minutes").fill("7")
        page.get_by_label("Contraband found").check()
        page.get_by_label("Firearms").fill("1")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("The finding is saved.")).to_be_visible()
        expect(page.get_by_role("cell", name="1 firearms, 0 parts, 0 rounds")).to_be_visible()
        page.get_by_role("link", name="Back to the queue").click()
        assert page.locator(f"[data-item='{item}']").count() == 0
        page.go_back()
        page.go_back()
        page.reload()
        expect(page.get_by_text("A finding is saved for this item")).to_be_visible()
        assert len(here.findings(item)) == 1


def _tab_to(page: Page, name: str, most: int = 80) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        words = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText"
        )
        if words and words.strip().startswith(name):
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def test_the_keyboard_alone_is_enough(browser: Browser, here: Site) -> None:
    _fresh(here, "KEYS-1")
    with visit(browser, here, "inspector") as page:
        page.goto(f"{here.address}/sign-in")
        _tab_to(page, "Your key")
        page.keyboard.type(here.keys["inspector"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/queue")
        _tab_to(page, "Skip to the content")
        page.keyboard.press("Enter")
        _tab_to(page, "Merchandise: KEYS-1")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert float(outline.removesuffix("px")) >= 3
        _tab_to(page, "Claim")
        page.keyboard.press("Enter")
        page.wait_for_url("**/items/KEYS-1*")
        _tab_to(page, "Record a finding")
        page.keyboard.press("Enter")
        page.wait_for_url("**/finding")
        _tab_to(page, "How it was examined")
        page.keyboard.type("X-ray of a parcel")
        _tab_to(page, "Minutes")
        page.keyboard.type("3")
        _tab_to(page, "Nothing found")
        page.keyboard.press("Space")
        _tab_to(page, "Save")
        page.keyboard.press("Enter")
        expect(page.get_by_text("The finding is saved.")).to_be_visible()


def test_two_tabs_claim_one_item_and_the_other_is_told(browser: Browser, here: Site) -> None:
    _fresh(here, "BOTH-1")
    button = re.compile("Claim.*BOTH-1")
    with (
        visit(browser, here, "inspector") as one,
        visit(browser, here, "supervisor") as other,
    ):
        one.get_by_role("button", name=button).click()
        other.get_by_role("button", name=button).click()
        expect(one.get_by_text("It is in your hand.")).to_be_visible()
        expect(other.get_by_role("alert")).to_contain_text("somebody else has this item in hand")


def test_the_queue_refreshes_itself_and_announces_what_must_be_inspected(
    browser: Browser, here: Site
) -> None:
    with visit(browser, here, "inspector") as page:
        page.clock.install()
        page.goto(f"{here.address}/queue")
        link = page.locator("h2 a").last
        link.focus()
        _fresh(here, "NEWS-1")
        page.clock.fast_forward(16_000)
        expect(page.locator("#news")).to_have_text(
            "1 new item must be inspected: Merchandise: NEWS-1."
        )
        expect(page.locator("[data-item='NEWS-1']")).to_be_visible()
        expect(link).to_be_focused()
        page.context.clear_cookies()
        page.clock.fast_forward(16_000)
        expect(page.locator("#news")).to_contain_text("Sign in again")


def _fills(page: Page, here: Site, item: str, minutes: str) -> None:
    page.goto(f"{here.address}/items/{item}/finding")
    page.get_by_label("How it was examined").select_option("parcel_open")
    page.get_by_label("Minutes").fill(minutes)
    page.get_by_label("Nothing found").check()


def test_save_pressed_twice_at_once_saves_one_finding(browser: Browser, here: Site) -> None:
    _fresh(here, "TWICE-1")
    with visit(browser, here, "inspector") as page:
        _fills(page, here, "TWICE-1", "9")
        page.get_by_role("button", name="Save").dblclick()
        expect(page.get_by_text("The finding is saved.")).to_be_visible()
        assert len(here.findings("TWICE-1")) == 1


def test_a_form_that_never_arrived_is_sent_by_trying_again(browser: Browser, here: Site) -> None:
    _fresh(here, "NEVER-1")
    with visit(browser, here, "inspector") as page:
        _fills(page, here, "NEVER-1", "11")
        page.route("**/finding", lambda route: route.abort("internetdisconnected"))
        page.get_by_role("button", name="Save").click()
        page.wait_for_timeout(500)
        page.unroute("**/finding")
        assert here.findings("NEVER-1") == []
        page.reload()
        expect(page.get_by_text("The finding is saved.")).to_be_visible()
        assert [row["minutes"] for row in here.findings("NEVER-1")] == [11.0]


def test_a_lost_connection_loses_nothing_that_was_typed(browser: Browser, here: Site) -> None:
    _fresh(here, "LOST-1")
    with visit(browser, here, "inspector") as page:
        _fills(page, here, "LOST-1", "9")
        # the form arrives, the answer does not
        page.route("**/finding", lambda route: (route.fetch(max_redirects=0), route.abort()))
        page.get_by_role("button", name="Save").click()
        page.wait_for_timeout(500)
        page.unroute("**/finding")
        page.goto(f"{here.address}/items/LOST-1/finding")
        expect(page.get_by_text("A finding is saved for this item")).to_be_visible()
        assert len(here.findings("LOST-1")) == 1
