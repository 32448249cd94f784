import math

import polars as pl
import pytest

from features.errors import InvalidTable
from training.foreign.cells import as_numbers
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
