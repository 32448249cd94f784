"""What a running server is made of, as its routes see it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from models.loaded import Loaded
from service.accepting import Answer, Desk
from service.accepting import Request as Posting
from service.acting import Acting
from service.audit.notary import Notary
from service.auth import KnownCallers
from service.batching import Batcher
from service.challenger import Challenger
from service.champion import Champion
from service.clock import Clock
from service.limits import Limits
from service.previewing import Previewer
from service.ruling import RuleKeeper
from service.settings import Settings
from service.store.engine import Store
from service.store.probe import Writes
from service.telemetry import Metrics


@dataclass(frozen=True)
class Runtime:
    """The parts of one server, put together by `service.app`.

    Parameters
    ----------
    settings : Settings
        What the operator set.
    clock : callable
        Tells the time.
    store : Store
        The open store.
    metrics : Metrics
        This server's counters.
    champion : Champion
        The model in use.
    rules : RuleKeeper
        The rulebook in force.
    previewer : Previewer
        Tries rules on stored history.
    challenger : Challenger
        The model in shadow.
    loaded : Loaded
        Bundles in memory.
    desk : Desk
        What taking items in depends on.
    batcher : Batcher
        Runs postings together.
    writes : Writes
        Whether the last items that came could be stored.
    recording : Acting
        Does what officers do with items: findings, claims, skips. Nothing else waits there.
    acting : Acting
        Does every other act: reads of details, evidence of agencies.
    limits : Limits
        How fast each key may call.
    notary : Notary
        Signs the audit.
    known_callers : KnownCallers
        Who called before.
    """

    settings: Settings
    clock: Clock
    store: Store
    metrics: Metrics
    champion: Champion
    rules: RuleKeeper
    previewer: Previewer
    challenger: Challenger
    loaded: Loaded
    desk: Desk
    batcher: Batcher[Posting, list[Answer]]
    writes: Writes
    recording: Acting
    acting: Acting
    limits: Limits
    notary: Notary
    known_callers: KnownCallers


async def runtime_of(request: Request) -> Runtime:  # async: FastAPI gives others a thread each
    """Give the parts of the server that answers a request.

    Parameters
    ----------
    request : fastapi.Request
        The request.

    Returns
    -------
    Runtime
        The server's parts.
    """
    runtime: Runtime = request.app.state.runtime
    return runtime


Parts = Annotated[Runtime, Depends(runtime_of)]
"""A route's way to the server's parts."""
