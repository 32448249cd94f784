from pathlib import Path

import pytest

from models import loaded as module
from models.bundle import VerifiedBundle, verify_bundle
from models.errors import BundleRefused, KeyRefused
from models.loaded import Loaded
from models.registry import SHIPPED
from models.signing import TrustedKeys, load_or_create_key, trusted_keys
from tests.bundles import shipped_but


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """List the folders that were verified in full."""
    seen: list[Path] = []

    def counted(folder: Path, trusted: TrustedKeys) -> VerifiedBundle:
        seen.append(folder)
        return verify_bundle(folder, trusted)

    monkeypatch.setattr(module, "verify_bundle", counted)
    return seen


def test_the_same_bytes_are_verified_and_loaded_once(verified: list[Path], tmp_path: Path) -> None:
    memory, trusted = Loaded(), trusted_keys(tmp_path)
    first = memory.load(memory.verify(SHIPPED, trusted))
    assert memory.load(memory.verify(SHIPPED, trusted)) is first
    assert len(verified) == 1


def test_other_bytes_are_verified_anew_and_refused(verified: list[Path], tmp_path: Path) -> None:
    memory, trusted = Loaded(), trusted_keys(tmp_path)
    memory.verify(SHIPPED, trusted)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in SHIPPED.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    model = copy / "model.txt"
    model.write_bytes(model.read_bytes().replace(b"Tree=1\n", b"Tree=2\n", 1))
    with pytest.raises(BundleRefused):
        memory.verify(copy, trusted)
    assert verified == [SHIPPED, copy]


def test_a_signer_who_is_not_trusted_any_more_is_refused(tmp_path: Path) -> None:
    memory = Loaded()
    memory.verify(SHIPPED, trusted_keys(tmp_path))
    with pytest.raises((BundleRefused, KeyRefused)):
        memory.verify(SHIPPED, TrustedKeys({}))


def test_only_so_many_are_kept(verified: list[Path], tmp_path: Path) -> None:
    other = shipped_but(tmp_path / "other", load_or_create_key(tmp_path), seed=2)
    memory, trusted = Loaded(most=1), trusted_keys(tmp_path)
    for folder in (SHIPPED, other, other, SHIPPED):
        memory.verify(folder, trusted)
    assert verified == [SHIPPED, other, SHIPPED]
