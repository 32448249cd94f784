"""The manifest: what a bundle says about itself, and what its signature covers."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from features.fields import Time
from models.documents import read_json, write_json
from models.errors import BundleRefused, KeyRefused
from models.signing import SigningKey, TrustedKeys

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
CONTENT = ("model.txt", "calibration.json", "card.md", "evaluation.json", "golden.parquet")
"""The files that a manifest lists, each by hash and size."""

_SIGNATURE_LINE = re.compile(rb"([0-9a-f]{16}) ([0-9a-f]{128})\n")

FORMAT = "weir-bundle-1"
VERSION_PATTERN = r"^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}$"

FeatureName = Annotated[str, Field(pattern=r'^[^\s"\',:\[\]{}\x00-\x1f\x7f]{1,200}$')]
"""A feature's name as LightGBM can carry it: no blanks, quotes, brackets, commas or colons."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
Severity = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Threshold = Annotated[float, Field(gt=0, lt=1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{8,128}$")]
Line = Annotated[str, Field(max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(_Part):
    """A stretch of time, `[from_at, until_at)`.

    Parameters
    ----------
    from_at, until_at : datetime
        Its ends, UTC.
    """

    from_at: Time
    until_at: Time

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.from_at >= self.until_at:
            raise ValueError("until_at must be later than from_at")
        return self


class Bands(_Part):
    """The risks from which an item counts as medium, high and very high.

    Parameters
    ----------
    medium, high, very_high : float
        Risks between 0 and 1, each at least the one before.
    """

    medium: Threshold
    high: Threshold
    very_high: Threshold

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.medium <= self.high <= self.very_high:
            raise ValueError("the thresholds must ascend: medium, high, very_high")
        return self


class FileEntry(_Part):
    """One file of the bundle.

    Parameters
    ----------
    sha256 : str
        Hash of its bytes, hexadecimal.
    size : int
        Its length in bytes.
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]


class Statement(_Part):
    """What the fitter states about a model; the rest of the manifest is computed.

    Parameters
    ----------
    created_at : datetime
        When the fit ended, UTC.
    feature_names : tuple of str
        The columns of X, in order.
    catalogue_hash : str
        Hash of the feature catalogue that defined them.
    data_hash : str
        Hash of the data that was fitted.
    code_version : str
        Version of Weir.
    libraries : dict of str to str
        Library to version.
    fit_window : Window
        When the fitted items were presented.
    label_window : Window
        When the labels that were used had been recorded.
    labels : {"observed", "all"}
        `all` read the simulator's truth: a ceiling to compare with, never to deploy.
    seed : int
        Seed of the fit.
    metrics : dict of str to float
        Figures on the test window.
    bands : Bands
        Risk thresholds.
    severity_by_mode : dict of str to float
        Expected severity in firearm equivalents given a find, by mode.
    severity_overall : float
        The same for modes with too few finds to say.
    encodings : dict of str to JSON value
        Codes and vocabularies that turn raw columns into features, where the catalogue
        does not define them.
    """

    created_at: Time
    feature_names: Annotated[tuple[FeatureName, ...], Field(min_length=1)]
    catalogue_hash: Digest
    data_hash: Digest
    code_version: Line
    libraries: dict[Line, Line]
    fit_window: Window
    label_window: Window
    labels: Literal["observed", "all"]
    seed: int
    metrics: dict[Line, Finite]
    bands: Bands
    severity_by_mode: dict[Line, Severity]
    severity_overall: Severity = 1.0
    encodings: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        if len(set(self.feature_names)) != len(self.feature_names):
            raise ValueError("feature_names repeats a name")
        return self


class Manifest(Statement):
    """A statement with the files it is about and who signed it.

    Parameters
    ----------
    format : str
        Layout of the bundle.
    version : str
        The bundle's name: `created_at` and a digest of everything else the manifest says,
        hashes of the files included, so that other content is another version.
    files : dict of str to FileEntry
        Exactly the files of `CONTENT`.
    signer : str
        Key id of the fitter's key.
    """

    format: Literal["weir-bundle-1"]
    version: Annotated[str, Field(pattern=VERSION_PATTERN)]
    files: dict[str, FileEntry]
    signer: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]

    @model_validator(mode="after")
    def _files_are_the_content(self) -> Self:
        if set(self.files) != set(CONTENT):
            raise ValueError(f"files must be exactly {', '.join(CONTENT)}")
        return self


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
        The files of `CONTENT`.
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


def check_signature(data: bytes, signature: bytes, trusted: TrustedKeys) -> str:
    """Verify the signature of a manifest that nothing has parsed yet.

    Parameters
    ----------
    data : bytes
        The manifest's exact bytes.
    signature : bytes
        The content of `manifest.sig`.
    trusted : TrustedKeys
        Whose signatures are believed.

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
        raise BundleRefused(SIGNATURE, "it is not a key id and a signature")
    signer = match[1].decode()
    try:
        trusted.verify(signer, data, bytes.fromhex(match[2].decode()))
    except KeyRefused as error:
        raise BundleRefused(SIGNATURE, error.detail) from error
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
        A file of `CONTENT`.
    data : bytes
        Its content.

    Raises
    ------
    BundleRefused
        If size or hash differ.
    """
    if file_entry(data) != manifest.files[name]:
        raise BundleRefused(name, "size or sha256 is not what the manifest says")
