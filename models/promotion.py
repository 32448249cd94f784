"""Promotions: a promoter's signature under a bundle that somebody else fitted."""

import hashlib
import secrets
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.fields import Time
from models.bundle import EVALUATION, VerifiedBundle
from models.disk import sync_folder, write_file
from models.documents import read_json, write_json
from models.errors import BundleRefused, KeyRefused
from models.manifest import MANIFEST, VERSION_PATTERN
from models.seal import check_signature, sign_manifest
from models.signing import SigningKey, TrustedKeys
from models.targets import Verdict, require_met

FORMAT = "weir-promotion-1"
_MOST_BYTES = 4096
_MODE = 0o600

KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class Promotion(BaseModel):
    """What a promoter signs.

    Parameters
    ----------
    format : str
        Layout of this document.
    bundle : str
        Version of the bundle.
    manifest_sha256 : str
        Hash of its manifest's exact bytes, which name every other byte of it.
    fitter, promoter : str
        Key ids; never the same.
    promoted_at : datetime
        When, UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["weir-promotion-1"]
    bundle: Annotated[str, Field(pattern=VERSION_PATTERN)]
    manifest_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    fitter: KeyId
    promoter: KeyId
    promoted_at: Time


def require_promotable(verified: VerifiedBundle) -> list[Verdict]:
    """Refuse a bundle whose evaluation did not meet the targets stored before the fit.

    Parameters
    ----------
    verified : VerifiedBundle
        From `models.bundle.verify_bundle`.

    Returns
    -------
    list of Verdict
        The targets, all met.

    Raises
    ------
    BundleRefused
        If there were none, or one was missed; each is named with its figure.
    """
    evaluation = read_json(verified.contents[EVALUATION], EVALUATION)
    if not isinstance(evaluation, dict):
        raise BundleRefused(EVALUATION, "it is not an object")
    return require_met(verified.manifest.targets, evaluation)


def require_other(key: SigningKey, verified: VerifiedBundle) -> None:
    """Refuse to promote with the key that fitted.

    Parameters
    ----------
    key : SigningKey
        The promoter's.
    verified : VerifiedBundle
        The bundle.

    Raises
    ------
    KeyRefused
        If it is the bundle's own signer.
    """
    if key.key_id == verified.manifest.signer:
        raise KeyRefused(
            f"key {key.key_id} signed this bundle; who fits does not promote: put another key "
            "into keys/promoter.pem",
            field=key.key_id,
        )


def sign_promotion(
    state_dir: Path, verified: VerifiedBundle, key: SigningKey, now: datetime
) -> Promotion:
    """Sign a promotion and keep it, flushed, as `promotions/VERSION`; an earlier one gives way.

    Parameters
    ----------
    state_dir : Path
        The state folder.
    verified : VerifiedBundle
        What is promoted.
    key : SigningKey
        The promoter's key.
    now : datetime
        The present moment, UTC.

    Returns
    -------
    Promotion
        What was signed.

    Raises
    ------
    KeyRefused
        If the key is the one that signed the bundle.
    """
    require_other(key, verified)
    promotion = Promotion(
        format=FORMAT,
        bundle=verified.manifest.version,
        manifest_sha256=_digest(verified),
        fitter=verified.manifest.signer,
        promoter=key.key_id,
        promoted_at=now,
    )
    document = write_json(promotion.model_dump(mode="json"))
    path = promotion_path(state_dir, promotion.bundle)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    write_file(aside, sign_manifest(document, key) + document, mode=_MODE)
    aside.rename(path)
    sync_folder(path.parent)
    return promotion


def require_promotion(
    state_dir: Path, verified: VerifiedBundle, promoters: TrustedKeys
) -> Promotion:
    """Refuse an installed bundle that no trusted promoter signed for.

    Parameters
    ----------
    state_dir : Path
        The state folder.
    verified : VerifiedBundle
        The bundle.
    promoters : TrustedKeys
        Whose promotions are believed.

    Returns
    -------
    Promotion
        What was signed.

    Raises
    ------
    BundleRefused
        If there is no promotion of these bytes, or it is not signed by a trusted promoter who
        is not the fitter.
    """
    version = verified.manifest.version
    path = promotion_path(state_dir, version)
    name = f"promotions/{version}"
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError as failed:
        raise BundleRefused(
            name, "nobody has signed for this bundle; promote it with weir models promote"
        ) from failed
    line, _, document = data.partition(b"\n")
    signer = check_signature(document, line + b"\n", promoters, name)
    try:
        promotion = Promotion.model_validate(read_json(document, name))
    except ValidationError as error:
        raise BundleRefused(name, "it is not a promotion; promote the bundle again") from error
    stated = promotion.bundle, promotion.manifest_sha256, promotion.fitter, promotion.promoter
    if stated != (version, _digest(verified), verified.manifest.signer, signer):
        raise BundleRefused(name, "it is the promotion of something else; promote the bundle again")
    if signer == verified.manifest.signer:
        raise BundleRefused(name, "the key that fitted the bundle signed for it as well")
    return promotion


def promotion_path(state_dir: Path, version: str) -> Path:
    """Say where the promotion of a bundle is kept.

    Parameters
    ----------
    state_dir : Path
        The state folder.
    version : str
        The bundle's version.

    Returns
    -------
    Path
        A file; it may not be there.
    """
    return state_dir / "promotions" / version


def _digest(verified: VerifiedBundle) -> str:
    return hashlib.sha256(verified.contents[MANIFEST]).hexdigest()
