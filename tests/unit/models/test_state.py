from pathlib import Path

import pytest

from models.state import state_dir


def test_the_environment_says_where_state_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIR_STATE_DIR", "/srv/weir")
    assert state_dir() == Path("/srv/weir")


def test_otherwise_it_lives_where_the_desktop_standard_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("WEIR_STATE_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_dir() == tmp_path / "weir"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_dir() == tmp_path / ".local" / "state" / "weir"
