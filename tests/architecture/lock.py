"""Run as a module: the lock meets every requirement of pyproject.toml, hashed, without hosts."""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def pinned(lock: str) -> dict[str, set[str]]:
    """Read the versions that a lock pins, by package."""
    versions: dict[str, set[str]] = {}
    pins = r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)"
    for name, version in re.findall(pins, lock, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), set()).add(version)
    return versions


def faults(project: str, lock: str) -> list[str]:
    """List what is wrong between a pyproject.toml and its lock."""
    declared = tomllib.loads(project)["project"]
    extras = declared["optional-dependencies"].values()
    wanted = [Requirement(line) for line in declared["dependencies"]]
    wanted += [Requirement(line) for extra in extras for line in extra]
    versions = pinned(lock)
    found = [
        f"{requirement} is not pinned"
        for requirement in wanted
        if canonicalize_name(requirement.name) not in versions
    ]
    found += [
        f"{requirement} is pinned to {version}"
        for requirement in wanted
        for version in versions.get(canonicalize_name(requirement.name), ())
        if not requirement.specifier.contains(version)
    ]
    # pip would otherwise look for the newest release of `name[extra]`, which no hash allows
    found += [
        f"{requirement.name}[{extra}] is pinned without its extra"
        for requirement in wanted
        for extra in sorted(requirement.extras)
        if not re.search(rf"^{requirement.name}\[[^]]*\b{extra}\b[^]]*\]==", lock, re.MULTILINE)
    ]
    blocks = re.split(r"\n(?=\S)", lock.strip())
    found += [
        f"{block.split()[0]} has no hash" for block in blocks if "--hash=sha256:" not in block
    ]
    if "://" in lock:
        found.append("the lock names a host")
    return found


if __name__ == "__main__":
    problems = faults(
        (ROOT / "pyproject.toml").read_text(), (ROOT / "requirements.lock").read_text()
    )
    print("\n".join(problems) or "the lock meets pyproject.toml")  # noqa: T201 - a command
    sys.exit(bool(problems))
