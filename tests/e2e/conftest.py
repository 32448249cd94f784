"""One server and one browser for each module of tests of pages in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browsing import chromium, require_chromium
from tests.site import Site, fill, site


# per module: Playwright keeps an event loop running in this thread, where other tests run theirs
@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a server with something on every page."""
    require_chromium()
    with site(tmp_path_factory.mktemp("site")) as running:
        fill(running)
        yield running


@pytest.fixture(scope="module")
def browser(here: Site) -> Iterator[Browser]:
    """Start a browser, once the server is up."""
    assert here.address
    with chromium() as running:
        yield running
