from datetime import timedelta

import pytest

from models.documents import read_json, write_json
from models.errors import BundleRefused
from models.manifest import CONTENT, Statement
from models.seal import (
    check_file,
    check_signature,
    check_version,
    make_manifest,
    read_manifest,
    sign_manifest,
)
from models.signing import SigningKey, TrustedKeys

CONTENTS = {name: name.encode() for name in CONTENT}


@pytest.fixture
def data(statement: Statement, key: SigningKey) -> bytes:
    return make_manifest(statement, CONTENTS, key.key_id)


def test_a_version_tells_the_moment_first(data: bytes) -> None:
    assert read_manifest(data).version.startswith("20261124T101500Z-")


def test_the_same_content_has_the_same_version_whoever_signs(
    data: bytes, statement: Statement
) -> None:
    other = read_manifest(make_manifest(statement, CONTENTS, "0" * 16))
    assert other.version == read_manifest(data).version


@pytest.mark.parametrize("name", CONTENT)
def test_another_file_is_another_version(data: bytes, statement: Statement, name: str) -> None:
    other = make_manifest(statement, CONTENTS | {name: b"other"}, "0" * 16)
    assert read_manifest(other).version != read_manifest(data).version


def test_another_statement_is_another_version(data: bytes, statement: Statement) -> None:
    other = make_manifest(statement.model_copy(update={"seed": 8}), CONTENTS, "0" * 16)
    assert read_manifest(other).version != read_manifest(data).version


def test_another_moment_is_another_version(data: bytes, statement: Statement) -> None:
    later = statement.created_at + timedelta(microseconds=1)
    other = make_manifest(statement.model_copy(update={"created_at": later}), CONTENTS, "0" * 16)
    assert read_manifest(other).version != read_manifest(data).version


def test_a_manifest_whose_version_is_of_other_content_is_refused(data: bytes) -> None:
    check_version(read_manifest(data), data)
    document = read_json(data, "manifest.json")
    assert isinstance(document, dict)
    changed = write_json(document | {"seed": 8})
    with pytest.raises(BundleRefused, match="other content"):
        check_version(read_manifest(changed), changed)


@pytest.mark.parametrize("content", [b"", b"card.mD", b"card.md "])
def test_a_file_of_other_bytes_is_refused(data: bytes, content: bytes) -> None:
    check_file(read_manifest(data), "card.md", b"card.md")
    with pytest.raises(BundleRefused, match=r"card\.md: size or sha256"):
        check_file(read_manifest(data), "card.md", content)


def test_a_signature_names_its_signer(data: bytes, key: SigningKey, trusted: TrustedKeys) -> None:
    assert check_signature(data, sign_manifest(data, key), trusted) == key.key_id


def test_the_signature_covers_every_byte(
    data: bytes, key: SigningKey, trusted: TrustedKeys
) -> None:
    with pytest.raises(BundleRefused, match="has been changed"):
        check_signature(data + b" ", sign_manifest(data, key), trusted)


def test_a_signature_of_an_unknown_key_is_refused(data: bytes, key: SigningKey) -> None:
    with pytest.raises(BundleRefused, match="is not trusted"):
        check_signature(data, sign_manifest(data, key), TrustedKeys({}))


@pytest.mark.parametrize(
    "signature", [b"", b"\xff", b"0123456789abcdef", b"0123456789abcdef " + b"0" * 128]
)
def test_what_is_no_signature_is_refused(
    data: bytes, trusted: TrustedKeys, signature: bytes
) -> None:
    with pytest.raises(BundleRefused, match="not a key id and a signature"):
        check_signature(data, signature, trusted)
