"""The demonstration from its command to the ranked queue, with the server as its own process."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from training.cli import app
from training.demo.server import DemoFailed, Operator


def test_the_demonstration_ends_with_a_ranked_queue_and_leaves_nothing_running(
    tmp_path: Path,
) -> None:
    done = CliRunner().invoke(
        app,
        ["demo", "--folder", str(tmp_path), "--scale", "0.3"],
        env={"COLUMNS": "140", "WEIR_STATE_DIR": "elsewhere"},
    )
    assert done.exit_code == 0, done.output
    for port in ("Laredo", "PortMiami"):
        shown, posted = re.findall(rf"{port}: top (\d) of ([\d,]+) posted", done.output)[0]
        assert int(posted.replace(",", "")) >= int(shown)
    assert "area under the ROC curve" in done.output
    assert "finds captured at 10 % capacity" in done.output
    log = (tmp_path / "server.log").read_text()
    assert '"status": 200' in log
    assert "Traceback" not in log
    assert not Path("elsewhere").exists()


def test_a_command_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    operator = Operator(tmp_path / "state", {})
    with pytest.raises(DemoFailed, match="weir models promote nowhere ended with") as failed:
        operator.run("models", "promote", "nowhere")
    assert "Traceback" not in failed.value.detail


def test_a_server_that_does_not_come_up_is_said_with_its_log(tmp_path: Path) -> None:
    operator = Operator(tmp_path / "state", {"WEIR_DATABASE_URL": "mysql://nowhere"})
    with (
        pytest.raises(DemoFailed, match="WEIR_DATABASE_URL"),
        operator.serving(tmp_path / "server.log"),
    ):
        pytest.fail("it must not come up")


def test_a_terminated_demonstration_takes_its_server_and_its_folder_along(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "training.cli", "demo", "--scale", "0.3", "--serve"],
        env=os.environ | {"TMPDIR": str(tmp_path), "COLUMNS": "140"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as demo:
        shown = iter(demo.stdout or ())
        address = next(
            found[0] for line in shown if (found := re.findall(r"http://127\.0\.0\.1:\d+", line))
        )
        told = "".join(iter(shown.__next__, "Interrupt (Ctrl-C) to stop.\n"))
        keys = dict(re.findall(r"^  (\w+) +(weir_\w+)$", told, re.MULTILINE))
        assert set(keys) == {"inspector", "supervisor", "analyst", "scientist", "auditor"}
        with httpx.Client(base_url=address, follow_redirects=True) as browser:
            opened = browser.post("/sign-in", data={"key": keys["inspector"]})
        assert opened.url.path == "/queue"
        assert 'data-item="' in opened.text
        assert httpx.get(f"{address}/livez").is_success
        demo.terminate()
        assert list(shown) == ["Stopping.\n"]
        assert demo.wait(60) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/livez")
    assert list(tmp_path.iterdir()) == []
