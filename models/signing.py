"""Ed25519 keys: who made a bundle, and whose bundles are trusted."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models.disk import sync_folder, write_file
from models.errors import KeyRefused
from models.state import make_state_dir

SHIPPED_KEYS = Path(__file__).parent / "bundles" / "trusted"
"""Public keys of the bundles that come with Weir."""

FITTER, PROMOTER = "fitter", "promoter"
"""What a key is for, which is how the names of its files begin."""

SIGNATURE_BYTES = 64
_BIGGEST_KEY_BYTES = 4096
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private Ed25519 key.

    Parameters
    ----------
    private : Ed25519PrivateKey
        The key; never leaves the process that read it.
    """

    private: Ed25519PrivateKey

    @property
    def public(self) -> Ed25519PublicKey:
        """The public half."""
        return self.private.public_key()

    @property
    def key_id(self) -> str:
        """The name that signatures carry, see `key_id`."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """Sign the exact bytes of a message (64 bytes, RFC 8032)."""
        return self.private.sign(message)


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """Public keys whose signatures are believed.

    Parameters
    ----------
    keys : Mapping of str to Ed25519PublicKey
        Key id to key.
    """

    keys: Mapping[str, Ed25519PublicKey]

    def verify(self, signer: str, message: bytes, signature: bytes) -> None:
        """Check a signature.

        Parameters
        ----------
        signer : str
            Key id of the key that is said to have signed.
        message : bytes
            The exact bytes that were signed.
        signature : bytes
            The signature, 64 bytes.

        Raises
        ------
        KeyRefused
            If the key is not trusted or the signature is not its signature of this message.
        """
        key = self.keys.get(signer)
        if key is None:
            raise KeyRefused(
                f"key {signer} is not trusted; put its .pub file into the state folder's keys",
                field=signer,
            )
        try:
            key.verify(signature, message)
        except InvalidSignature as error:
            raise KeyRefused(
                f"the signature is not one of key {signer}; what it signed has been changed",
                field=signer,
            ) from error


def key_id(public: Ed25519PublicKey) -> str:
    """Name a public key by the first 16 hexadecimal digits of the SHA-256 of its 32 raw bytes.

    Parameters
    ----------
    public : Ed25519PublicKey
        The key.

    Returns
    -------
    str
        Its id.
    """
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def load_or_create_key(state_dir: Path, name: str = FITTER) -> SigningKey:
    """Read `keys/NAME.pem` of a state folder, or make it, with `keys/NAME.pub` beside it.

    Processes that race to make it all end up with the same key: each writes one aside,
    and only one can link it to the name.

    Parameters
    ----------
    state_dir : Path
        The state folder; made if absent.
    name : str
        What the key is for: `FITTER` or `PROMOTER`.

    Returns
    -------
    SigningKey
        The key, readable by its owner only (0600 in a folder of 0700).

    Raises
    ------
    KeyRefused
        If the file is damaged, no Ed25519 key, or readable by others.
    StateExposed
        If others can look into the state folder, and it holds other things as well.
    """
    make_state_dir(state_dir)
    folder = state_dir / "keys"
    folder.mkdir(exist_ok=True, mode=0o700)
    path = folder / f"{name}.pem"
    if not path.exists():
        _create_key(path)
    key = _read_private(path)
    public = folder / f"{name}.pub"
    if not public.exists():
        _write_public(public, key.public)
    return key


def require_key_place(state_dir: Path, name: str = FITTER) -> None:
    """Refuse early what `load_or_create_key` would refuse later; make no key.

    Parameters
    ----------
    state_dir : Path
        The state folder; made if absent.
    name : str
        What the key is for.

    Raises
    ------
    KeyRefused
        If the key is there and cannot be used.
    StateExposed
        If others can look into the state folder, and it holds other things as well.
    """
    make_state_dir(state_dir)
    path = state_dir / "keys" / f"{name}.pem"
    if path.exists():
        _read_private(path)


def trusted_keys(state_dir: Path | None = None, shipped: Path = SHIPPED_KEYS) -> TrustedKeys:
    """Collect the public keys whose bundles are trusted here.

    Parameters
    ----------
    state_dir : Path, optional
        Its `keys/*.pub` are trusted, but for `keys/promoter*.pub`.
    shipped : Path
        The folder of the keys that come with Weir, trusted as well.

    Returns
    -------
    TrustedKeys
        By key id.

    Raises
    ------
    KeyRefused
        If a .pub file is not an Ed25519 public key; the message names it.
    """
    folders = [shipped] if state_dir is None else [shipped, state_dir / "keys"]
    paths = [path for folder in folders for path in sorted(folder.glob("*.pub"))]
    return _trusted(path for path in paths if not path.name.startswith(PROMOTER))


def trusted_promoters(state_dir: Path) -> TrustedKeys:
    """Collect the public keys whose promotions are trusted here.

    Parameters
    ----------
    state_dir : Path
        Its `keys/promoter*.pub` are trusted.

    Returns
    -------
    TrustedKeys
        By key id.

    Raises
    ------
    KeyRefused
        If such a file is not an Ed25519 public key; the message names it.
    """
    return _trusted(sorted((state_dir / "keys").glob(f"{PROMOTER}*.pub")))


def _trusted(paths: Iterable[Path]) -> TrustedKeys:
    public = [_read_public(path) for path in paths]
    return TrustedKeys({key_id(key): key for key in public})


def _create_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    write_file(aside, pem, mode=0o600)
    try:
        os.link(aside, path)
    except FileExistsError:
        return
    finally:
        aside.unlink()
    sync_folder(path.parent)


def _write_public(path: Path, key: Ed25519PublicKey) -> None:
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    write_file(aside, pem)
    aside.rename(path)
    sync_folder(path.parent)


def _read_private(path: Path) -> SigningKey:
    if path.stat().st_mode & _OTHERS:
        raise KeyRefused(f"{path} can be read by others; run chmod 600 on it", field=str(path))
    try:
        key = serialization.load_pem_private_key(_read_key_file(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyRefused(f"{path} is not a private key in PEM form", field=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyRefused(f"{path} is not an Ed25519 key", field=str(path))
    return SigningKey(key)


def _read_public(path: Path) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(_read_key_file(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused(
            f"{path} is not a public key in PEM form; remove it", field=str(path)
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyRefused(f"{path} is not an Ed25519 key; remove it", field=str(path))
    return key


def _read_key_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_BIGGEST_KEY_BYTES)
