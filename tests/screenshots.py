"""Run as a module: take the README's pictures of the pages anew, into docs/images."""

import random
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from service.roles import Role
from tests.browsing import CHROMIUM, chromium, sign_in
from tests.declarations import VEHICLE
from tests.site import PORT, Site, fill, site

IMAGES = Path(__file__).parents[1] / "docs" / "images"
VIEW = {"width": 900, "height": 900}

DAYS, A_DAY = 28, 40
"""Days of planned shifts before the morning that is shown, and vehicles on each."""

SHOWN: Mapping[str, tuple[Role, str]] = {
    "queue": ("inspector", "/queue"),
    "performance": ("supervisor", "/performance?from=2026-10-26&to=2026-11-24"),
    "item": ("inspector", "/items/LRD-0001"),
}
"""Picture to whose page it is."""


def _work(here: Site) -> None:
    """Let a port work by plan for four weeks; who carries is mostly in company."""
    end, dice = here.clock(), random.Random(0)  # noqa: S311 - a made-up month
    for day in range(DAYS):
        here.clock.at = end - timedelta(days=DAYS - day)
        at, ends = here.clock(), here.clock() + timedelta(hours=8)
        vehicles = [
            VEHICLE
            | {"item_id": f"w{day}-{n}", "plate": f"W{day} {n}", "occupants": dice.randint(1, 4)}
            | {"presented_at": at.isoformat(), "departs_at": (at + timedelta(hours=4)).isoformat()}
            for n in range(A_DAY)
        ]
        here.post("/v1/score/batch", {"items": vehicles})
        minutes = {"partial_search": 180.0}
        hours = {"starts_at": at.isoformat(), "ends_at": ends.isoformat()}
        shift = {"shift_id": f"day-{day}", "port": PORT, "modes": ["pov"], "minutes": minutes}
        share = {"exploration_share": 0.4, "plan_every_minutes": 480.0}
        here.post("/v1/shifts", shift | hours | share, "supervisor")
        planned = here.post(f"/v1/shifts/day-{day}/plan", None, "supervisor")
        carried = {
            item["item_id"]: dice.random() < (0.3 if item["occupants"] > 2 else 0.05)
            for item in vehicles
        }
        for each in planned["chosen"]:
            item = each["item_id"]
            outcome = (
                {"outcome": "find", "n_firearms": 1} if carried[item] else {"outcome": "clear"}
            )
            finding = {"item_id": item, "method": each["method"], "minutes": 15.0} | outcome
            here.post(
                "/v1/inspections", finding, "inspector", **{"Idempotency-Key": f"finding-{item}"}
            )
    here.clock.at = end


def take(folder: Path) -> list[Path]:
    """Take every picture, and list the files."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: list[Path] = []
    with tempfile.TemporaryDirectory() as scratch, site(Path(scratch)) as here:
        _work(here)
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
