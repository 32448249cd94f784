from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from models.bundle import MOST_BYTES, BundleParts, VerifiedBundle, write_bundle
from models.disk import read_folder
from models.errors import BundleRefused, UnknownBundle
from models.registry import SHIPPED, bundle_path, install_bundle, list_bundles
from models.signing import SigningKey, TrustedKeys


def test_an_installed_bundle_is_the_same_bytes_under_its_version(
    written: Path, tmp_path: Path, trusted: TrustedKeys
) -> None:
    version = install_bundle(written, tmp_path / "state", trusted).manifest.version
    assert list_bundles(tmp_path / "state") == [version]
    installed = bundle_path(tmp_path / "state", version)
    assert read_folder(installed, MOST_BYTES) == read_folder(written, MOST_BYTES)


def test_installing_twice_changes_nothing(
    written: Path, tmp_path: Path, trusted: TrustedKeys
) -> None:
    version = install_bundle(written, tmp_path, trusted).manifest.version
    before = bundle_path(tmp_path, version).stat().st_ino
    install_bundle(written, tmp_path, trusted)
    assert bundle_path(tmp_path, version).stat().st_ino == before
    assert len(list((tmp_path / "bundles").iterdir())) == 1


def test_racing_installs_leave_one_whole_bundle(
    written: Path, tmp_path: Path, trusted: TrustedKeys
) -> None:
    def install(_: int) -> VerifiedBundle:
        return install_bundle(written, tmp_path, trusted)

    with ThreadPoolExecutor(3) as pool:
        versions = {verified.manifest.version for verified in pool.map(install, range(3))}
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == list(versions)


def test_a_version_that_is_there_with_other_bytes_is_refused_and_kept(
    written: Path, tmp_path: Path, trusted: TrustedKeys
) -> None:
    version = install_bundle(written, tmp_path, trusted).manifest.version
    card = bundle_path(tmp_path, version) / "card.md"
    card.write_text("rotten")
    with pytest.raises(BundleRefused, match="installed with other bytes"):
        install_bundle(written, tmp_path, trusted)
    assert card.read_text() == "rotten"


def test_versions_are_listed_oldest_first_and_nothing_else_is(
    written: Path, tmp_path: Path, parts: BundleParts, key: SigningKey, trusted: TrustedKeys
) -> None:
    earlier = parts.statement.created_at - timedelta(days=1)
    statement = parts.statement.model_copy(update={"created_at": earlier})
    write_bundle(tmp_path / "old", replace(parts, statement=statement), key)
    for folder in (written, tmp_path / "old"):
        install_bundle(folder, tmp_path, trusted)
    (tmp_path / "bundles" / ".20261124T101500Z-000000000000.abc.part").mkdir()
    (tmp_path / "bundles" / "notes").mkdir()
    (tmp_path / "bundles" / "20261124T101500Z-000000000000").touch()
    assert [version[:8] for version in list_bundles(tmp_path)] == ["20261123", "20261124"]


@pytest.mark.parametrize("version", ["", "..", "../keys", "20261124T101500Z-000000000000"])
def test_an_unknown_version_is_refused(tmp_path: Path, version: str) -> None:
    (tmp_path / "keys").mkdir()
    with pytest.raises(UnknownBundle, match="is not installed") as refused:
        bundle_path(tmp_path, version)
    assert refused.value.field == "version"


def test_the_shipped_bundle_has_its_place_beside_the_code() -> None:
    assert SHIPPED.parts[-3:] == ("models", "bundles", "shipped")
