"""The proof in small; a command runs it with a thousand edits and two hundred truncations."""

from pathlib import Path

import numpy as np
import pytest

from models.bundle import MOST_BYTES
from models.damage import edit_byte, reseal, truncate, try_damage
from models.disk import read_folder
from models.signing import SigningKey, TrustedKeys
from tests.bundles import Fitted


@pytest.fixture
def contents(written: Path) -> dict[str, bytes]:
    return read_folder(written, MOST_BYTES)


@pytest.mark.parametrize("seed", range(20))
def test_an_edit_changes_one_byte_of_one_file(contents: dict[str, bytes], seed: int) -> None:
    edited = edit_byte(contents, np.random.default_rng(seed))
    [name] = [name for name in contents if edited[name] != contents[name]]
    pairs = zip(edited[name], contents[name], strict=True)
    assert sum(one != other for one, other in pairs) == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_truncation_shortens_one_file(contents: dict[str, bytes], seed: int) -> None:
    cut = truncate(contents, np.random.default_rng(seed))
    [name] = [name for name in contents if cut[name] != contents[name]]
    assert contents[name].startswith(cut[name])


def test_sealing_an_undamaged_bundle_again_changes_nothing(
    contents: dict[str, bytes], key: SigningKey
) -> None:
    assert reseal(contents, key) == contents
    assert reseal(contents, key, new_version=True) == contents


def test_sealing_keeps_a_manifest_that_cannot_be_read(
    contents: dict[str, bytes], key: SigningKey, trusted: TrustedKeys
) -> None:
    sealed = reseal(contents | {"manifest.json": b"{"}, key)
    assert sealed["manifest.json"] == b"{"
    trusted.verify(key.key_id, b"{", bytes.fromhex(sealed["manifest.sig"].split()[1].decode()))


def test_every_damaged_bundle_is_refused_sealed_again_or_not(
    written: Path, key: SigningKey, trusted: TrustedKeys, fitted: Fitted
) -> None:
    calls: list[None] = []
    report = try_damage(
        written,
        trusted,
        key,
        fitted.X,
        np.random.default_rng(11),
        n_edits=30,
        n_truncations=10,
        progress=lambda: calls.append(None),
    )
    assert (report.n_refused, report.n_accepted) == (40, 0)
    assert sum(report.reasons.values()) == len(calls) == 40
    assert len(report.reasons) > 3


def test_damage_that_a_signer_means_is_refused_or_moves_no_risk(
    written: Path, key: SigningKey, trusted: TrustedKeys, fitted: Fitted
) -> None:
    report = try_damage(
        written,
        trusted,
        key,
        fitted.X,
        np.random.default_rng(12),
        n_edits=24,
        n_truncations=6,
        new_version=True,
    )
    assert report.n_refused + report.n_accepted == 30
    assert report.n_accepted > 0
    assert report.largest_difference == 0


@pytest.mark.slow
def test_the_full_count_of_damaged_bundles_is_refused(
    written: Path, key: SigningKey, trusted: TrustedKeys, fitted: Fitted
) -> None:
    report = try_damage(
        written,
        trusted,
        key,
        fitted.X,
        np.random.default_rng(13),
        n_edits=1_000,
        n_truncations=200,
    )
    assert (report.n_refused, report.n_accepted) == (1_200, 0)
