"""What every value of a table must be: read off the record models, checked column by column.

Most values are waved through by one vectorised test per column. Only values that fail it are
shown to pydantic, one of each kind, so that a table and a request are judged alike.
"""

from collections.abc import Callable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import polars as pl
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo

from features.fields import (
    FIRST_YEAR,
    LAST_YEAR,
    MOST_DOLLARS,
    _dollars,
    _identifying,
    _known_country,
    _known_exemption,
    _known_port,
    _moment,
    _plain,
    _schedule_b,
    _visible,
)
from features.reference.tables import countries, exemptions, ports
from features.refusals import refusals

ROW, LINE = "#row", "#line"
_MISSING = "the value is missing; give one"
_NOT_BEFORE = {"departs_at": "presented_at"}

Test = Callable[[pl.Expr], pl.Expr]

_FINE: Mapping[object, Test] = {
    _dollars: lambda column: column.is_between(0, MOST_DOLLARS),
    _identifying: lambda column: column.str.contains("[A-Za-z0-9]"),
    _known_country: lambda column: column.is_in(list(countries())),
    _known_exemption: lambda column: column.is_in(list(exemptions())),
    _known_port: lambda column: column.is_in(list(ports())),
    _moment: lambda column: column.dt.year().is_between(FIRST_YEAR + 1, LAST_YEAR - 1),
    _plain: lambda column: column.str.contains(r"^[\x20-\x7e]*$"),
    _visible: lambda column: column.str.contains(r"[\x21-\x7e]"),
    _schedule_b: lambda column: (
        column.str.contains("^[0-9]{4}([0-9]{2}([0-9]{4})?)?$")
        & ~column.str.slice(0, 2).is_in(["00", "77", "99"])
    ),
}
"""For a validator of `features.fields`, a test that only values pass which it accepts."""


class Fault(NamedTuple):
    """The first value of a column that breaks its contract.

    Parameters
    ----------
    row : int
        Row of the table, from 1.
    column : str
        The column, with the way into it: `lines[0].value_usd`.
    problem : str
        What is wrong and what to do.
    """

    row: int
    column: str
    problem: str


class _Column(NamedTuple):
    """A field without its `Optional` and `Annotated`."""

    kind: Any
    rules: tuple[object, ...]
    optional: bool


def value_faults(frame: pl.DataFrame, models: Sequence[type[BaseModel]]) -> list[Fault]:
    """Find the first bad value of each column.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows with the columns and types of the models.
    models : sequence of type of pydantic.BaseModel
        The record that each row holds; of several, the column `kind` tells which.

    Returns
    -------
    list of Fault
        Empty if every row keeps the contract; whether rows contradict each other is not asked.
    """
    rows = frame.with_row_index(ROW, 1)
    if len(models) == 1:
        return _record(rows, models[0], "")
    kinds = Literal[_kinds(models)]  # type: ignore[valid-type]  # made of what the models say
    found = _column(rows, "kind", _Column(kinds, (), optional=False), "")
    for model, kind in zip(models, _kinds(models), strict=True):
        part = rows.filter(pl.col("kind") == kind)
        found += _record(part, model, "") + _strangers(part, models, model, kind)
    return found


def _kinds(models: Sequence[type[BaseModel]]) -> tuple[str, ...]:
    return tuple(get_args(model.model_fields["kind"].annotation)[0] for model in models)


def _strangers(
    rows: pl.DataFrame, models: Sequence[type[BaseModel]], model: type[BaseModel], kind: str
) -> list[Fault]:
    names = {name for each in models for name in each.model_fields} - model.model_fields.keys()
    found = []
    for name in sorted(names & set(rows.columns)):
        filled = rows.filter(pl.col(name).is_not_null())
        if filled.height:
            problem = f"a {kind} has no such field; leave it null"
            found.append(Fault(filled[ROW][0], name, problem))
    return found


def _record(rows: pl.DataFrame, model: type[BaseModel], prefix: str) -> list[Fault]:
    found: list[Fault] = []
    for name, field in model.model_fields.items():
        found += _column(rows, name, _unwrap(field.annotation, tuple(field.metadata)), prefix)
    for later, earlier in _NOT_BEFORE.items():
        if {later, earlier} <= model.model_fields.keys():
            wrong = rows.filter(pl.col(later) < pl.col(earlier))
            problem = f"{later} must not lie before {earlier}"
            found += [Fault(row, later, problem) for row in wrong[ROW][:1]]
    return found


def _unwrap(annotation: Any, rules: tuple[object, ...]) -> _Column:  # noqa: ANN401 - any annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _unwrap(arguments[0], (*arguments[1:], *rules))
    inner = [argument for argument in arguments if argument is not NoneType]
    if origin in (Union, UnionType) and len(inner) == 1:
        return _unwrap(inner[0], rules)._replace(optional=True)
    flat = [
        rule
        for each in rules
        for rule in (each.metadata if isinstance(each, FieldInfo) else [each])
    ]
    return _Column(annotation, tuple(flat), optional=False)


def _column(rows: pl.DataFrame, name: str, column: _Column, prefix: str) -> list[Fault]:
    found: list[Fault] = []
    if not column.optional:
        absent = rows.filter(pl.col(name).is_null()).head(1)
        found += [_fault(row, f"{prefix}{name}", _MISSING) for row in absent.to_dicts()]
    there = rows.filter(pl.col(name).is_not_null())
    if get_origin(column.kind) is list:
        return found + _list(there, name, column, prefix)
    if isinstance(column.kind, type) and issubclass(column.kind, BaseModel):
        places = [ROW, LINE] if LINE in there.columns else [ROW]
        inner = there.select(*places, name).unnest(name)
        return found + _record(inner, column.kind, f"{prefix}{name}.")
    return found + _leaf(there, name, column, prefix)


def _fault(row: Mapping[str, Any], path: str, problem: str) -> Fault:
    return Fault(row[ROW], path.format(row.get(LINE)), problem)


def _list(rows: pl.DataFrame, name: str, column: _Column, prefix: str) -> list[Fault]:
    found: list[Fault] = []
    lengths = rows.select(ROW, pl.col(name).list.len().cast(pl.Int64))
    for rule in column.rules:
        if isinstance(rule, MinLen | MaxLen):
            found += _length(lengths, name, rule, prefix)
    inside = _unwrap(get_args(column.kind)[0], ())
    entries = rows.select(ROW, pl.int_ranges(pl.col(name).list.len()).alias(LINE), name)
    entries = entries.filter(pl.col(name).list.len() > 0).explode(LINE, name)
    if isinstance(inside.kind, type) and issubclass(inside.kind, BaseModel):
        absent = entries.filter(pl.col(name).is_null()).head(1)
        path = f"{prefix}{name}[{{}}]"
        found += [_fault(row, path, _MISSING) for row in absent.to_dicts()]
        there = entries.filter(pl.col(name).is_not_null()).unnest(name)
        return found + _record(there, inside.kind, f"{prefix}{name}[{{}}].")
    return found + _column(entries, name, inside, prefix)


def _length(lengths: pl.DataFrame, name: str, rule: MinLen | MaxLen, prefix: str) -> list[Fault]:
    column = pl.col(name)
    if isinstance(rule, MinLen):
        wrong, words = column < rule.min_length, f"give at least {rule.min_length} entries"
    else:
        wrong, words = column > rule.max_length, f"give at most {rule.max_length} entries"
    return [Fault(row, f"{prefix}{name}", words) for row in lengths.filter(wrong)[ROW][:1]]


def _leaf(rows: pl.DataFrame, name: str, column: _Column, prefix: str) -> list[Fault]:
    doubtful = rows.filter(~_fine(pl.col(name), column))
    if not doubtful.height:
        return []
    adapter: TypeAdapter[Any] = TypeAdapter(
        Annotated[column.kind, *column.rules] if column.rules else column.kind,  # type: ignore[arg-type]  # read off a model
        config=ConfigDict(strict=True, allow_inf_nan=False),
    )
    accepted: set[object] = set()
    places = [place for place in (ROW, LINE, name) if place in doubtful.columns]
    for row in doubtful.select(places).iter_rows(named=True):
        value = row[name]
        if value in accepted:
            continue
        try:
            adapter.validate_python(value)
        except ValidationError as refused:
            return [_fault(row, f"{prefix}{name}", refusals(refused)[0].problem)]
        accepted.add(value)
    return []


def _fine(column: pl.Expr, field: _Column) -> pl.Expr:
    """Give a test that only acceptable values pass; values that fail it may be so as well."""
    tests = [_test(column, rule) for rule in field.rules]
    if get_origin(field.kind) is Literal:
        tests.append(column.is_in(list(get_args(field.kind))))
    if field.kind is float:
        tests.append(column.is_finite())
    return pl.all_horizontal(pl.lit(value=True), *tests)


def _test(column: pl.Expr, rule: object) -> pl.Expr:
    pattern = getattr(rule, "pattern", None)
    if isinstance(pattern, str):
        return column.str.contains(pattern)
    if isinstance(rule, AfterValidator | BeforeValidator) and rule.func in _FINE:
        return _FINE[rule.func](column)
    if isinstance(rule, WithJsonSchema | FailFast) or hasattr(rule, "allow_inf_nan"):
        return pl.lit(value=True)
    for kind, test in _BOUNDS.items():
        if isinstance(rule, kind):
            return test(column, rule)
    return pl.lit(value=False)


_BOUNDS: Mapping[type, Callable[[pl.Expr, Any], pl.Expr]] = {
    Ge: lambda column, rule: column >= rule.ge,
    Gt: lambda column, rule: column > rule.gt,
    Le: lambda column, rule: column <= rule.le,
    Lt: lambda column, rule: column < rule.lt,
    MinLen: lambda column, rule: column.str.len_chars() >= rule.min_length,
    MaxLen: lambda column, rule: column.str.len_chars() <= rule.max_length,
}
