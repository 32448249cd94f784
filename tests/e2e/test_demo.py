"""The demonstration from its command to the ranked queue, with the server as its own process."""

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from training.demo.server import DemoFailed, Operator


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


def _seen(address: str, key: str, path: str) -> str:
    with httpx.Client(base_url=address, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"key": key})
        page = browser.get(path)
    assert page.is_success, page.text
    return page.text


def test_the_demonstration_ranks_and_once_terminated_takes_its_server_and_folder_along(
    tmp_path: Path,
) -> None:
    with (
        subprocess.Popen(
            [sys.executable, "-m", "training.cli", "demo", "--scale", "0.2", "--serve"],
            env=os.environ
            | {
                "TMPDIR": str(tmp_path),
                "COLUMNS": "140",
                "WEIR_STATE_DIR": str(tmp_path / "elsewhere"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as demo,
        ExitStack() as stack,
    ):
        # a check that fails must not wait for a demonstration that stays up
        stack.callback(demo.kill)
        shown = iter(demo.stdout or ())
        told = "".join(iter(shown.__next__, "Interrupt (Ctrl-C) to stop.\n"))
        for port in ("Laredo", "PortMiami"):
            ranked, posted = re.findall(rf"{port}: top (\d) of ([\d,]+) posted", told)[0]
            assert int(posted.replace(",", "")) >= int(ranked)
        assert "area under the ROC curve" in told
        assert "finds captured at 10 % capacity" in told
        (address,) = set(re.findall(r"http://127\.0\.0\.1:\d+", told))
        (log,) = tmp_path.glob("*/server.log")
        assert '"status": 200' in log.read_text()
        assert "Traceback" not in log.read_text()
        keys = dict(re.findall(r"^  (\w+) +(weir_\w+)$", told, re.MULTILINE))
        assert set(keys) == {"inspector", "supervisor", "analyst", "scientist", "auditor"}
        with httpx.Client(base_url=address, follow_redirects=True) as browser:
            opened = browser.post("/sign-in", data={"key": keys["inspector"]})
        assert opened.url.path == "/queue"
        assert 'data-item="' in opened.text
        said = re.search(r"A shift is open and planned, (\d) findings are in", told)
        shift = _seen(address, keys["supervisor"], "/shifts/demo-shift")
        assert said is not None
        assert shift.count("<td>Yes</td>") == int(said[1])
        assert "alone-in-a-pickup" in _seen(address, keys["analyst"], "/rules")
        assert "Week from" in _seen(address, keys["supervisor"], "/performance")
        assert "Champion" in _seen(address, keys["scientist"], "/models")
        assert httpx.get(f"{address}/livez").is_success
        demo.terminate()
        assert list(shown) == ["Stopping.\n"]
        assert demo.wait(60) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/livez")
    assert list(tmp_path.iterdir()) == []
