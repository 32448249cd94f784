"""Damage on purpose: edits and truncations of a bundle's files, and what became of each."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.bundle import MOST_BYTES, load_bundle, verify_bundle
from models.disk import read_folder, write_file
from models.documents import read_json, write_json
from models.errors import BundleRefused
from models.manifest import MANIFEST, SIGNATURE
from models.seal import file_entry, read_manifest, sign_manifest, version_of
from models.signing import SigningKey, TrustedKeys


@dataclass(frozen=True, slots=True)
class DamageReport:
    """What became of damaged bundles.

    Parameters
    ----------
    n_refused : int
        Bundles that were refused.
    n_accepted : int
        Bundles that were accepted in spite of the damage.
    largest_difference : float
        The most that an accepted one's risk differed from the undamaged one's.
    reasons : Mapping of str to int
        Refusals by the file named.
    """

    n_refused: int
    n_accepted: int
    largest_difference: float
    reasons: Mapping[str, int]


def edit_byte(contents: Mapping[str, bytes], generator: np.random.Generator) -> dict[str, bytes]:
    """Change one byte of one file to another value.

    Parameters
    ----------
    contents : Mapping of str to bytes
        A bundle's files.
    generator : numpy.random.Generator
        Chooses file, place and value.

    Returns
    -------
    dict of str to bytes
        The files, one of them changed.
    """
    name, place = _place(contents, generator)
    changed = bytearray(contents[name])
    changed[place] ^= int(generator.integers(1, 256))
    return dict(contents) | {name: bytes(changed)}


def truncate(contents: Mapping[str, bytes], generator: np.random.Generator) -> dict[str, bytes]:
    """Cut the end off one file.

    Parameters
    ----------
    contents : Mapping of str to bytes
        A bundle's files.
    generator : numpy.random.Generator
        Chooses file and place.

    Returns
    -------
    dict of str to bytes
        The files, one of them shorter.
    """
    name, place = _place(contents, generator)
    return dict(contents) | {name: contents[name][:place]}


def reseal(
    contents: Mapping[str, bytes], key: SigningKey, *, new_version: bool = False
) -> dict[str, bytes]:
    """Hash the files again, as they are, and sign what comes out.

    Parameters
    ----------
    contents : Mapping of str to bytes
        A bundle's files, damaged or not.
    key : SigningKey
        A trusted key.
    new_version : bool
        Whether to name the content anew as well, like a signer who means it.

    Returns
    -------
    dict of str to bytes
        The files with another manifest and signature; a manifest that cannot be read is
        signed as it is.
    """
    manifest = contents[MANIFEST]
    try:
        document = read_json(manifest, MANIFEST)
        stated = read_manifest(manifest)
    except BundleRefused:
        return dict(contents) | {SIGNATURE: sign_manifest(manifest, key)}
    if isinstance(document, dict):
        document["files"] = {
            name: file_entry(contents[name]).model_dump() for name in stated.content
        }
        document["signer"] = key.key_id
        if new_version:
            document["version"] = version_of(stated.created_at, document)
    manifest = write_json(document)
    return dict(contents) | {MANIFEST: manifest, SIGNATURE: sign_manifest(manifest, key)}


def draw_damage(
    contents: Mapping[str, bytes],
    damage: Callable[[Mapping[str, bytes], np.random.Generator], dict[str, bytes]],
    seal: Callable[[dict[str, bytes]], dict[str, bytes]],
    generator: np.random.Generator,
) -> dict[str, bytes]:
    """Damage a bundle so that it is another one, sealed again or not.

    Parameters
    ----------
    contents : Mapping of str to bytes
        A bundle's files.
    damage : callable
        `edit_byte` or `truncate`.
    seal : callable
        Hashes and signs what came out, or leaves it.
    generator : numpy.random.Generator
        Chooses the damage.

    Returns
    -------
    dict of str to bytes
        The files.
    """
    while True:
        damaged = seal(damage(contents, generator))
        # sealing again repairs a damaged hash or signature, which proves nothing
        if damaged != contents:
            return damaged


def try_damage(  # noqa: PLR0913 - one proof, all of its parameters by name
    folder: Path,
    trusted: TrustedKeys,
    key: SigningKey,
    X: NDArray[np.float32],
    generator: np.random.Generator,
    *,
    n_edits: int,
    n_truncations: int,
    new_version: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> DamageReport:
    """Damage a bundle many times over and try to load each; every other one is sealed again.

    Parameters
    ----------
    folder : Path
        A good bundle; it is not touched.
    trusted : TrustedKeys
        Whose bundles are believed; must have `key`.
    key : SigningKey
        Seals every other damaged bundle again.
    X : ndarray of float32, shape (n, f)
        Rows to compare the risks of accepted bundles on.
    generator : numpy.random.Generator
        Chooses the damage.
    n_edits, n_truncations : int
        How many of each.
    new_version : bool
        Whether sealing names the content anew, which only a signer of bundles would do.
    progress : callable
        Called after each bundle.

    Returns
    -------
    DamageReport
        What became of them. That there is one means that this process lived.
    """
    contents = read_folder(folder, MOST_BYTES)
    expected = load_bundle(verify_bundle(folder, trusted)).risk(X)
    reasons: Counter[str] = Counter()
    differences: list[float] = []
    for index in range(n_edits + n_truncations):
        seal = partial(reseal, key=key, new_version=new_version) if index % 2 else dict
        damaged = draw_damage(contents, edit_byte if index < n_edits else truncate, seal, generator)
        try:
            risk = _load(damaged, trusted, X)
        except BundleRefused as error:
            reasons[str(error.field)] += 1
        else:
            differences.append(float(np.abs(risk - expected).max()))
        progress()
    return DamageReport(
        reasons.total(), len(differences), max(differences, default=0.0), dict(reasons)
    )


def _place(contents: Mapping[str, bytes], generator: np.random.Generator) -> tuple[str, int]:
    name = str(generator.choice(sorted(contents)))
    return name, int(generator.integers(len(contents[name])))


def _load(
    contents: Mapping[str, bytes], trusted: TrustedKeys, X: NDArray[np.float32]
) -> NDArray[np.float64]:
    folder = Path(tempfile.mkdtemp(prefix="weir-damage-"))
    try:
        for name, data in contents.items():
            write_file(folder / name, data)
        return load_bundle(verify_bundle(folder, trusted)).risk(X)
    finally:
        shutil.rmtree(folder)
