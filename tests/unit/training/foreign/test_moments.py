import polars as pl
import pytest

from features.errors import InvalidTable
from training.foreign.moments import DOUBTFUL_FORMATS, TIME_FORMATS, as_moments, format_of


@pytest.mark.parametrize(
    "cells",
    [
        ["2021-01-02"],
        ["2021/01/02"],
        ["20210102"],
        ["2021.01.02"],
        ["2021-01-02 00:00:00"],
        ["2021-01-02T00:00:00Z"],
        ["2021-01-02 00:00"],
        ["2021-01-02 00:00:00.000"],
        ["2021-01-02T09:00:00+09:00"],
        ["2021/1/2"],
        ["2021. 1. 2."],
        ["2021년 01월 02일"],
        ["02-Jan-2021"],
        ["02-Jan-21"],
        ["Jan 2, 2021"],
    ],
)
def test_times_with_one_reading_need_no_format(cells: list[str]) -> None:
    assert as_moments(pl.Series("d", cells), None, "t").tolist() == [1_609_545_600]


def test_a_time_written_day_first_needs_its_format() -> None:
    column = pl.Series("d", ["02/01/2021"])
    with pytest.raises(InvalidTable, match=r"column 'd' has '02/01/2021' in row 1.*time_format"):
        as_moments(column, None, "t")
    assert as_moments(column, "%d/%m/%Y", "t").tolist() == [1_609_545_600]


def test_the_one_time_that_cannot_be_read_is_the_one_that_is_named() -> None:
    with pytest.raises(InvalidTable, match="'31st of May' in row 3"):
        as_moments(pl.Series("d", ["2021-01-02", "2021-01-03", "31st of May"]), None, "t")


def test_a_time_that_may_be_missing_is() -> None:
    assert as_moments(pl.Series("d", ["", "2021-01-02"]), None, "t", required=False)[0] < 0


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["04.03.2021", "25.03.2021"], "%d.%m.%Y"),
        (["4/3/2021 09:05", "25/3/2021 10:00"], "%d/%m/%Y %H:%M"),
        (["3/4/2021", "3/25/2021"], "%m/%d/%Y"),
        (["03/04/21", "", "03/25/21"], "%m/%d/%y"),
        (["3/25/2021 1:05:00 PM"], "%m/%d/%Y %I:%M:%S %p"),
    ],
)
def test_a_format_is_found_that_reads_every_cell(cells: list[str], form: str) -> None:
    column = pl.Series("d", cells)
    assert format_of(column, TIME_FORMATS) is None
    assert format_of(column, DOUBTFUL_FORMATS) == form


def test_no_format_is_found_where_nothing_is_written() -> None:
    assert format_of(pl.Series("d", ["", "-"]), TIME_FORMATS) is None


def test_days_of_a_spreadsheet_are_read_where_the_mapping_says_so() -> None:
    column = pl.Series("d", ["44198", "44198.5"])
    assert as_moments(column, "excel", "t").tolist() == [1_609_545_600, 1_609_588_800]
    with pytest.raises(InvalidTable, match="'soon' in row 2"):
        as_moments(pl.Series("d", ["44198", "soon"]), "excel", "t")
