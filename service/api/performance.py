"""Figures of a period, and what another way would have found."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from features.days import Day
from features.fields import PortCode
from models.estimates.logged import Counting
from models.manifest import VERSION_PATTERN
from service.api.access import Caller
from service.api.performance_schemas import PerformanceReply, WhatIfReply
from service.api.runtime import Parts
from service.performance import Asked, Other, judge_other, performance
from service.store.exported import freeze

router = APIRouter(prefix="/v1", tags=["performance"])

Port = Annotated[PortCode | None, Query(description="By default every port of the key.")]
From = Annotated[Day, Query(alias="from", description="First local day of each port.")]
To = Annotated[Day, Query(alias="to", description="Local day that is not counted any more.")]
CountingHow = Annotated[
    Counting,
    Query(description="`found` counts what such exams find, `carried` what there was."),
]
CapacityShare = Annotated[
    float,
    Query(description="Minutes of each shift, over those that it had."),
    Field(ge=0, le=100, allow_inf_nan=False),
]
Bundle = Annotated[
    str | None,
    Query(pattern=VERSION_PATTERN, description="A bundle that was in shadow in the period."),
]


def period_asked(
    from_day: From, to_day: To, port: Port = None, counting: CountingHow = "found"
) -> Asked:
    """Read from the query which period is asked about.

    Parameters
    ----------
    from_day, to_day, port, counting
        As in `Asked`.

    Returns
    -------
    Asked
        The period.
    """
    return Asked(port, from_day, to_day, counting)


Period = Annotated[Asked, Depends(period_asked)]


@router.get("/performance", response_model=PerformanceReply)
def read_performance(principal: Caller, parts: Parts, asked: Period) -> Response:
    """State what each arm found in a period, what there was, and who bore the inspections."""
    if asked.port is not None:
        principal.require_port(asked.port, "port")
    with parts.store.read() as connection:
        freeze(connection)
        content = performance(connection, principal, asked, parts.clock())
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")


def other_asked(capacity_share: CapacityShare = 1.0, bundle: Bundle = None) -> Other:
    """Read from the query what is to be different.

    Parameters
    ----------
    capacity_share, bundle
        As in `Other`.

    Returns
    -------
    Other
        The other way of choosing.
    """
    return Other(capacity_share, bundle)


@router.get("/performance/what-if", response_model=WhatIfReply)
def read_what_if(
    principal: Caller,
    parts: Parts,
    asked: Period,
    other: Annotated[Other, Depends(other_asked)],
) -> Response:
    """Say what the choice by risk alone would have found with other minutes or another bundle."""
    if asked.port is not None:
        principal.require_port(asked.port, "port")
    with parts.store.read() as connection:
        freeze(connection)
        content = judge_other(connection, principal, asked, other, parts.clock())
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")
