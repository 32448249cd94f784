"""The README's table of settings and the settings themselves say the same."""

import re
from pathlib import Path
from typing import get_args

import pytest
from annotated_types import Ge, Gt, Le

from service.settings import SHORTEST_SECRET, Settings

README = (Path(__file__).parents[2] / "README.md").read_text()
ROWS = dict(re.findall(r"^\| `WEIR_([A-Z_]+)` \| (.*) \|$", README, re.MULTILINE))
FIELDS = Settings.model_fields


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def _bounds(name: str) -> list[str]:
    names = {Ge: "ge", Gt: "gt", Le: "le"}
    return [
        _written(getattr(rule, names[type(rule)]))
        for rule in FIELDS[name].metadata
        if type(rule) in names
    ]


def test_every_setting_has_its_row_and_every_row_is_a_setting() -> None:
    assert sorted(ROWS) == sorted(name.upper() for name in FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_a_row_gives_the_default(name: str) -> None:
    default = FIELDS[name].default
    if FIELDS[name].is_required():
        assert "no default" in ROWS[name.upper()]
    elif isinstance(default, bool | int | float | str):
        words = re.search(r"default `?([^`|,; ]+(?:,\d{3})*)", ROWS[name.upper()])
        assert words is not None, name
        assert words.group(1).replace(",", "") == _written(default).replace(",", "")
    else:
        assert "default" in ROWS[name.upper()]


@pytest.mark.parametrize("name", [name for name in FIELDS if _bounds(name)])
def test_a_row_gives_the_bounds(name: str) -> None:
    for bound in _bounds(name):
        assert re.search(rf"(?<![\d.,]){re.escape(bound)}(?![\d.]|,\d)", ROWS[name.upper()]), bound


def test_the_rows_of_words_give_them_all() -> None:
    for level in get_args(FIELDS["log_level"].annotation):
        assert f"`{level}`" in ROWS["LOG_LEVEL"]
    assert str(SHORTEST_SECRET) in ROWS["SECRET"]
