import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.bundle import BundleParts, VerifiedBundle, verify_bundle, write_bundle
from models.errors import BundleRefused, KeyRefused
from models.promotion import (
    promotion_path,
    require_promotable,
    require_promotion,
    sign_promotion,
)
from models.signing import (
    PROMOTER,
    SigningKey,
    TrustedKeys,
    load_or_create_key,
    trusted_keys,
    trusted_promoters,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def promoter(tmp_path: Path) -> SigningKey:
    return load_or_create_key(tmp_path, PROMOTER)


def test_a_promotion_is_believed_of_the_bundle_that_it_names(
    tmp_path: Path, verified: VerifiedBundle, promoter: SigningKey
) -> None:
    signed = sign_promotion(tmp_path, verified, promoter, NOON)
    assert require_promotion(tmp_path, verified, trusted_promoters(tmp_path)) == signed
    assert (signed.fitter, signed.promoter) == (verified.manifest.signer, promoter.key_id)
    path = promotion_path(tmp_path, verified.manifest.version)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_fitted_does_not_promote(
    tmp_path: Path, verified: VerifiedBundle, key: SigningKey
) -> None:
    with pytest.raises(KeyRefused, match="who fits does not promote"):
        sign_promotion(tmp_path, verified, key, NOON)
    assert not promotion_path(tmp_path, verified.manifest.version).exists()


def test_a_bundle_that_nobody_signed_for_is_refused(
    tmp_path: Path, verified: VerifiedBundle, promoter: SigningKey
) -> None:
    promoters = TrustedKeys({promoter.key_id: promoter.public})
    with pytest.raises(BundleRefused, match="nobody has signed"):
        require_promotion(tmp_path, verified, promoters)


def test_a_promoter_who_is_not_trusted_is_refused(
    tmp_path: Path, verified: VerifiedBundle, other_key: SigningKey, promoter: SigningKey
) -> None:
    sign_promotion(tmp_path, verified, other_key, NOON)
    with pytest.raises(BundleRefused, match=f"{other_key.key_id} is not trusted"):
        require_promotion(tmp_path, verified, trusted_promoters(tmp_path))
    assert promoter.key_id in trusted_promoters(tmp_path).keys


def test_any_changed_byte_of_a_promotion_is_refused(
    tmp_path: Path, verified: VerifiedBundle, promoter: SigningKey
) -> None:
    sign_promotion(tmp_path, verified, promoter, NOON)
    path = promotion_path(tmp_path, verified.manifest.version)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BundleRefused, match=r"promotions/"):
            require_promotion(tmp_path, verified, trusted_promoters(tmp_path))


def test_a_promotion_of_another_bundle_is_refused(
    tmp_path: Path,
    parts: BundleParts,
    key: SigningKey,
    verified: VerifiedBundle,
    promoter: SigningKey,
) -> None:
    write_bundle(tmp_path / "other", replace(parts, card="# Another\n"), key)
    other = verify_bundle(tmp_path / "other", TrustedKeys({key.key_id: key.public}))
    sign_promotion(tmp_path, other, promoter, NOON)
    promotion_path(tmp_path, other.manifest.version).rename(
        promotion_path(tmp_path, verified.manifest.version)
    )
    with pytest.raises(BundleRefused, match="something else"):
        require_promotion(tmp_path, verified, trusted_promoters(tmp_path))


def test_promoting_again_keeps_the_latest_signature(
    tmp_path: Path, verified: VerifiedBundle, promoter: SigningKey
) -> None:
    sign_promotion(tmp_path, verified, promoter, NOON)
    later = sign_promotion(tmp_path, verified, promoter, NOON.replace(hour=13))
    assert require_promotion(tmp_path, verified, trusted_promoters(tmp_path)) == later
    assert len(list((tmp_path / "promotions").iterdir())) == 1


def test_keys_of_promoters_and_of_fitters_are_told_apart(
    tmp_path: Path, promoter: SigningKey
) -> None:
    fitter = load_or_create_key(tmp_path)
    assert set(trusted_keys(tmp_path, tmp_path / "none").keys) == {fitter.key_id}
    assert set(trusted_promoters(tmp_path).keys) == {promoter.key_id}


def test_what_met_its_targets_may_be_promoted(verified: VerifiedBundle) -> None:
    assert [verdict.name for verdict in require_promotable(verified)] == ["auc", "ece"]


@pytest.mark.parametrize("without", ["targets", "verdicts"])
def test_a_bundle_without_targets_or_verdicts_may_not(
    tmp_path: Path, parts: BundleParts, key: SigningKey, without: str
) -> None:
    changed = (
        replace(parts, statement=parts.statement.model_copy(update={"targets": None}))
        if without == "targets"
        else replace(parts, evaluation={"test": {"model": {"auc": 0.8}}})
    )
    write_bundle(tmp_path / "bundle", changed, key)
    verified = verify_bundle(tmp_path / "bundle", TrustedKeys({key.key_id: key.public}))
    with pytest.raises(BundleRefused, match="fit again"):
        require_promotable(verified)
