import os
from pathlib import Path

import pytest

from models.disk import folder_aside, read_folder, write_file
from models.errors import BundleRefused

SIZES = {"a": 4, "b": 4}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "made"
    made.mkdir()
    (made / "a").write_bytes(b"1234")
    (made / "b").write_bytes(b"")
    return made


def test_files_are_read_whole(folder: Path) -> None:
    assert read_folder(folder, SIZES) == {"a": b"1234", "b": b""}


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "b").unlink()
    with pytest.raises(BundleRefused, match="b: it is missing"):
        read_folder(folder, SIZES)


def test_an_unknown_file_is_refused(folder: Path) -> None:
    (folder / ".hidden").touch()
    with pytest.raises(BundleRefused, match=r"\.hidden: it is no part"):
        read_folder(folder, SIZES)


def test_a_file_over_its_size_is_refused(folder: Path) -> None:
    (folder / "a").write_bytes(b"12345")
    with pytest.raises(BundleRefused, match="a: it is bigger than 4 bytes"):
        read_folder(folder, SIZES)


def test_a_linked_file_is_refused_even_if_what_it_names_is_fine(folder: Path) -> None:
    (folder / "b").unlink()
    (folder / "b").symlink_to(folder / "a")
    with pytest.raises(BundleRefused, match="b: it cannot be read"):
        read_folder(folder, SIZES)


def test_a_linked_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(BundleRefused, match="it is a link; name the folder that it leads to"):
        read_folder(tmp_path / "link", SIZES)


def test_a_folder_in_place_of_a_file_is_refused(folder: Path) -> None:
    (folder / "b").unlink()
    (folder / "b").mkdir()
    with pytest.raises(BundleRefused, match="b: it is not a regular file"):
        read_folder(folder, SIZES)


def test_a_pipe_is_refused_without_waiting_for_a_writer(folder: Path) -> None:
    (folder / "b").unlink()
    os.mkfifo(folder / "b")
    with pytest.raises(BundleRefused, match="b: it is not a regular file"):
        read_folder(folder, SIZES)


@pytest.mark.parametrize("name", ["absent", "made/a"])
def test_what_is_no_folder_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(BundleRefused, match="not a folder"):
        read_folder(folder.parent / name, SIZES)


def test_reading_leaves_no_descriptor_open(folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names only
    read_folder(folder, SIZES)
    (folder / "c").touch()
    with pytest.raises(BundleRefused):
        read_folder(folder, SIZES)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - names only


def test_a_file_is_created_with_its_permissions(tmp_path: Path) -> None:
    write_file(tmp_path / "secret", b"x", mode=0o600)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secret").read_bytes() == b"x"


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        write_file(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"


def test_a_folder_aside_becomes_its_target_when_renamed(tmp_path: Path) -> None:
    target = tmp_path / "new" / "target"
    with folder_aside(target, {"a": b"1"}) as aside:
        assert not target.exists()
        aside.rename(target)
    assert [path.name for path in target.parent.iterdir()] == ["target"]
    assert (target / "a").read_bytes() == b"1"


def test_a_folder_aside_leaves_nothing_when_something_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), folder_aside(tmp_path / "target", {"a": b"1"}):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_other_things_is_told_apart_from_a_damaged_bundle(
    tmp_path: Path,
) -> None:
    (tmp_path / "letters.txt").touch()
    with pytest.raises(BundleRefused, match=r"this is not a bundle: no manifest\.json"):
        read_folder(tmp_path, {"manifest.json": 10})
