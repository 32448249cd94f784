"""Column types that read the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from features.encoding import microseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_microseconds(count: int) -> datetime:
    """Give the moment that lies so many microseconds after 1970-01-01T00:00:00Z.

    Parameters
    ----------
    count : int
        Microseconds since the epoch.

    Returns
    -------
    datetime.datetime
        The moment in UTC, exact.

    Examples
    --------
    >>> from_microseconds(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return _EPOCH + timedelta(microseconds=count)


class Moment(TypeDecorator[datetime]):
    """A UTC time kept as whole microseconds, so that both engines compare it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002, D102 - SQLAlchemy's signature
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - SQLAlchemy's signature
        return None if value is None else from_microseconds(value)


class Json(TypeDecorator[Any]):
    """A JSON value kept as text, byte for byte what was written."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002, D102 - SQLAlchemy's signature
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002, D102 - SQLAlchemy's signature
        return None if value is None else orjson.loads(value)


def code(length: int) -> TypeEngine[str]:
    """Give a text column that compares byte by byte on both engines.

    PostgreSQL's default collation would order identifiers by language rules, so that the
    latest events of an entity could differ between the engines where times tie.

    Parameters
    ----------
    length : int
        Most characters that the column takes.

    Returns
    -------
    sqlalchemy.types.TypeEngine
        `VARCHAR` with the collation "C" on PostgreSQL.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")
