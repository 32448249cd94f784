from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from models.errors import KeyRefused
from models.signing import SigningKey, TrustedKeys, load_or_create_key, trusted_keys


@pytest.fixture
def none_shipped(tmp_path: Path) -> Path:
    return tmp_path / "shipped"


def test_a_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    made = load_or_create_key(tmp_path / "state")
    assert load_or_create_key(tmp_path / "state").key_id == made.key_id


def test_a_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    load_or_create_key(tmp_path)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "fitter.pem").stat().st_mode & 0o777 == 0o600


def test_keys_of_other_names_are_other_keys(tmp_path: Path) -> None:
    fitter, promoter = load_or_create_key(tmp_path), load_or_create_key(tmp_path, "promoter")
    assert fitter.key_id != promoter.key_id


def test_racing_makers_agree_on_one_key_and_leave_nothing_aside(tmp_path: Path) -> None:
    barrier = Barrier(8)

    def make(_: int) -> str:
        barrier.wait()
        return load_or_create_key(tmp_path).key_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 1
    assert {path.name for path in (tmp_path / "keys").iterdir()} == {"fitter.pem", "fitter.pub"}


def test_a_public_half_that_was_never_written_is_written_later(tmp_path: Path) -> None:
    made = load_or_create_key(tmp_path)
    (tmp_path / "keys" / "fitter.pub").unlink()
    load_or_create_key(tmp_path)
    none_shipped = tmp_path / "shipped"
    assert list(trusted_keys(tmp_path, none_shipped).keys) == [made.key_id]


def test_a_key_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    load_or_create_key(tmp_path)
    (tmp_path / "keys" / "fitter.pem").chmod(0o640)
    with pytest.raises(KeyRefused, match="chmod 600"):
        load_or_create_key(tmp_path)


def test_a_damaged_key_is_refused_by_name_and_kept(tmp_path: Path) -> None:
    load_or_create_key(tmp_path)
    path = tmp_path / "keys" / "fitter.pem"
    path.write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(KeyRefused, match=r"fitter\.pem is not a private key"):
        load_or_create_key(tmp_path)
    assert path.exists()


def test_a_key_of_another_kind_is_refused(tmp_path: Path, none_shipped: Path) -> None:
    load_or_create_key(tmp_path)
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "keys" / "fitter.pem").write_bytes(pem)
    with pytest.raises(KeyRefused, match="not an Ed25519 key"):
        load_or_create_key(tmp_path)
    public = other.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "keys" / "fitter.pub").write_bytes(public)
    with pytest.raises(KeyRefused, match="not an Ed25519 key"):
        trusted_keys(tmp_path, none_shipped)


def test_a_damaged_public_key_is_refused_by_name(tmp_path: Path, none_shipped: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "guest.pub").write_text("not a key")
    with pytest.raises(KeyRefused, match=r"guest\.pub is not a public key"):
        trusted_keys(tmp_path, none_shipped)


def test_own_and_shipped_keys_are_trusted(tmp_path: Path, none_shipped: Path) -> None:
    theirs = load_or_create_key(tmp_path / "maker")
    none_shipped.mkdir()
    source = tmp_path / "maker" / "keys" / "fitter.pub"
    (none_shipped / "maker.pub").write_bytes(source.read_bytes())
    own = load_or_create_key(tmp_path / "state")
    assert set(trusted_keys(tmp_path / "state", none_shipped).keys) == {theirs.key_id, own.key_id}
    assert set(trusted_keys(None, none_shipped).keys) == {theirs.key_id}


def test_without_a_state_folder_nothing_is_made(tmp_path: Path, none_shipped: Path) -> None:
    assert trusted_keys(tmp_path / "absent", none_shipped).keys == {}
    assert not (tmp_path / "absent").exists()


def test_a_signature_is_good_for_its_message(key: SigningKey, trusted: TrustedKeys) -> None:
    trusted.verify(key.key_id, b"message", key.sign(b"message"))


@given(place=st.integers(0, 511), message=st.binary(max_size=20))
def test_any_changed_bit_of_a_signature_is_refused(
    key: SigningKey, trusted: TrustedKeys, place: int, message: bytes
) -> None:
    changed = bytearray(key.sign(message))
    changed[place // 8] ^= 1 << place % 8
    with pytest.raises(KeyRefused, match="has been changed"):
        trusted.verify(key.key_id, message, bytes(changed))


def test_a_changed_message_is_refused(key: SigningKey, trusted: TrustedKeys) -> None:
    with pytest.raises(KeyRefused, match="has been changed"):
        trusted.verify(key.key_id, b"massage", key.sign(b"message"))


def test_a_stranger_is_refused_with_what_to_do(key: SigningKey) -> None:
    with pytest.raises(KeyRefused, match=r"put its \.pub file"):
        TrustedKeys({}).verify(key.key_id, b"message", key.sign(b"message"))
