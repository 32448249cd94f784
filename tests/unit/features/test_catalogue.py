import hashlib
import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import get_args

import pytest

from features import catalogue
from features.catalogue import FEATURE_NAMES, FEATURES, catalogue_hash
from features.catalogue_text import markdown
from features.definition import Group
from features.filing_features import FILING_FEATURES
from features.item_features import ITEM_FEATURES
from features.items import PROTECTED_ATTRIBUTES


def test_feature_names_are_unique() -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)


def test_every_feature_says_everything_of_itself() -> None:
    silent = [
        feature.name for feature in FEATURES if not all(map(str.strip, asdict(feature).values()))
    ]
    assert silent == []
    assert {feature.group for feature in FEATURES} <= set(get_args(Group))


def test_a_meaning_is_one_sentence() -> None:
    odd = [f.name for f in FEATURES if not re.fullmatch(r"[A-Z1].*\.", f.meaning)]
    assert odd == []


def test_no_feature_is_a_protected_attribute() -> None:
    assert PROTECTED_ATTRIBUTES & set(FEATURE_NAMES) == set()


def test_the_hash_changes_with_every_word_of_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    before = catalogue_hash()
    assert before == catalogue_hash()
    assert len(before) == len(hashlib.sha256().hexdigest())
    other = (replace(FEATURES[0], meaning="Something else."), *FEATURES[1:])
    monkeypatch.setattr(catalogue, "FEATURES", other)
    assert catalogue_hash() != before


def test_the_catalogue_can_be_written_as_json() -> None:
    assert json.loads(json.dumps([asdict(feature) for feature in FEATURES]))[0]["name"]


def test_features_of_the_item_come_first_for_the_matrix_fills_them_as_one_block() -> None:
    first = [computed.feature.name for computed in (*ITEM_FEATURES, *FILING_FEATURES)]
    assert list(FEATURE_NAMES[: len(first)]) == first


def test_the_page_of_features_is_the_catalogue() -> None:
    page = Path(__file__).parents[3] / "docs" / "features.md"
    said = "write it again: weir-train features --markdown > docs/features.md"
    assert page.read_text(encoding="utf-8") == markdown(), said


def test_the_page_names_every_feature_once() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", markdown(), re.MULTILINE)
    assert rows == list(FEATURE_NAMES)
