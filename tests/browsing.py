"""Debian's Chromium, driven by Playwright; where there is none, tests of pages skip and say so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from service.roles import Role
from tests.site import Site

CHROMIUM = Path("/usr/bin/chromium")
REQUIRED = "WEIR_TEST_BROWSER_REQUIRED"


def _without(reason: str) -> NoReturn:
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{reason}, and here it must be")
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser that keeps nothing, for as long as the block lasts."""
    with sync_playwright() as playwright:
        # its own sandbox needs rights that containers do not give; it only sees our own pages
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        try:
            yield browser
        finally:
            browser.close()


def require_chromium() -> None:
    """Skip the test where there is no browser, or fail it where there must be one."""
    if not CHROMIUM.exists():
        _without(f"there is no {CHROMIUM}; apt-get install chromium")


@contextmanager
def visit(browser: Browser, here: Site, role: Role, **options: object) -> Iterator[Page]:
    """Sign in as somebody with a role; what the page or its policy complains of is a failure."""
    context = browser.new_context(**options)  # type: ignore[arg-type]  # as Playwright names them
    context.set_default_timeout(15_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "CSP" in said.text else None)
    sign_in(page, here.address, here.keys[role])
    yield page
    context.close()
    assert faults == []


def violations(page: Page) -> list[str]:
    """List what axe finds on a page."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def sign_in(page: Page, address: str, key: str) -> None:
    """Sign in as a person would."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
