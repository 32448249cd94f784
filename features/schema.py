"""Table schemas read off record models, so that an item is defined once."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import polars as pl
from pydantic import BaseModel

TIME = pl.Datetime("us", "UTC")
MONEY = pl.Decimal(12, 2)

_SCALARS: Mapping[type, pl.DataType] = {
    bool: pl.Boolean(),
    int: pl.Int64(),
    float: pl.Float64(),
    str: pl.String(),
    datetime: TIME,
    Decimal: MONEY,
}


def table_type(annotation: Any) -> pl.DataType:  # noqa: ANN401 - any annotation of a field
    """Give the Polars type that stores a field of this annotation.

    Parameters
    ----------
    annotation : Any
        The annotation of a field: a scalar, `Literal`, `Optional`, list or model.

    Returns
    -------
    polars.DataType
        `Datetime(us, UTC)` for times, `Decimal(12, 2)` for US dollars, structs for models.

    Raises
    ------
    TypeError
        If no table type is agreed for the annotation.

    Examples
    --------
    >>> table_type(int | None)
    Int64
    >>> table_type(Literal["air", "ocean"])
    String
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return table_type(arguments[0])
    if origin is Literal:
        return table_type(type(arguments[0]))
    if origin in (Union, UnionType):
        inner = [argument for argument in arguments if argument is not NoneType]
        if len(inner) == 1:
            return table_type(inner[0])
    if origin in (list, tuple):
        return pl.List(table_type(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pl.Struct(model_columns(annotation))
    if isinstance(annotation, type) and annotation in _SCALARS:
        return _SCALARS[annotation]
    raise TypeError(f"no table type is agreed for {annotation!r}; add one to features/schema.py")


def model_columns(*models: type[BaseModel]) -> dict[str, pl.DataType]:
    """Give the columns that hold every field of the models, in order of first mention.

    Parameters
    ----------
    *models : type of pydantic.BaseModel
        Record models that share a table; a field of the same name must have the same type.

    Returns
    -------
    dict of str to polars.DataType
        Column name to table type.

    Raises
    ------
    TypeError
        If two models give one column different types.
    """
    columns: dict[str, pl.DataType] = {}
    for model in models:
        for name, field in model.model_fields.items():
            column = table_type(field.annotation)
            if columns.setdefault(name, column) != column:
                raise TypeError(f"column {name} is {columns[name]} and {column} in {models}")
    return columns
