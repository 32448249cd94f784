from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from models.documents import read_json, write_json
from models.errors import BundleRefused
from models.manifest import CONTENT, Bands, Manifest, Statement, Window
from models.seal import make_manifest, read_manifest

CONTENTS = {name: name.encode() for name in CONTENT}
SIGNER = "0123456789abcdef"


@pytest.fixture
def document(statement: Statement) -> dict[str, Any]:
    read = read_json(make_manifest(statement, CONTENTS, SIGNER), "manifest.json")
    assert isinstance(read, dict)
    return read


def test_a_manifest_keeps_what_was_stated(statement: Statement) -> None:
    manifest = read_manifest(make_manifest(statement, CONTENTS, SIGNER))
    assert Statement.model_validate(manifest.model_dump(include=set(Statement.model_fields))) == (
        statement
    )
    assert manifest.signer == SIGNER
    assert manifest.files["card.md"].size == len("card.md")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.pop("seed"), "seed"),
        (lambda d: d.update(nationality="MX"), "nationality"),
        (lambda d: d.update(format="weir-bundle-2"), "format"),
        (lambda d: d.update(version="../../etc"), "version"),
        (lambda d: d.update(created_at="2026-11-24T10:15:00"), "created_at"),
        (lambda d: d.update(labels="some"), "labels"),
        (lambda d: d.update(signer="nobody"), "signer"),
        (lambda d: d["files"].update({"../x": d["files"]["card.md"]}), "files must be exactly"),
        (lambda d: d["files"].pop("card.md"), "must be exactly model.txt"),
        (lambda d: d["files"]["card.md"].update(size=-1), "files.card.md.size"),
        (lambda d: d["files"]["card.md"].update(sha256="00"), "files.card.md.sha256"),
        (lambda d: d.update(feature_names=[]), "feature_names"),
        (lambda d: d.update(feature_names=["a", "a"]), "repeats a name"),
        (lambda d: d.update(feature_names=["a b"]), "feature_names.0"),
        (lambda d: d.update(feature_names=["a\nb"]), "feature_names.0: String"),
        (lambda d: d.update(feature_names=["b", 'a"']), "feature_names.1"),
        (lambda d: d["bands"].update(high=0.9), "must ascend"),
        (lambda d: d["bands"].update(medium=0), "bands.medium"),
        (lambda d: d["severity_by_mode"].update(pov=-1), "severity_by_mode.pov"),
        (lambda d: d["fit_window"].update(until_at="2020-01-01T00:00:00Z"), "until_at must be"),
    ],
)
def test_a_wrong_field_is_refused_by_name(
    document: dict[str, Any], change: Callable[[dict[str, Any]], object], field: str
) -> None:
    change(document)
    with pytest.raises(BundleRefused, match=field) as refused:
        read_manifest(write_json(document))
    assert refused.value.field == "manifest.json"


@pytest.mark.parametrize("value", [None, [], 3, "text"])
def test_what_is_no_object_is_refused(value: Any) -> None:  # noqa: ANN401 - any JSON
    with pytest.raises(BundleRefused):
        read_manifest(write_json(value))


def test_thresholds_of_bands_may_coincide() -> None:
    assert Bands(medium=0.1, high=0.1, very_high=0.1).medium == 0.1


def test_a_window_has_a_length(statement: Statement) -> None:
    moment = statement.created_at
    with pytest.raises(ValidationError, match="later than from_at"):
        Window(from_at=moment, until_at=moment)


def test_a_manifest_cannot_be_changed(statement: Statement) -> None:
    manifest = read_manifest(make_manifest(statement, CONTENTS, SIGNER))
    assert isinstance(manifest, Manifest)
    with pytest.raises(ValidationError, match="frozen"):
        manifest.seed = 8  # type: ignore[misc]  # what must fail
