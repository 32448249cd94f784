from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import polars as pl
import pytest
from pydantic import BaseModel, Field

from features.schema import MONEY, TIME, model_columns, table_type


class Inner(BaseModel):
    n: int
    at: datetime | None = None


class Outer(BaseModel):
    inner: Inner
    many: list[Inner]
    amount: Decimal


class Clash(BaseModel):
    amount: str


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (bool, pl.Boolean()),
        (int, pl.Int64()),
        (float, pl.Float64()),
        (str, pl.String()),
        (datetime, TIME),
        (Decimal, MONEY),
        (int | None, pl.Int64()),
        (Literal["a", "b"], pl.String()),
        (Literal[1, 2], pl.Int64()),
        (Annotated[str, Field(max_length=3)], pl.String()),
        (Annotated[str, Field(max_length=3)] | None, pl.String()),
        (list[str], pl.List(pl.String())),
        (tuple[int, ...], pl.List(pl.Int64())),
        (Inner, pl.Struct({"n": pl.Int64(), "at": TIME})),
        (list[Inner], pl.List(pl.Struct({"n": pl.Int64(), "at": TIME}))),
    ],
)
def test_an_annotation_has_one_table_type(annotation: object, expected: pl.DataType) -> None:
    assert table_type(annotation) == expected


@pytest.mark.parametrize("annotation", [bytes, dict[str, int], int | str, complex, Any])
def test_an_annotation_without_a_table_type_is_refused(annotation: object) -> None:
    with pytest.raises(TypeError, match="no table type is agreed"):
        table_type(annotation)


def test_columns_come_in_the_order_of_the_fields() -> None:
    assert list(model_columns(Outer)) == ["inner", "many", "amount"]


def test_models_share_a_column_of_the_same_type() -> None:
    assert model_columns(Outer, Inner) == model_columns(Outer) | model_columns(Inner)


def test_models_that_disagree_about_a_column_are_refused() -> None:
    with pytest.raises(TypeError, match="column amount"):
        model_columns(Outer, Clash)
