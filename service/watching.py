"""Use cases: looking out for an entity, and silencing rules about one, both for a time."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from features.errors import InvalidRecord, WeirError
from features.fields import Identifier, Text, Time
from features.items import Record
from features.records import EntityKind
from models.rulebook import LookoutAction
from service.acting import Deed, Done, Reply
from service.auth import Principal
from service.idempotency import Asked, once, plain_json
from service.store.tokens import Tokens
from service.store.watches import (
    LOOKOUT_TABLE,
    SUPPRESSION_TABLE,
    Watch,
    WatchTable,
    add_watch,
    end_watch,
    entity_of,
    find_watch,
    watches_in_force,
)

MOST_SHOWN = 1_000
"""Lookouts or suppressions in one reply; those that expire first come first."""

_ID_BYTES = 12
_Words = Annotated[Text, Field(min_length=1)]


class LookoutPosting(Record):
    """An entity to look out for; the agency is that of the key."""

    entity_kind: EntityKind
    entity: Identifier = Field(description="A plate may have its state before it: `TX:ABC 1234`.")
    text: _Words = Field(description="Why, in an inspector's words.")
    action: LookoutAction = "must_inspect"
    expires_at: Time


class SuppressionPosting(Record):
    """An entity for which rules that raise are silent for a time."""

    entity_kind: EntityKind
    entity: Identifier = Field(description="A plate may have its state before it: `TX:ABC 1234`.")
    reason: _Words
    expires_at: Time


LOOKOUT: TypeAdapter[LookoutPosting] = TypeAdapter(LookoutPosting)
SUPPRESSION: TypeAdapter[SuppressionPosting] = TypeAdapter(SuppressionPosting)
"""What bodies must be."""


class UnknownWatch(WeirError):  # noqa: N818 - what the caller sees
    """No such lookout or suppression of the caller's agency."""


class WatchKind(NamedTuple):
    """Lookouts, or suppressions.

    Parameters
    ----------
    name : str
        What acts on it are called after.
    table : WatchTable
        Where they are kept.
    longest : datetime.timedelta
        How long one may last.
    """

    name: str
    table: WatchTable
    longest: timedelta


LOOKOUTS = WatchKind("lookout", LOOKOUT_TABLE, timedelta(days=366))
SUPPRESSIONS = WatchKind("suppression", SUPPRESSION_TABLE, timedelta(days=90))


class Watcher(NamedTuple):
    """Who asks, and how entities are written.

    Parameters
    ----------
    principal : Principal
        The caller.
    asked : Asked
        The request, so that it is done once.
    tokens : Tokens
        Makes entity tokens.
    token_key : int
        Number of the key behind them.
    """

    principal: Principal
    asked: Asked
    tokens: Tokens
    token_key: int


def put(watcher: Watcher, kind: WatchKind, posted: LookoutPosting | SuppressionPosting) -> Deed:
    """Make the act of putting a lookout or a suppression in force.

    Parameters
    ----------
    watcher : Watcher
        Who asks.
    kind : WatchKind
        Which of the two.
    posted : LookoutPosting or SuppressionPosting
        What it says.

    Returns
    -------
    callable
        The act. It raises `InvalidRecord` if it lasts too long or is over already.
    """
    content = posted.model_dump()
    words = {name: str(content[name]) for name in kind.table.words}

    def do(connection: Connection, now: datetime) -> Done:
        _require_lasting(posted.expires_at, now, kind)
        principal = watcher.principal
        entity = entity_of(posted.entity_kind, posted.entity, watcher.tokens, watcher.token_key)
        watch = Watch(
            secrets.token_hex(_ID_BYTES),
            entity,
            principal.agency,
            words,
            now,
            posted.expires_at,
            principal.key_id,
        )
        add_watch(connection, kind.table, watch)
        told: Mapping[str, Any] = words | {
            "entity_kind": posted.entity_kind,
            "token": entity.token,
            "expires_at": posted.expires_at,
        }
        did = principal.did(f"{kind.name}.made", watch.watch_id, **told)
        return Done(_shown(watch, kind), [did])

    return lambda connection, now: once(connection, watcher.asked, now, lambda: do(connection, now))


def _require_lasting(expires_at: datetime, now: datetime, kind: WatchKind) -> None:
    if not now < expires_at <= now + kind.longest:
        raise InvalidRecord(
            f"a {kind.name} lasts at most {kind.longest.days} days; give a moment within them",
            field="expires_at",
        )


def end(principal: Principal, kind: WatchKind, watch_id: str) -> Deed:
    """Make the act of ending a lookout or a suppression before its time.

    Parameters
    ----------
    principal : Principal
        Who ends it; of the agency that made it.
    kind : WatchKind
        Which of the two.
    watch_id : str
        Its id.

    Returns
    -------
    callable
        The act; it does nothing where it is over already. It raises `UnknownWatch` if there is
        none of the caller's agency.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        watch = find_watch(connection, kind.table, watch_id)
        if watch is None or watch.agency != principal.agency:
            raise UnknownWatch(f"no {kind.name} {watch_id!r} of your agency", field=kind.table.key)
        if not watch.lasts(now):
            return Done(_shown(watch, kind))
        end_watch(connection, kind.table, watch_id, principal.key_id, now)
        ended = watch._replace(ended_at=now, ended_by=principal.key_id)
        return Done(_shown(ended, kind), [principal.did(f"{kind.name}.ended", watch_id)])

    return deed


def in_force(connection: Connection, principal: Principal, kind: WatchKind, now: datetime) -> Reply:
    """List what is in force of the caller's agency.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    principal : Principal
        The caller.
    kind : WatchKind
        Which of the two.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    dict
        `lookouts` or `suppressions`, those that expire first at the top, and `complete`, False
        if there are more of them.
    """
    found = watches_in_force(connection, kind.table, now, principal.agency, MOST_SHOWN + 1)
    return {
        f"{kind.name}s": [_shown(watch, kind) for watch in found[:MOST_SHOWN]],
        "complete": len(found) <= MOST_SHOWN,
    }


def _shown(watch: Watch, kind: WatchKind) -> Reply:
    columns = {
        kind.table.key: watch.watch_id,
        "entity_kind": watch.entity.entity_kind,
        "token": watch.entity.token,
        "agency": watch.agency,
        **watch.words,
        "created_at": watch.created_at,
        "created_by": watch.created_by,
        "expires_at": watch.expires_at,
        "ended_at": watch.ended_at,
        "ended_by": watch.ended_by,
    }
    return plain_json(columns)
