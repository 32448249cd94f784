"""The page of rules says what the code says."""

import re
from pathlib import Path

import pytest

from models.predicates.columns import ITEM_COLUMNS, LINE_COLUMNS, Readable
from models.predicates.lexer import LONGEST_TEXT
from models.predicates.parse import MOST_MEMBERS, parse
from models.predicates.terms import FUNCTIONS
from models.predicates.words import DEEPEST, MOST_NODES

PAGE = (Path(__file__).parents[4] / "docs" / "rules.md").read_text()


def _row(column: Readable) -> str:
    return f"| `{column.column.name}` | {column.column.kind} | {column.meaning} |"


def test_every_column_has_its_row_and_every_row_is_a_column() -> None:
    rows = [
        line for line in PAGE.splitlines() if re.match(r"\| `\w+` \| (number|text|bool) ", line)
    ]
    assert rows == [_row(each) for each in (*ITEM_COLUMNS.values(), *LINE_COLUMNS.values())]


def test_every_function_and_bound_is_named() -> None:
    assert [f"{name}(" in PAGE for name in FUNCTIONS] == [True] * len(FUNCTIONS)
    words = " ".join(PAGE.split())
    for bound in (f"{LONGEST_TEXT:,} characters", f"{MOST_NODES} columns", f"{DEEPEST} levels"):
        assert bound in words
    assert f"at most {MOST_MEMBERS} values" in words


@pytest.mark.parametrize(
    "example", PAGE[PAGE.index("## Examples") :].split("```text\n")[1].split("```")[0].splitlines()
)
def test_every_example_is_a_rule(example: str) -> None:
    assert parse(example).columns
