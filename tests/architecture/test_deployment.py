"""The files that install the service name settings, commands and times that exist."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from service.cli import app
from service.cli.server import GRACE_SECONDS
from service.settings import Settings

ROOT = Path(__file__).parents[2]
FILES = ("Dockerfile", "compose.yaml", "deploy/weir.service")
TEXTS = {name: (ROOT / name).read_text() for name in FILES}
UNIT = ROOT / "deploy" / "weir.service"


@pytest.mark.parametrize("name", FILES)
def test_every_variable_is_a_setting(name: str) -> None:
    named = set(re.findall(r"WEIR_([A-Z_]+)", TEXTS[name]))
    assert named
    assert named <= {field.upper() for field in Settings.model_fields}


@pytest.mark.parametrize("name", FILES)
def test_every_command_exists(name: str) -> None:
    top = get_command(app)
    words = re.findall(r'(?:/bin/weir |\["weir", )([a-z", ]+)', TEXTS[name])
    assert words
    for found in words:
        first, *rest = re.findall(r"[a-z]+", found)
        command = top.commands[first]  # type: ignore[attr-defined]
        for word in rest:
            command = command.commands[word]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("compose.yaml", r"stop_grace_period: (\d+)s"),
        ("deploy/weir.service", r"TimeoutStopSec=(\d+)"),
    ],
)
def test_a_stop_waits_until_accepted_requests_are_answered(name: str, pattern: str) -> None:
    (seconds,) = re.findall(pattern, TEXTS[name])
    assert int(seconds) > GRACE_SECONDS


def test_nothing_but_the_machine_itself_reaches_the_published_port() -> None:
    ports = re.findall(r'ports: \["([^"]+)"\]', TEXTS["compose.yaml"])
    assert ports == [f"127.0.0.1:{Settings.model_fields['port'].default}:8080"]


def test_the_unit_is_one_that_systemd_accepts(tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("systemd-analyze is not installed")
    program = tmp_path / "weir"
    program.touch(mode=0o755)
    unit = tmp_path / "weir.service"
    unit.write_text(UNIT.read_text().replace("/opt/weir/bin/weir", str(program)))
    done = subprocess.run(  # noqa: S603 - a tool of the machine, on a file of ours
        [systemd, "verify", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
