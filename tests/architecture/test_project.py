"""The project keeps its own promises: imports, sizes, words, lock and README."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture import lock, wheel

ROOT = Path(__file__).parents[2]
PACKAGES = ("features", "models", "training", "service")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def test_the_import_contracts_are_kept() -> None:
    done = subprocess.run(  # noqa: S603 - our own tool
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = [path for path in SOURCES + TESTS if len(path.read_text().splitlines()) > 400]
    assert long == []


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


REACHED = [path for path in SOURCES if path.relative_to(ROOT).parts[0] != "training"]
"""What a server can import."""


@pytest.mark.parametrize(
    "forbidden", ["pickle", "marshal", "shelve", "joblib", "cloudpickle", "dill", "pandas"]
)
def test_nothing_that_a_server_imports_unpickles(forbidden: str) -> None:
    assert [path for path in REACHED if forbidden in _imported(path)] == []


def test_nothing_that_a_server_imports_lets_numpy_unpickle() -> None:
    assert [path for path in REACHED if "allow_pickle" in path.read_text()] == []


def test_sql_is_spoken_in_the_store_alone() -> None:
    speaks = re.compile(r"(sqlalchemy|sqlite3|psycopg|alembic)(\.|$)")
    # others may name what the store hands them, and show its address
    harmless = {f"sqlalchemy{name}" for name in ("", ".Connection", ".Row", ".exc", ".make_url")}
    guilty = {
        str(path.relative_to(ROOT)): sorted(names)
        for path in SOURCES
        if path.relative_to(ROOT).parts[:2] != ("service", "store")
        and (names := {name for name in _imported(path) if speaks.match(name)} - harmless)
    }
    assert guilty == {}


def test_the_lock_meets_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    assert lock.faults(project, (ROOT / "requirements.lock").read_text()) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("polars==2.1.0\n", "polars has no hash".replace("polars", "polars==2.1.0")),
        ("polars==0.1 \\\n    --hash=sha256:aa\n", "polars>=1.35 is pinned to 0.1"),
        ("a==1 \\\n    --hash=sha256:aa\n", "polars>=1.35 is not pinned"),
        ("a @ https://example.org/a.whl\n", "the lock names a host"),
    ],
)
def test_a_lock_that_does_not_is_found_out(text: str, fault: str) -> None:
    project = '[project]\ndependencies = ["polars>=1.35"]\n[project.optional-dependencies]\n'
    assert fault in lock.faults(project, text)


def test_a_lock_that_drops_an_extra_is_found_out() -> None:
    project = '[project]\ndependencies = ["dask[array,bag]>=1"]\n[project.optional-dependencies]\n'
    hashed = " \\\n    --hash=sha256:aa\n"
    assert lock.faults(project, f"dask[array, bag]==1{hashed}") == []
    assert lock.faults(project, f"dask[array]==1{hashed}") == [
        "dask[bag] is pinned without its extra"
    ]
    assert "dask[array] is pinned without its extra" in lock.faults(project, f"dask==1{hashed}")


def test_a_wheel_with_tests_or_without_its_data_is_found_out() -> None:
    assert wheel.faults([*wheel.NEEDED, "weir-0.1.0.dist-info/METADATA"]) == []
    assert "tests/x.py does not belong" in wheel.faults([*wheel.NEEDED, "tests/x.py"])
    assert f"{wheel.NEEDED[0]} is missing" in wheel.faults(list(wheel.NEEDED[1:]))


def _blocks() -> list[str]:
    return re.findall(
        r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )


def test_the_readme_starts_with_two_commands_of_one_line() -> None:
    text = (ROOT / "README.md").read_text()
    start = text[text.index("## Start") : text.index("\n## ", text.index("## Start") + 1)]
    blocks = re.findall(r"^```sh\n(.*?)^```$", start, re.MULTILINE | re.DOTALL)
    assert [len(block.strip().splitlines()) for block in blocks] == [1, 1]
    assert _blocks()[:2] == blocks


def _help(*command: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"COLUMNS": "200", "PATH": "/usr/bin:/bin", "NO_COLOR": "1", "TERM": "dumb"},
    )
    return done.stdout


def _commands(module: str, *path: str) -> list[tuple[str, ...]]:
    shown = re.findall(r"^[│|] ([a-z][a-z-]*) {2,}", _help(module, *path), re.MULTILINE)
    return [(*path, name) for name in shown]


@pytest.mark.parametrize(
    ("program", "module"), [("weir", "service.cli"), ("weir-train", "training.cli")]
)
def test_the_readme_shows_every_command_with_output_and_no_other(program: str, module: str) -> None:
    groups = {"audit", "bench", "db", "keys", "models", "rules"}
    commands = [
        command
        for top in _commands(module)
        for command in (_commands(module, *top) if top[-1] in groups else [top])
    ]
    assert commands
    text = (ROOT / "README.md").read_text()
    missing = [c for c in commands if f"$ {program} {' '.join(c)}" not in text]
    assert missing == []
    shown = re.findall(rf"^\$ {program} ([a-z]+)(?: ([a-z]+))?", text, re.MULTILINE)
    names = {command[0] for command in commands}
    assert {first for first, _ in shown} <= names


def test_the_project_is_not_for_upload() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
