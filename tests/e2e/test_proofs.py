"""Small versions of the proofs of the service; `weir bench` runs them at full size."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "service.cli", "bench", *words],
        env=kept,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _bench(*words: str) -> str:
    done = _run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(": met\n")
    return done.stdout


def test_what_was_acknowledged_survives_kills_and_a_proof_goes_on(tmp_path: Path) -> None:
    first = _bench("durability", "--out", str(tmp_path), "--cycles", "2")
    assert first.startswith("2 kills")
    told = re.match(
        r"4 kills, (\d+) findings", _bench("durability", "--out", str(tmp_path), "--cycles", "4")
    )
    assert told is not None
    assert int(told[1]) >= 8


def test_racing_requests_leave_one_record_and_one_winner(tmp_path: Path) -> None:
    told = _bench("races", "--out", str(tmp_path), "--races", "15", "--duplicates", "6")
    assert "15 idempotency keys, 90 requests: 0 without exactly one record" in told
    assert "15 items claimed, 90 requests: 0 without exactly one winner" in told


def test_edits_of_the_audit_are_found(tmp_path: Path) -> None:
    told = _bench("tamper", "--out", str(tmp_path), "--edits", "40")
    assert ": 0 missed" in told
    assert "1000 rows verified" in told


def test_decisions_in_the_lane_are_timed_and_held_against_their_target(tmp_path: Path) -> None:
    done = _run("decide", "--out", str(tmp_path), "--items", "20")
    told = re.match(r"20 decisions, \d+ to inspect: median [\d.]+ ms, p99 ([\d.]+) ms", done.stdout)
    assert told is not None, done.stdout + done.stderr
    assert (done.returncode == 0) == (float(told[1]) <= 10.0) == ("met" in done.stdout)


def test_damaged_bundles_are_refused_by_a_server_that_goes_on(tmp_path: Path) -> None:
    told = _bench("damage", "--out", str(tmp_path), "--edits", "12", "--truncations", "4")
    assert told.startswith("16 damaged bundles")
    assert "0 loaded, 0 times without the good one's answer" in told


def test_swaps_under_load_fail_nothing_mix_nothing_and_take_no_bad_bundle(tmp_path: Path) -> None:
    done = _run(
        *("swaps", "--out", str(tmp_path), "--swaps", "4", "--bad", "2"),
        *("--callers", "2", "--quiet", "1"),
    )
    told = done.stdout
    assert "4 promotions and rollbacks under load, 2 bad bundles offered: 0 taken" in told, (
        told + done.stderr
    )
    assert re.search(r"^\d+ requests: 0 failed, 0 mixed versions$", told, re.MULTILINE)
    # how long requests take is for a quiet machine to say
    assert (done.returncode == 0) == told.endswith("target: met\n")


@pytest.mark.parametrize("command", [("races", "--servers", "2")])
def test_several_servers_need_a_database_of_their_own(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "service.cli", "bench", *command, "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "--database" in done.stderr) == (2, True)


def test_an_item_is_timed_beside_an_echo(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    words = (
        "speed",
        "--out",
        str(tmp_path),
        "--turns",
        "1",
        "--items",
        "200",
        "--history",
        "500",
        "--stages",
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "service.cli", "bench", *words],
        env=kept,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "speed.json").read_text())
    for case in ("single items", "batches of 100"):
        middle, least, most = told[case]["cpu_ratio"]
        assert 0 < least <= middle <= most < 1
        assert f"{case}: " in done.stdout
    assert {"history and links read", "prediction", "commit"} & set(told["stages_us"])
    assert sum(told["stages_us"].values()) > 0
