from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from features.errors import InvalidTable
from tests.foreign import document, small_customs, write_toml
from training.cli import app

Content = dict[str, Any]
Break = Callable[[pl.DataFrame, Content], pl.DataFrame]


def _with(column: str, row: int, value: str) -> Break:
    def change(frame: pl.DataFrame, _: Content) -> pl.DataFrame:
        cells = frame[column].cast(pl.String).to_list()
        cells[row - 1] = value
        return frame.with_columns(pl.Series(column, cells))

    return change


def _mapped(section: str, **entries: object) -> Break:
    def change(frame: pl.DataFrame, content: Content) -> pl.DataFrame:
        content[section] = {
            key: value for key, value in (content[section] | entries).items() if value is not None
        }
        return frame

    return change


FAULTS: dict[str, tuple[Break, str]] = {
    "a column is missing": (
        lambda frame, _: frame.drop("Office", "Seller"),
        "has no column 'Office', 'Seller'; it has 'Declaration ID'",
    ),
    "a column is not listed": (
        lambda frame, _: frame.with_columns(extra=1, more=2),
        "columns that the mapping does not list: 'extra', 'more'; give each a kind",
    ),
    "the label is missing": (lambda frame, _: frame.drop("Fraud"), "has no column 'Fraud'"),
    "no label is positive": (
        _mapped("table", positive=["yes"]),
        "column 'Fraud' holds none of 'yes' in 300 rows; both outcomes are needed",
    ),
    "every label is positive": (
        _mapped("table", positive=["0", "1"]),
        "column 'Fraud' holds nothing but '0', '1' in 300 rows",
    ),
    "a time cannot be read": (
        _with("Date", 7, "soon"),
        "column 'Date' has 'soon' in row 7, which is no time",
    ),
    "a number cannot be read": (
        _with("Net Mass", 9, "heavy"),
        "column 'Net Mass' has 'heavy' in row 9, which is no number",
    ),
    "an id comes twice": (
        _with("Declaration ID", 5, "D00000001"),
        "column 'Declaration ID' has 'D00000001' in rows 2 and 5; an id names one row",
    ),
    "an id is empty": (
        _with("Declaration ID", 4, ""),
        "column 'Declaration ID' is empty in row 4",
    ),
    "there are no rows": (lambda frame, _: frame.head(0), "has no rows"),
    "the fit window is empty": (
        _mapped("split", fit_until="2019-01-01"),
        "the fit window has no rows; look at [split]: its times run from 2020-01-0",
    ),
    "the test window is empty": (
        _mapped("split", test_from="2031-01-01"),
        "the test window has no rows; look at [split]",
    ),
    "a kind is unknown": (_mapped("columns", Office="colour"), "columns.Office: Input should be"),
    "an entry is unknown": (_mapped("table", colour="Office"), "table.colour: Extra inputs"),
    "an entry is missing": (_mapped("table", id=None), "table.id: Field required"),
    "the test is told twice": (
        _mapped("split", test_table="x.csv"),
        "split: give either test_from or test_table",
    ),
    "the cuts are the wrong way round": (
        _mapped("split", fit_until="2021-05-01"),
        "split: fit_until must not be later than test_from",
    ),
    "a date in the mapping is none": (
        _mapped("split", test_from="spring"),
        "split.test_from: Invalid isoformat string: 'spring'",
    ),
    "the label is learned from": (
        _mapped("columns", Fraud="code"),
        "'Fraud' is the label; it cannot be learned from as well",
    ),
    "the value is no number": (
        _mapped("columns", **{"Item Price": "code"}),
        "table.value 'Item Price' must be a column of kind number",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_table_is_refused_in_words_and_nothing_is_written(fault: str, tmp_path: Path) -> None:
    change, message = FAULTS[fault]
    frame = small_customs(300)
    content = document(frame)
    change(frame, content).write_csv(tmp_path / "t.csv")
    mapping = write_toml(tmp_path / "m.toml", content)
    runner = CliRunner(env={"WEIR_STATE_DIR": str(tmp_path / "state")})
    words = ["fit", "--table", str(tmp_path / "t.csv"), "--mapping", str(mapping)]
    with pytest.raises(InvalidTable) as refused:
        runner.invoke(app, [*words, "--out", str(tmp_path / "b")], catch_exceptions=False)
    assert message in refused.value.detail
    assert "\n" not in refused.value.detail
    assert not (tmp_path / "b").exists()
    assert list((tmp_path / "state").iterdir()) == []


def test_a_mapping_that_is_not_there_or_no_toml_is_refused(tmp_path: Path) -> None:
    small_customs(300).write_csv(tmp_path / "t.csv")
    (tmp_path / "bad.toml").write_text("[table\n")
    for name, message in (("absent.toml", "drafts a mapping"), ("bad.toml", "is not TOML")):
        words = ["fit", "--table", str(tmp_path / "t.csv"), "--mapping", str(tmp_path / name)]
        with pytest.raises(InvalidTable, match=message):
            CliRunner(env={"WEIR_STATE_DIR": str(tmp_path / "state")}).invoke(
                app, [*words, "--out", str(tmp_path / "b")], catch_exceptions=False
            )
