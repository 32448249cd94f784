"""Fields of addresses that forms fill in: an empty one is none."""

from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator

from features.days import Day
from features.fields import PortCode, RecordId


def _given(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


EMPTY = BeforeValidator(_given)
"""Takes an empty field of a form for one that was left out."""

Port = Annotated[PortCode | None, EMPTY, Query()]
LocalDay = Annotated[Day | None, EMPTY, Query()]
Cursor = Annotated[RecordId | None, EMPTY, Query()]
