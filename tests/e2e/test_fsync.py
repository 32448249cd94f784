"""A kill cannot show a missing fsync, so the system calls are watched: disk first, then reply."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.proof.bench import open_bench
from service.proof.caller import Caller
from service.proof.server import ServerProcess
from tests.declarations import VEHICLE

N_FINDINGS = 10
CALLS = "fdatasync,fsync,sendto,write,pwrite64"


def _trace(pid: int, log: Path) -> "subprocess.Popen[str]":
    tracer = shutil.which("strace")
    if sys.platform != "linux" or tracer is None:
        pytest.skip("strace is not installed")
    command = [tracer, "-f", "-y", "-s", "60", "-e", f"trace={CALLS}", "-o", str(log)]
    process = subprocess.Popen(  # noqa: S603 - the tool that was found
        [*command, "-p", str(pid)], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = process.stderr.readline()
    if "attached" not in said:
        process.wait()
        process.stderr.close()
        pytest.skip(f"this machine lets nobody be traced: {said.strip()}")
    return process


def test_every_reply_to_a_finding_follows_an_fsync_of_the_write_ahead_log(tmp_path: Path) -> None:
    bench = open_bench(tmp_path, None)
    bench.choose_model(with_model=False)
    server = ServerProcess(
        bench.environment | {"WEIR_CHECKPOINT_SECONDS": "3600"}, tmp_path / "log"
    )
    caller = Caller(server.port, bench.key())
    try:
        assert caller.send("POST", "/v1/score", VEHICLE) is not None
        tracer = _trace(server.pid, tmp_path / "trace")
        for number in range(N_FINDINGS):
            finding = {
                "item_id": "V1",
                "method": "full_search",
                "minutes": 1.0,
                "outcome": "clear",
            }
            reply = caller.send(
                "POST", "/v1/inspections", finding, {"Idempotency-Key": f"traced-{number:04}"}
            )
            assert reply is not None
            assert reply.status == 201
        tracer.terminate()
        tracer.wait()
        if tracer.stderr is not None:
            tracer.stderr.close()
    finally:
        caller.close()
        server.stop()
    calls = [_kind(line) for line in (tmp_path / "trace").read_text().splitlines()]
    steps = [call for call in calls if call]
    assert steps.count("reply") == N_FINDINGS
    # between two replies the log is written and flushed, and nothing is written after the flush
    for part in re.findall("[^r]*r", "".join(step[0] for step in steps)):
        assert part.endswith("fr"), part
        assert "l" in part, part


def _kind(line: str) -> str | None:
    """Tell a write to the log, a flush of it that is over, and a reply from everything else."""
    if re.search(r"(fdatasync|fsync)\(\d+<[^>]*sqlite-wal>.*= 0$", line):
        return "flush"
    if re.search(r"<\.\.\. (fdatasync|fsync) resumed>.*= 0$", line):
        return "flush"
    if re.search(r"pwrite64\(\d+<[^>]*sqlite-wal>", line):
        return "log"
    if re.search(r'(sendto|write)\(\d+<[^>]*>, "HTTP/1\.1 201', line):
        return "reply"
    return None
