import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store.engine import Store, StoreUnavailable
from service.store.schema import upgrade


@pytest.fixture(autouse=True)
def lenient_umask() -> Iterator[None]:
    """Let new files be as open as they are asked to be."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weir.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{path}")
    upgrade(store)
    yield store
    store.close()


def _modes(path: Path) -> dict[str, int]:
    return {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}


@pytest.mark.usefixtures("store")
def test_the_file_and_its_log_are_for_their_owner_alone(path: Path) -> None:
    names = ("weir.sqlite", "weir.sqlite-wal", "weir.sqlite-shm")
    assert _modes(path) == dict.fromkeys(names, 0o600)


def test_an_older_file_that_others_can_read_is_closed(store: Store, path: Path) -> None:
    for each in path.parent.iterdir():
        each.chmod(0o644)
    again = Store(str(store.engine.url))
    with again.read():
        assert set(_modes(path).values()) == {0o600}
    again.close()


def test_a_file_that_was_moved_away_takes_nothing_and_is_not_made_anew(
    store: Store, path: Path
) -> None:
    path.rename(path.with_name("elsewhere"))
    for lend in (store.read, store.write):
        with pytest.raises(StoreUnavailable, match="moved away"), lend():
            pass
    assert not path.exists()


def test_a_file_that_was_replaced_takes_nothing(store: Store, path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.touch()
    with pytest.raises(StoreUnavailable, match="replaced") as caught, store.write():
        pass
    assert str(path) in caught.value.reason


def test_a_file_that_is_back_in_its_place_is_used_again(store: Store, path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    with pytest.raises(StoreUnavailable), store.read():
        pass
    path.with_name("elsewhere").rename(path)
    with store.read():
        pass


def test_what_the_system_says_is_kept_for_the_operator(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'none' / 'weir.sqlite'}")
    with pytest.raises(StoreUnavailable) as caught, store.read():
        pass
    assert "No such file" in caught.value.reason
    assert "none" not in caught.value.detail
