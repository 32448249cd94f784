import math

import polars as pl
import pytest

from features.errors import InvalidTable
from training.foreign.cells import as_moments, as_numbers
from training.foreign.mapping import Writing


@pytest.mark.parametrize(
    ("cells", "writing", "value"),
    [
        (["1234.5"], Writing(), 1234.5),
        (["1,234.5"], Writing(thousands=","), 1234.5),
        (["1.234,5"], Writing(decimal=",", thousands="."), 1234.5),
        (["1 234,5"], Writing(decimal=",", thousands=" "), 1234.5),
        (["-3e2"], Writing(), -300.0),
    ],
)
def test_numbers_are_read_as_they_are_written(
    cells: list[str], writing: Writing, value: float
) -> None:
    assert as_numbers(pl.Series("x", cells), writing, "t.csv").tolist() == [value]


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "null", "None", "-"])
def test_cells_that_say_that_there_is_nothing_are_missing(cell: str) -> None:
    assert math.isnan(as_numbers(pl.Series("x", [cell]), Writing(), "t.csv")[0])


@pytest.mark.parametrize("cell", ["12a", "1,5", "inf", "--"])
def test_a_cell_that_is_no_number_is_named_by_column_and_row(cell: str) -> None:
    with pytest.raises(InvalidTable, match=r"t\.csv: column 'kg' has .* in row 2, which is no num"):
        as_numbers(pl.Series("kg", ["1", cell]), Writing(), "t.csv")


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
    ],
)
def test_times_are_read_year_first(cells: list[str]) -> None:
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
