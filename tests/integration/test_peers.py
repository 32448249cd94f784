"""Other people's model servers: without a network nothing is installed, and that is said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.proof.cores import cpu_seconds_of_family, family
from service.proof.peers.environment import NotInstalled, install
from service.proof.peers.known import PEERS, THIN, Peer
from service.proof.peers.process import NotServed, PeerProcess
from service.proof.peers.thin import make_app
from service.proof.peers.turns import known_row

PROGRAMS = Path(sys.executable).parent


def start(peer: Peer, tmp_path: Path) -> PeerProcess:
    text, row, _ = known_row()
    (tmp_path / "model.txt").write_bytes(text)
    core = min(os.sched_getaffinity(0))
    return PeerProcess(peer, PROGRAMS, tmp_path / "model.txt", row, tmp_path / "peer", core)


def test_the_thin_route_gives_the_risk_that_the_trees_state() -> None:
    text, row, risk = known_row()
    with TestClient(make_app(text)) as client:
        reply = client.post(THIN.path, json=THIN.body(row))
    assert THIN.risk(reply.json()) == risk
    assert 0 < risk < 1


def test_a_peer_is_started_held_against_the_model_and_measured(tmp_path: Path) -> None:
    server = start(THIN, tmp_path)
    try:
        server.wait(known_row()[2])
        with pytest.raises(NotServed, match=r"the model 0\.5"):
            server.wait(0.5)
        cpu_us, done = server.measure(100, 4)
        assert cpu_us > 0
        assert dict(done.statuses) == {200: 100}
        server.pause()
        server.go_on()
        assert server.measure(10, 2)[1].statuses[200] == 10
    finally:
        server.stop()


def test_a_peer_that_does_not_come_up_says_why(tmp_path: Path) -> None:
    broken = Peer(
        "broken", (), ("python", "-c", "raise SystemExit('out of order')"), "/", str, float
    )
    server = start(broken, tmp_path)
    with pytest.raises(NotServed, match="did not come up: out of order"):
        server.wait(0.5)
    server.stop()


def test_what_cannot_be_installed_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(NotInstalled, match="could not be installed"):
        install(["no-such-package-of-ours==1"], tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_every_peer_gets_the_same_release_of_lightgbm_pinned() -> None:
    for peer in PEERS:
        assert all("==" in each for each in peer.requirements)
        assert any(each.startswith("lightgbm==") for each in peer.requirements)


def test_the_time_of_what_a_process_started_counts_as_its_own() -> None:
    spin = "sum(range(20_000_000))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{spin}']); input()"
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", code], stdin=subprocess.PIPE, start_new_session=True
    ) as process:
        while cpu_seconds_of_family(process.pid) < 0.1:
            assert process.poll() is None
        assert family(process.pid)[0] == process.pid
        process.communicate(b"\n")
    assert family(process.pid) == [process.pid]
