"""Debian's Chromium, driven by Playwright; where there is none, tests of pages skip and say so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

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


def sign_in(page: Page, address: str, key: str) -> None:
    """Sign in as a person would."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
