"""The audit, for those who check on everybody else."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from service.api.access import Caller
from service.api.acts import act_reply
from service.api.runtime import Parts
from service.api.schemas import AuditReply
from service.reading_audit import look_up
from service.store.chain import Wanted

MOST_ROWS = 1_000

router = APIRouter(prefix="/v1", tags=["audit"])

After = Annotated[int, Query(description="Position after which to begin."), Field(ge=0, le=2**53)]
Limit = Annotated[int, Query(), Field(ge=1, le=MOST_ROWS)]
Subject = Annotated[
    str | None, Query(pattern=r"^[\x21-\x7e]{1,80}$", description="Only acts on this id.")
]

Actor = Annotated[
    str | None,
    Query(
        pattern=r"^[\x21-\x7e]{1,80}$",
        description="Only acts by this key id, or by this system user at the command line.",
    ),
]


def rows_asked(
    after: After = 0, subject: Subject = None, actor: Actor = None, limit: Limit = 100
) -> Wanted:
    """Read from the query which rows are asked for.

    Parameters
    ----------
    after, subject, actor, limit
        As in `Wanted`.

    Returns
    -------
    Wanted
        The rows.
    """
    return Wanted(after, subject, actor, limit)


@router.get("/audit", response_model=AuditReply)
async def read_audit(
    principal: Caller, parts: Parts, wanted: Annotated[Wanted, Depends(rows_asked)]
) -> Response:
    """Read the audit in order. Only keys that reach every port may, and who looked is kept."""
    return await act_reply(parts.acting, look_up(principal, wanted))
