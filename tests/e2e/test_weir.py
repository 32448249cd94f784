"""The command `weir`, as its own process: keys, serving, models, histories."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.registry import SHIPPED
from tests.declarations import SHIPMENT, VEHICLE
from tests.fakes import START, Received, items_table, vehicle

SECRET = "a secret of forty characters, for tests."  # noqa: S105 - of tests alone
SECONDS_TO_START = 60


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    return kept | {"WEIR_SECRET": SECRET, "WEIR_STATE_DIR": str(tmp_path / "state")}


def _weir(environment: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "service.cli", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _key(environment: Mapping[str, str], *words: str) -> dict[str, str]:
    made = _weir(environment, "keys", "create", *words)
    assert made.returncode == 0, made.stderr
    return {"Authorization": f"Bearer {made.stdout.split()[-1]}"}


@contextmanager
def _serving(environment: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "serve", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    alarm = threading.Timer(SECONDS_TO_START, process.kill)
    alarm.start()
    try:
        line = process.stdout.readline()
        assert line.startswith("Weir listens on http://127.0.0.1:"), line
        yield process, line.split()[-1]
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def _score(url: str, item: object, headers: dict[str, str]) -> dict[str, Any]:
    reply = httpx.post(f"{url}/v1/score", json=item, headers=headers, timeout=30)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def test_a_fresh_store_serves_with_the_shipped_bundle_and_stops_with_success(
    environment: dict[str, str],
) -> None:
    headers = _key(environment, "--role", "inspector", "--port", "2304", "--port", "5201")
    with _serving(environment) as (process, url):
        assert httpx.get(f"{url}/readyz").json()["status"] == "ready"
        for item in (VEHICLE, SHIPMENT):
            answer = _score(url, item, headers)
            assert answer["degraded"] is False
            assert answer["reasons"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_what_was_answered_is_still_there_after_a_kill(environment: dict[str, str]) -> None:
    headers = _key(environment, "--role", "inspector", "--all-ports")
    with _serving(environment) as (process, url):
        answer = _score(url, VEHICLE, headers)
        process.kill()
        process.wait()
    with _serving(environment) as (_, url):
        shown = httpx.get(f"{url}/v1/items/V1", headers=headers).json()
    assert shown["score"] == answer


def test_work_that_was_accepted_is_answered_before_the_end(environment: dict[str, str]) -> None:
    headers = _key(environment, "--role", "inspector", "--all-ports")
    answered: list[int] = []
    refused: list[int] = []

    def post(url: str, part: int) -> None:
        batch = [VEHICLE | {"item_id": f"V{part}-{n}"} for n in range(300)]
        try:
            reply = httpx.post(
                f"{url}/v1/score/batch", json={"items": batch}, headers=headers, timeout=30
            )
        except httpx.ConnectError:
            refused.append(part)
        else:
            assert reply.status_code == 200, reply.text
            answered.append(part)

    with _serving(environment) as (process, url):
        _score(url, VEHICLE, headers)
        posts = [threading.Thread(target=post, args=(url, part)) for part in range(4)]
        for each in posts:
            each.start()
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        for each in posts:
            each.join()
        assert process.wait(30) == 0
    assert answered
    assert sorted(answered + refused) == [0, 1, 2, 3]
    with _serving(environment) as (_, url):
        for part in answered:
            shown = httpx.get(f"{url}/v1/items/V{part}-299", headers=headers)
            assert shown.json()["score"]["item_id"] == f"V{part}-299"


def test_a_bundle_is_promoted_into_a_running_server_and_rolled_back(
    environment: dict[str, str], tmp_path: Path
) -> None:
    headers = _key(environment, "--role", "inspector", "--all-ports")
    with _serving(environment) as (_, url):
        shipped = _score(url, VEHICLE, headers)["model_version"]
        promoted = _weir(environment, "models", "promote", str(SHIPPED))
        assert (promoted.returncode, promoted.stdout.split()[-1]) == (0, shipped)
        assert f"* {shipped}" in _weir(environment, "models", "list").stdout
        time.sleep(2)
        again = _score(url, VEHICLE | {"item_id": "V2"}, headers)
        assert (again["model_version"], again["degraded"]) == (shipped, False)
    assert _weir(environment, "models", "rollback").returncode == 0
    assert "* shipped" in _weir(environment, "models", "list").stdout
    assert _weir(environment, "models", "rollback").returncode == 1
    damaged = tmp_path / "damaged"
    shutil.copytree(SHIPPED, damaged)
    model = (damaged / "model.txt").read_bytes()
    (damaged / "model.txt").write_bytes(model[:-1] + b" ")
    refused = _weir(environment, "models", "promote", str(damaged))
    assert refused.returncode == 1
    assert refused.stderr.startswith("weir: model.txt: ")


def test_a_server_whose_champion_is_damaged_answers_by_the_rules(
    environment: dict[str, str],
) -> None:
    headers = _key(environment, "--role", "inspector", "--all-ports")
    assert _weir(environment, "models", "promote", str(SHIPPED)).returncode == 0
    (installed,) = Path(environment["WEIR_STATE_DIR"]).glob("bundles/*/model.txt")
    installed.write_bytes(installed.read_bytes()[:1_000])
    with _serving(environment) as (_, url):
        answer = _score(url, VEHICLE, headers)
    assert (answer["degraded"], answer["risk"]) == (True, None)


def test_keys_are_made_listed_and_revoked(environment: dict[str, str]) -> None:
    made = _weir(environment, "keys", "create", "--role", "feed", "--port", "2304")
    key_id = made.stdout.split()[-1].split("_")[1]
    assert "made the tables of a new store" in made.stderr
    assert f"{key_id}  feed" in _weir(environment, "keys", "list").stdout
    assert _weir(environment, "keys", "revoke", key_id).returncode == 0
    assert "revoked" in _weir(environment, "keys", "list").stdout
    again = _weir(environment, "keys", "revoke", key_id)
    assert (again.returncode, "Traceback" in again.stderr) == (1, False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--role", "feed"], "--all-ports"),
        (["--role", "feed", "--port", "2304", "--all-ports"], "--all-ports"),
        (["--role", "feed", "--port", "9999"], "9999"),
        (["--role", "king", "--all-ports"], "king"),
    ],
)
def test_a_key_without_a_known_role_and_ports_is_not_made(
    environment: dict[str, str], words: list[str], message: str
) -> None:
    refused = _weir(environment, "keys", "create", *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("changes", "words", "message"),
    [
        ({"WEIR_SECRET": ""}, ["serve"], "WEIR_SECRET"),
        ({"WEIR_PORT": "many"}, ["serve"], "WEIR_PORT"),
        ({"WEIR_DATABASE_URL": "mysql://db"}, ["db", "upgrade"], "WEIR_DATABASE_URL"),
        ({}, ["serve", "--host", "0.0.0.0"], "WEIR_ALLOW_REMOTE"),  # noqa: S104 - is refused
        ({}, ["serve", "--host", "192.0.2.1"], "WEIR_ALLOW_REMOTE"),
        (
            {"WEIR_ALLOW_REMOTE": "true"},
            ["serve", "--host", "192.0.2.1"],
            "cannot listen on 192.0.2.1",
        ),
    ],
)
def test_a_broken_setting_is_one_clear_line(
    environment: dict[str, str], changes: dict[str, str], words: list[str], message: str
) -> None:
    refused = _weir(environment | changes, *words)
    assert refused.returncode == 2
    lines = [line for line in refused.stderr.splitlines() if "made the tables" not in line]
    assert len(lines) == 1
    assert message in lines[0]


def test_another_secret_for_the_same_store_is_refused(
    environment: dict[str, str], tmp_path: Path
) -> None:
    items_table([Received(vehicle(), 1, START)]).write_parquet(tmp_path / "items.parquet")
    assert _weir(environment, "import", "--data", str(tmp_path)).returncode == 0
    other = environment | {"WEIR_SECRET": SECRET[::-1]}
    refused = _weir(other, "import", "--data", str(tmp_path))
    assert refused.returncode == 1
    assert "WEIR_SECRET is not the one" in refused.stderr


def test_a_store_is_made_once_and_histories_are_loaded(
    environment: dict[str, str], tmp_path: Path
) -> None:
    first = _weir(environment, "db", "upgrade")
    assert (first.returncode, "now at schema" in first.stdout) == (0, True)
    assert "already" in _weir(environment, "db", "upgrade").stdout
    items_table([Received(vehicle(), 1, START)]).write_parquet(tmp_path / "items.parquet")
    loaded = _weir(environment, "import", "--data", str(tmp_path))
    assert (loaded.returncode, "items: 1 rows" in loaded.stdout) == (0, True)
    missing = _weir(environment, "import", "--data", str(tmp_path / "nowhere"))
    assert missing.returncode == 1


def test_help_is_quick_and_needs_no_settings() -> None:
    bare = {"PATH": os.environ["PATH"]}
    spent = []
    for _ in range(3):
        started = time.perf_counter()
        shown = _weir(bare, "--help")
        spent.append(time.perf_counter() - started)
        assert shown.returncode == 0
        for command in (
            "serve",
            "import",
            "export",
            "purge",
            "audit",
            "bench",
            "db",
            "keys",
            "models",
        ):
            assert command in shown.stdout
    assert min(spent) < 0.5


def test_any_asgi_server_can_run_it(environment: dict[str, str]) -> None:
    code = "from service.app import app; print(type(app).__name__)"
    made = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (made.returncode, made.stdout.strip()) == (0, "FastAPI"), made.stderr


def test_what_the_command_line_does_is_audited_and_the_audit_verified(
    environment: dict[str, str], tmp_path: Path
) -> None:
    made = _weir(environment, "keys", "create", "--role", "feed", "--all-ports", "--agency", "ATF")
    assert "ATF" in _weir(environment, "keys", "list").stdout
    _weir(environment, "keys", "revoke", made.stdout.split()[-1].split("_")[1])
    items_table([Received(vehicle(), 1, START)]).write_parquet(tmp_path / "items.parquet")
    _weir(environment, "import", "--data", str(tmp_path))
    out = tmp_path / "records"
    exported = _weir(environment, "export", "--since", "2020-01-01", "--out", str(out))
    assert (exported.returncode, "items: 1 rows" in exported.stdout) == (0, True)
    assert _weir(environment, "export", "--since", "2020-01-01", "--out", str(out)).returncode == 1
    assert "identifiers: " in _weir(environment, "purge", "identifiers").stdout
    assert "row 6 " in _weir(environment, "audit", "checkpoint").stdout
    assert "nothing was done" in _weir(environment, "audit", "checkpoint").stdout
    verified = _weir(environment, "audit", "verify")
    assert verified.stdout.startswith("6 rows hang together, 1 checkpoints are genuine")
    store = sqlite3.connect(Path(environment["WEIR_STATE_DIR"]) / "weir.sqlite")
    store.execute("UPDATE audit SET actor = 'uid:1' WHERE seq = 2")
    store.commit()
    store.close()
    broken = _weir(environment, "audit", "verify")
    assert (broken.returncode, broken.stderr) == (1, "weir: audit row 2 was changed\n")


@pytest.mark.parametrize("since", ["yesterday", "2026-11-24T10:00:00", "24.11.2026"])
def test_an_export_needs_a_moment(environment: dict[str, str], tmp_path: Path, since: str) -> None:
    refused = _weir(environment, "export", "--since", since, "--out", str(tmp_path / "records"))
    assert (refused.returncode, "--since" in refused.stderr) == (2, True)
    assert len(refused.stderr.splitlines()) == 1
