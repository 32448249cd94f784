"""Bundles: a model as a folder of files that is believed only after it has been verified."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from models.calibration import CALIBRATION, Calibration, read_calibration
from models.disk import folder_aside, read_folder, sync_folder
from models.documents import read_json, write_json
from models.errors import BundleRefused
from models.golden import GOLDEN, read_golden, require_near, write_golden
from models.manifest import MANIFEST, SIGNATURE, TABLE_CONTENT, Manifest, Statement
from models.risk import RiskModel, load_booster
from models.sandbox import CHILD_LIMITS, ChildLimits, check_in_child
from models.seal import (
    check_file,
    check_signature,
    check_version,
    make_manifest,
    read_manifest,
    sign_manifest,
)
from models.shapley.explainer import Explainer
from models.signing import SigningKey, TrustedKeys
from models.structure import bare_model, check_model, read_model
from models.tree_text import MODEL

CARD = "card.md"
EVALUATION = "evaluation.json"

MOST_BYTES: Mapping[str, int] = {
    MODEL: 64 << 20,
    CALIBRATION: 1 << 20,
    MANIFEST: 16 << 20,
    CARD: 1 << 20,
    EVALUATION: 8 << 20,
    GOLDEN: 16 << 20,
    SIGNATURE: 256,
}
"""The files of a bundle and the most bytes that each may have."""

MOST_TABLE_BYTES: Mapping[str, int] = dict.fromkeys(TABLE_CONTENT, 512 << 20)
"""The same for the files that only a model of somebody else's table has."""


@dataclass(frozen=True, slots=True)
class BundleParts:
    """What a fit hands over to be written.

    Parameters
    ----------
    statement : Statement
        What the manifest says that only the fitter knows.
    model_text : str
        `Booster.model_to_string()`; what LightGBM appends after the trees is cut off.
    calibration : Calibration
        From score to risk.
    card : str
        The model card, Markdown.
    evaluation : dict of str to JSON value
        The figures that promotion will ask for.
    golden : ndarray of float32, shape (n, f)
        1 to 256 rows whose answers are kept; `models.golden.choose_golden` picks good ones.
    encoding : dict of str to bytes
        The files of `TABLE_CONTENT`, where the statement's subject is a table.
    """

    statement: Statement
    model_text: str
    calibration: Calibration
    card: str
    evaluation: Mapping[str, JsonValue]
    golden: NDArray[np.float32]
    encoding: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerifiedBundle:
    """A bundle whose bytes have been verified, and those bytes; nothing is read again.

    Parameters
    ----------
    manifest : Manifest
        What it says about itself.
    calibration : Calibration
        From score to risk.
    contents : Mapping of str to bytes
        Every file, signature included.
    """

    manifest: Manifest
    calibration: Calibration
    contents: Mapping[str, bytes]


def write_bundle(out: Path, parts: BundleParts, key: SigningKey) -> Manifest:
    """Write a bundle that will verify, whole or not at all.

    It is written beside its place, verified there as a server would, and renamed. An
    earlier bundle at that place is replaced; anything else is left alone and refused.

    Parameters
    ----------
    out : Path
        The folder to make.
    parts : BundleParts
        What to write.
    key : SigningKey
        The fitter's key.

    Returns
    -------
    Manifest
        The manifest written.

    Raises
    ------
    BundleRefused
        If `out` is something else than a bundle or cannot be written, or the parts would not
        verify.
    """
    require_place(out)
    contents = _seal(parts, key)
    own = TrustedKeys({key.key_id: key.public})
    try:
        with folder_aside(out, contents) as aside:
            manifest = verify_bundle(aside, own).manifest
            _put(aside, out)
    except OSError as failed:
        raise _unwritable(out, failed.strerror) from failed
    return manifest


def verify_bundle(
    folder: Path, trusted: TrustedKeys, limits: ChildLimits = CHILD_LIMITS
) -> VerifiedBundle:
    """Verify a bundle: sizes, signature, hashes, structure, load in a child, golden rows, version.

    Each check comes before the first parser that would need it. The trees reach LightGBM
    in a child process only; this process has not parsed them when the call returns.

    Parameters
    ----------
    folder : Path
        The bundle.
    trusted : TrustedKeys
        Whose bundles are believed.
    limits : ChildLimits
        What the child may use.

    Returns
    -------
    VerifiedBundle
        The bytes that were verified.

    Raises
    ------
    BundleRefused
        With the file at fault, the reason, and the line of defence that stopped it.
    """
    with _check("files"):
        contents = read_folder(folder, MOST_BYTES, MOST_TABLE_BYTES)
    with _check("signature"):
        signer = check_signature(contents[MANIFEST], contents[SIGNATURE], trusted)
    with _check("manifest"):
        manifest = read_manifest(contents[MANIFEST])
        if manifest.signer != signer:
            raise BundleRefused(SIGNATURE, "another key signed than the manifest says")
    with _check("hashes"):
        _check_files(manifest, contents)
    with _check("documents"):
        calibration = _check_documents(contents)
    with _check("structure"):
        check_model(contents[MODEL], manifest.feature_names)
    with _check("child process"):
        check_in_child(
            contents[MODEL],
            contents[CALIBRATION],
            contents[GOLDEN],
            len(manifest.feature_names),
            limits,
        )
    with _check("version"):
        check_version(manifest, contents[MANIFEST])
    return VerifiedBundle(manifest, calibration, contents)


def load_bundle(verified: VerifiedBundle, *, warm: bool = False) -> RiskModel:
    """Load the very bytes that were verified.

    Parameters
    ----------
    verified : VerifiedBundle
        From `verify_bundle`.
    warm : bool
        Whether to have reasons ready, so that the first request does not wait for them: their
        machine code is loaded or made, and held against the golden rows.

    Returns
    -------
    RiskModel
        Ready to score.

    Raises
    ------
    BundleRefused
        If it is warmed and does not give the golden rows' contributions.
    """
    contents, manifest = verified.contents, verified.manifest
    explainer = Explainer.of(read_model(contents[MODEL], manifest.feature_names))
    model = RiskModel(manifest, load_booster(contents[MODEL]), verified.calibration, explainer)
    if warm:
        _warm_up(model, contents[GOLDEN])
    return model


def _seal(parts: BundleParts, key: SigningKey) -> dict[str, bytes]:
    model = bare_model(parts.model_text)
    check_model(model, parts.statement.feature_names)
    contents = {
        MODEL: model,
        CALIBRATION: parts.calibration.to_json(),
        CARD: parts.card.encode(),
        EVALUATION: write_json(dict(parts.evaluation)),
        GOLDEN: write_golden(load_booster(model), parts.calibration, parts.golden),
        **parts.encoding,
    }
    manifest = make_manifest(parts.statement, contents, key.key_id)
    return contents | {MANIFEST: manifest, SIGNATURE: sign_manifest(manifest, key)}


def _warm_up(model: RiskModel, golden: bytes) -> None:
    X, stated = read_golden(golden, len(model.feature_names))
    # alone and among others, which is not the same machine code
    for copies, rows in ((1, X[:1]), (4, X)):
        shares = model.contributions(np.repeat(rows, copies, axis=0))[::copies]
        for j in range(shares.shape[1]):
            require_near(f"c{j}", shares[:, j], stated[f"c{j}"][: len(rows)])


@contextmanager
def _check(name: str) -> Iterator[None]:
    """Name the line of defence that refuses."""
    try:
        yield
    except BundleRefused as refused:
        # golden rows are held against the model in the child
        refused.check = "golden rows" if refused.field == GOLDEN and name != "hashes" else name
        raise


def _check_files(manifest: Manifest, contents: Mapping[str, bytes]) -> None:
    for name in sorted(contents.keys() - {*manifest.content, MANIFEST, SIGNATURE}):
        raise BundleRefused(name, "it is no part of this bundle; remove it")
    for name in manifest.content:
        if name not in contents:
            raise BundleRefused(name, "it is missing from the bundle")
        check_file(manifest, name, contents[name])


def _check_documents(contents: Mapping[str, bytes]) -> Calibration:
    if not isinstance(read_json(contents[EVALUATION], EVALUATION), dict):
        raise BundleRefused(EVALUATION, "it is not an object")
    try:
        contents[CARD].decode()
    except UnicodeDecodeError as error:
        raise BundleRefused(CARD, "it is not UTF-8 text") from error
    return read_calibration(contents[CALIBRATION])


def require_place(out: Path) -> None:
    """Refuse a place where a bundle cannot be written, before the work of making one.

    Parameters
    ----------
    out : Path
        The folder to make; an earlier bundle there may be replaced.

    Raises
    ------
    BundleRefused
        If it is something else than a bundle, or nothing can be written there.
    """
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise BundleRefused(str(out), "it exists and is no folder; name another place")
    there = {path.name for path in out.iterdir()} if out.is_dir() else set()
    if there and not (
        {MANIFEST, SIGNATURE} <= there <= MOST_BYTES.keys() | MOST_TABLE_BYTES.keys()
    ):
        raise BundleRefused(str(out), "it holds something else than a bundle; name another place")
    nearest = next(parent for parent in out.absolute().parents if parent.exists())
    if not nearest.is_dir():
        raise _unwritable(out, f"{nearest} is no folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise _unwritable(out, f"{nearest} may not be written")


def _unwritable(out: Path, reason: str | None) -> BundleRefused:
    return BundleRefused(str(out), f"it cannot be written ({reason}); name another place")


def _put(aside: Path, out: Path) -> None:
    earlier = out.with_name(f".{out.name}.{secrets.token_hex(8)}.old")
    replaces = out.is_dir() and any(out.iterdir())
    if replaces:
        out.rename(earlier)
    aside.rename(out)
    sync_folder(out.parent)
    if replaces:
        shutil.rmtree(earlier)
