"""Run as a module: take the README's pictures of the pages anew, into docs/images."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from service.roles import Role
from tests.browsing import CHROMIUM, chromium, sign_in
from tests.site import fill, site

IMAGES = Path(__file__).parents[1] / "docs" / "images"
VIEW = {"width": 900, "height": 760}

SHOWN: Mapping[str, tuple[Role, str]] = {
    "queue": ("inspector", "/queue"),
    "performance": ("supervisor", "/performance?from=2026-08-01&to=2026-11-25"),
    "item": ("inspector", "/items/LRD-0001"),
}
"""Picture to whose page it is."""


def take(folder: Path) -> list[Path]:
    """Take every picture, and list the files."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: list[Path] = []
    with tempfile.TemporaryDirectory() as scratch, site(Path(scratch)) as here:
        fill(here)
        with chromium() as browser:
            for name, (role, path) in SHOWN.items():
                page = browser.new_page(viewport=VIEW, color_scheme="light")  # type: ignore[arg-type]
                sign_in(page, here.address, here.keys[role])
                page.goto(f"{here.address}{path}")
                page.screenshot(path=folder / f"{name}.png")
                page.close()
                taken.append(folder / f"{name}.png")
    return taken


if __name__ == "__main__":
    if not CHROMIUM.exists():
        sys.exit(f"there is no {CHROMIUM}; apt-get install chromium")
    for image in take(IMAGES):
        print(f"{image.relative_to(Path.cwd())}: {image.stat().st_size:,} bytes")  # noqa: T201 - a command
