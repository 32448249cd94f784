import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.signing import load_or_create_key
from models.state import StateExposed, make_state_dir, state_dir


@pytest.fixture(autouse=True)
def lenient_umask() -> Iterator[None]:
    """Let new files be as open as they are asked to be."""
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_folder_is_for_its_owner_alone_and_its_parents_are_not_changed(tmp_path: Path) -> None:
    make_state_dir(tmp_path / "deep" / "state")
    assert _mode(tmp_path / "deep" / "state") == 0o700
    assert _mode(tmp_path / "deep") == 0o777


def test_a_key_that_is_made_first_makes_the_folder_for_its_owner_alone(tmp_path: Path) -> None:
    load_or_create_key(tmp_path / "state")
    assert _mode(tmp_path / "state") == _mode(tmp_path / "state" / "keys") == 0o700


@pytest.mark.parametrize("holds", [(), ("keys", "bundles", "weir.sqlite", "weir.sqlite-wal")])
def test_a_folder_that_holds_nothing_but_state_is_closed(
    tmp_path: Path, holds: tuple[str, ...]
) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    for name in holds:
        (state / name).touch()
    make_state_dir(state)
    assert _mode(state) == 0o700


def test_a_folder_of_other_things_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    (home / "letters.txt").touch()
    with pytest.raises(StateExposed, match="chmod 700"):
        load_or_create_key(home)
    assert _mode(home) == 0o755
    assert not (home / "keys").exists()


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
