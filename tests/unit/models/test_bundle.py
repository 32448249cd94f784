from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.bundle import (
    MOST_BYTES,
    BundleParts,
    VerifiedBundle,
    load_bundle,
    verify_bundle,
    write_bundle,
)
from models.damage import reseal
from models.disk import read_folder
from models.errors import BundleRefused
from models.manifest import CONTENT
from models.signing import SigningKey, TrustedKeys
from tests.bundles import Fitted

Copy = Callable[[], Path]


def write_all(folder: Path, contents: dict[str, bytes]) -> None:
    for name, data in contents.items():
        (folder / name).write_bytes(data)


def test_a_written_bundle_verifies_and_predicts_as_it_was_fitted(
    verified: VerifiedBundle, fitted: Fitted, parts: BundleParts
) -> None:
    model = load_bundle(verified)
    expected = parts.calibration.apply(fitted.raw(fitted.X))
    assert np.array_equal(model.risk(fitted.X), expected)


def test_a_bundle_is_exactly_its_files(written: Path) -> None:
    assert {path.name for path in written.iterdir()} == MOST_BYTES.keys()
    assert [path.name for path in written.parent.iterdir()] == [written.name]


def test_the_same_parts_make_the_same_bytes(
    written: Path, tmp_path: Path, parts: BundleParts, key: SigningKey
) -> None:
    write_bundle(tmp_path / "again", parts, key)
    assert read_folder(tmp_path / "again", MOST_BYTES) == read_folder(written, MOST_BYTES)


def test_an_earlier_bundle_is_replaced(copy: Copy, parts: BundleParts, key: SigningKey) -> None:
    folder = copy()
    write_bundle(folder, replace(parts, card="# Another\n"), key)
    assert (folder / "card.md").read_text() == "# Another\n"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_folder_of_something_else_is_left_alone(
    tmp_path: Path, parts: BundleParts, key: SigningKey
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"mine")
    with pytest.raises(BundleRefused, match="something else than a bundle"):
        write_bundle(tmp_path, parts, key)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_place_that_is_no_folder_is_left_alone(
    tmp_path: Path, parts: BundleParts, key: SigningKey, kind: str
) -> None:
    place = tmp_path / "place"
    place.write_bytes(b"mine") if kind == "file" else place.symlink_to(tmp_path)
    with pytest.raises(BundleRefused, match="is no folder"):
        write_bundle(place, parts, key)
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_parts_that_would_not_verify_write_nothing(
    tmp_path: Path, parts: BundleParts, key: SigningKey
) -> None:
    other = parts.statement.model_copy(update={"feature_names": ("a", "b", "c", "d", "e")})
    with pytest.raises(BundleRefused, match="not those of the manifest"):
        write_bundle(tmp_path / "out", replace(parts, statement=other), key)
    with pytest.raises(BundleRefused, match=r"card\.md: it is bigger"):
        write_bundle(tmp_path / "out", replace(parts, card="x" * (2 << 20)), key)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", sorted(MOST_BYTES))
def test_each_file_must_be_there_unlinked_unchanged_and_small(
    copy: Copy, trusted: TrustedKeys, name: str
) -> None:
    path = copy() / name
    data = path.read_bytes()

    def refused(why: str) -> None:
        with pytest.raises(BundleRefused, match=why) as error:
            verify_bundle(path.parent, trusted)
        assert name in {error.value.field, "manifest.json"}

    path.write_bytes(data[:-1])
    refused(".")
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    refused(".")
    path.unlink()
    refused("is missing|this is not a bundle: no manifest.json")
    path.symlink_to("card.md")
    refused("cannot be read")
    path.unlink()
    with path.open("wb") as file:
        file.truncate(MOST_BYTES[name] + 1)
    refused("bigger than")


def test_an_unknown_file_is_refused(copy: Copy, trusted: TrustedKeys) -> None:
    folder = copy()
    (folder / "model.pkl").touch()
    with pytest.raises(BundleRefused, match=r"model\.pkl: it is no part"):
        verify_bundle(folder, trusted)


def test_a_bundle_of_a_stranger_is_refused(written: Path) -> None:
    with pytest.raises(BundleRefused, match="is not trusted"):
        verify_bundle(written, TrustedKeys({}))


def test_a_bundle_that_another_trusted_key_signed_over_is_refused(
    copy: Copy, key: SigningKey, other_key: SigningKey
) -> None:
    folder = copy()
    both = TrustedKeys({k.key_id: k.public for k in (key, other_key)})
    manifest = (folder / "manifest.json").read_bytes()
    line = f"{other_key.key_id} {other_key.sign(manifest).hex()}\n"
    (folder / "manifest.sig").write_text(line)
    with pytest.raises(BundleRefused, match="another key signed"):
        verify_bundle(folder, both)


RESIGNED = {
    "the validator": ("model.txt", b"left_child=1", b"left_child=9", "left_child and right_child"),
    "the golden rows": ("model.txt", b"leaf_value=-1.", b"leaf_value=-2.", "does not give"),
    "the calibration's reader": ("calibration.json", b"-3.0", b"+3.0", "not the JSON"),
    "the golden rows, for a calibration": ("calibration.json", b"-1.25", b"-1.35", "does not give"),
    "the version, for a card": ("card.md", b"small", b"great", "that of other content"),
    "the version, for figures": ("evaluation.json", b"0.9", b"9.5", "that of other content"),
    "the readers of text": ("card.md", b"small", b"sm\xffll", "not UTF-8"),
    "the shape of figures": ("evaluation.json", None, b"[]\n", "not an object"),
}


@pytest.mark.parametrize("stopped_by", RESIGNED)
def test_a_change_that_a_trusted_key_signed_is_still_stopped(
    copy: Copy, key: SigningKey, trusted: TrustedKeys, stopped_by: str
) -> None:
    name, old, new, why = RESIGNED[stopped_by]
    folder = copy()
    contents = read_folder(folder, MOST_BYTES)
    changed = new if old is None else contents[name].replace(old, new, 1)
    assert changed != contents[name]
    write_all(folder, reseal(contents | {name: changed}, key))
    with pytest.raises(BundleRefused, match=why):
        verify_bundle(folder, trusted)


def test_what_is_loaded_is_what_was_verified_whatever_the_folder_holds_now(
    copy: Copy, trusted: TrustedKeys, fitted: Fitted
) -> None:
    folder = copy()
    verified = verify_bundle(folder, trusted)
    before = load_bundle(verified).risk(fitted.X)
    for name in CONTENT:
        (folder / name).write_bytes(b"swapped")
    assert np.array_equal(load_bundle(verified).risk(fitted.X), before)
