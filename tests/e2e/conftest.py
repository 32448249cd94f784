"""One server and one browser for all tests of pages in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browsing import chromium, require_chromium
from tests.site import Site, fill, site


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a server with something on every page."""
    require_chromium()
    with site(tmp_path_factory.mktemp("site")) as running:
        fill(running)
        yield running


@pytest.fixture(scope="session")
def browser(here: Site) -> Iterator[Browser]:
    """Start a browser, once the server is up."""
    assert here.address
    with chromium() as running:
        yield running
