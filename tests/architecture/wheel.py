"""Run as a module: a wheel holds what it must and nothing else."""

import sys
from zipfile import ZipFile

PACKAGES = ("features", "models", "service", "training")
NEEDED = (
    "features/reference/ports.csv",
    "features/reference/border_crossings.csv",
    "models/bundles/shipped/model.txt",
    "models/bundles/shipped/manifest.sig",
    "service/store/migrations/env.py",
    "service/web/static/weir.css",
    "service/web/static/weir.js",
    "service/web/templates/base.html",
    "training/simulation/worlds/demo.toml",
)


def faults(names: list[str]) -> list[str]:
    """List what is wrong with the names in a wheel."""
    found = [f"{name} is missing" for name in NEEDED if name not in names]
    found += [
        f"{name} does not belong"
        for name in names
        if not name.startswith((*(f"{package}/" for package in PACKAGES), "weir-"))
        or "/tests/" in name
        or "__pycache__" in name
    ]
    return found


if __name__ == "__main__":
    with ZipFile(sys.argv[1]) as wheel:
        contents = wheel.namelist()
    problems = faults(contents)
    print("\n".join(problems) or f"{len(contents)} files, nothing amiss")  # noqa: T201 - a command
    sys.exit(bool(problems))
