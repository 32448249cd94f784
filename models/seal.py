"""The seal of a bundle: hashes, version and signature, made and checked."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue, ValidationError

from models.documents import read_json, write_json
from models.errors import BundleRefused, KeyRefused
from models.manifest import FORMAT, MANIFEST, SIGNATURE, FileEntry, Manifest, Statement
from models.signing import SigningKey, TrustedKeys

_SIGNATURE_LINE = re.compile(rb"([0-9a-f]{16}) ([0-9a-f]{128})\n")


def file_entry(data: bytes) -> FileEntry:
    """Describe a file's content.

    Parameters
    ----------
    data : bytes
        The content.

    Returns
    -------
    FileEntry
        Its hash and size.
    """
    return FileEntry(sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def make_manifest(statement: Statement, contents: Mapping[str, bytes], signer: str) -> bytes:
    """Write the manifest of a bundle.

    Parameters
    ----------
    statement : Statement
        What the fitter states.
    contents : Mapping of str to bytes
        The files that the statement's `content` names.
    signer : str
        Key id of the key that will sign.

    Returns
    -------
    bytes
        `manifest.json`.
    """
    document: dict[str, JsonValue] = statement.model_dump(mode="json") | {
        "format": FORMAT,
        "files": {name: file_entry(data).model_dump() for name, data in contents.items()},
        "signer": signer,
    }
    document["version"] = version_of(statement.created_at, document)
    return write_json(document)


def version_of(created_at: datetime, document: Mapping[str, JsonValue]) -> str:
    """Name a bundle after its moment and its content.

    Parameters
    ----------
    created_at : datetime
        When the fit ended, UTC.
    document : Mapping
        The manifest; its version and signer are left out of the digest.

    Returns
    -------
    str
        Such as `20261124T101500Z-1a2b3c4d5e6f`.
    """
    stated = {key: value for key, value in document.items() if key not in {"version", "signer"}}
    return f"{created_at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(write_json(stated)).hexdigest()[:12]}"


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest and check all that it can be checked for by itself.

    Parameters
    ----------
    data : bytes
        Its exact bytes; verify the signature over them first.

    Returns
    -------
    Manifest
        The manifest.

    Raises
    ------
    BundleRefused
        If a field is missing, unknown or out of range.
    """
    document = read_json(data, MANIFEST)
    try:
        manifest = Manifest.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise BundleRefused(MANIFEST, f"{field}: {first['msg']}") from error
    return manifest


def sign_manifest(data: bytes, key: SigningKey) -> bytes:
    """Sign a manifest.

    Parameters
    ----------
    data : bytes
        Its exact bytes.
    key : SigningKey
        The fitter's key.

    Returns
    -------
    bytes
        `manifest.sig`: key id and signature, hexadecimal, on one line.
    """
    return f"{key.key_id} {key.sign(data).hex()}\n".encode()


def check_signature(
    data: bytes, signature: bytes, trusted: TrustedKeys, where: str = SIGNATURE
) -> str:
    """Verify the signature of a document that nothing has parsed yet.

    Parameters
    ----------
    data : bytes
        The document's exact bytes.
    signature : bytes
        The content of `manifest.sig`.
    trusted : TrustedKeys
        Whose signatures are believed.
    where : str
        The file that holds it, for the error.

    Returns
    -------
    str
        Key id of the signer.

    Raises
    ------
    BundleRefused
        If it is not a trusted key's signature of these bytes.
    """
    match = _SIGNATURE_LINE.fullmatch(signature)
    if not match:
        raise BundleRefused(where, "it is not a key id and a signature")
    signer = match[1].decode()
    try:
        trusted.verify(signer, data, bytes.fromhex(match[2].decode()))
    except KeyRefused as error:
        raise BundleRefused(where, error.detail) from error
    return signer


def check_version(manifest: Manifest, data: bytes) -> None:
    """Hold a manifest's version against its content.

    It sees what no other check can: a changed card, a digit that moves no golden row.

    Parameters
    ----------
    manifest : Manifest
        The manifest.
    data : bytes
        The exact bytes that it was read from.

    Raises
    ------
    BundleRefused
        If this content has another version.
    """
    document = read_json(data, MANIFEST)
    if not isinstance(document, dict) or manifest.version != version_of(
        manifest.created_at, document
    ):
        raise BundleRefused(MANIFEST, "the version is that of other content; fit again")


def check_file(manifest: Manifest, name: str, data: bytes) -> None:
    """Hold a file against its entry.

    Parameters
    ----------
    manifest : Manifest
        The manifest.
    name : str
        A file of the manifest's `content`.
    data : bytes
        Its content.

    Raises
    ------
    BundleRefused
        If size or hash differ.
    """
    if file_entry(data) != manifest.files[name]:
        raise BundleRefused(name, "size or sha256 is not what the manifest says")
