"""Use cases: what agencies know about entities, and what they learn later about items."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from features.errors import InvalidRecord, WeirError
from features.fields import Identifier, RecordId, Share, Text, Time
from features.items import Record
from features.records import EntityKind, LateOutcome, PermittedUse, Signal, SignalKind
from service.acting import Deed, Done
from service.auth import Principal
from service.reach import item_in_reach
from service.store.imported import known_signals
from service.store.outcomes import (
    StoredOutcome,
    add_outcome,
    known_outcomes,
    outcome_row,
    settle,
)
from service.store.signals import add_signals, signal_row
from service.store.standing import standing
from service.store.tokens import Tokens

MOST_RECORDS = 500


class SignalPosting(Record):
    """What an agency knows about an entity; the agency is that of the key."""

    signal_id: RecordId
    kind: SignalKind
    entity_kind: EntityKind
    entity: Identifier = Field(description="A plate may have its state before it: `TX:ABC 1234`.")
    expires_at: Time | None = None
    strength: Share = Field(description="How much the agency itself trusts it, 0 to 1.")
    permitted_use: PermittedUse = "targeting"
    detail: Text | None = None


class SignalBatch(Record):
    """Signals posted together: all are kept, or none."""

    signals: Annotated[list[SignalPosting], Field(min_length=1, max_length=MOST_RECORDS)]


class OutcomePosting(Record):
    """Late evidence about an item, or about an entity; the agency is that of the key."""

    outcome_id: RecordId
    kind: Literal["trace", "seizure_abroad", "seizure_other_agency"]
    item_id: RecordId | None = Field(None, description="Give this, or entity_kind and entity.")
    entity_kind: EntityKind | None = None
    entity: Identifier | None = None
    happened_at: Time
    permitted_use: PermittedUse = "targeting"


class OutcomeBatch(Record):
    """Late evidence posted together: all of it is kept, or none."""

    outcomes: Annotated[list[OutcomePosting], Field(min_length=1, max_length=MOST_RECORDS)]


SIGNAL_BATCH: TypeAdapter[SignalBatch] = TypeAdapter(SignalBatch)
OUTCOME_BATCH: TypeAdapter[OutcomeBatch] = TypeAdapter(OutcomeBatch)
"""What bodies must be."""


class RecordTaken(WeirError):  # noqa: N818 - what the caller sees
    """An id that belongs to a record with other content."""


class Sender(NamedTuple):
    """Who brings evidence, and how its entities are written.

    Parameters
    ----------
    principal : Principal
        The caller.
    tokens : Tokens
        Makes entity tokens.
    token_key : int
        Number of the key behind them.
    """

    principal: Principal
    tokens: Tokens
    token_key: int


def add_signal_batch(sender: Sender, batch: SignalBatch) -> Deed:
    """Make the act of taking signals in; each counts from now on, whenever it was learned.

    Parameters
    ----------
    sender : Sender
        Who brings them.
    batch : SignalBatch
        The signals.

    Returns
    -------
    callable
        The act; a signal that is stored already stays as it is. It raises `RecordTaken` where
        an id has other content.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        fresh: list[Signal] = []
        moments: dict[str, datetime] = {}
        known = known_signals(connection, [each.signal_id for each in batch.signals])
        for position, posting in enumerate(batch.signals):
            signal = Signal(**posting.model_dump(), agency=sender.principal.agency, known_at=now)
            row = signal_row(signal, sender.tokens)
            before = known.setdefault(signal.signal_id, row)
            _require_same(row, before, f"signals[{position}].signal_id", "known_at")
            moments[signal.signal_id] = before["known_at"]
            if before is row:
                fresh.append(signal)
        add_signals(connection, fresh, sender.tokens, sender.token_key)
        reply = {"signals": [{"signal_id": i, "known_at": at} for i, at in moments.items()]}
        ids = [signal.signal_id for signal in fresh]
        did = sender.principal.did("signals.recorded", None, signal_ids=ids)
        return Done(reply, [did] if fresh else [])

    return deed


def _require_same(
    row: Mapping[str, Any], before: Mapping[str, Any], field: str, *moments: str
) -> None:
    ours = {name: value for name, value in row.items() if name not in moments}
    theirs = {name: value for name, value in before.items() if name not in moments}
    if ours != theirs:
        raise RecordTaken("this id has other content already; choose another one", field=field)


def add_outcome_batch(sender: Sender, batch: OutcomeBatch) -> Deed:
    """Make the act of taking late evidence in, matched to items and to earlier reports.

    Parameters
    ----------
    sender : Sender
        Who brings it.
    batch : OutcomeBatch
        The evidence.

    Returns
    -------
    callable
        The act; what is stored already stays as it is. It raises `UnknownItem` for an item out
        of reach, `InvalidRecord` where neither or both of item and entity are named, and
        `RecordTaken` where an id has other content.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        replies: list[dict[str, Any]] = []
        fresh: list[dict[str, Any]] = []
        known = known_outcomes(connection, [each.outcome_id for each in batch.outcomes])
        for position, posting in enumerate(batch.outcomes):
            at = f"outcomes[{position}]."
            outcome = _unsettled(connection, sender, posting, now, at)
            before = known.get(outcome.outcome_id)
            if before is None:
                outcome = settle(connection, outcome)
                add_outcome(connection, outcome)
                known[outcome.outcome_id] = outcome
                fresh.append({"outcome_id": outcome.outcome_id, "event_id": outcome.event_id})
            else:
                settled = ("recorded_at", "event_id", "matched_item")
                _require_same(outcome._asdict(), before._asdict(), f"{at}outcome_id", *settled)
                outcome = before
            replies.append(_reply(connection, sender.principal, outcome))
        did = sender.principal.did("outcomes.recorded", None, outcomes=fresh)
        return Done({"outcomes": replies}, [did] if fresh else [])

    return deed


def _unsettled(
    connection: Connection, sender: Sender, posting: OutcomePosting, now: datetime, at: str
) -> StoredOutcome:
    by_entity = posting.entity is not None and posting.entity_kind is not None
    half_named = (posting.entity is None) != (posting.entity_kind is None)
    if half_named or by_entity == (posting.item_id is not None):
        raise InvalidRecord(
            "give either item_id, or entity_kind and entity together", field=f"{at}item_id"
        )
    if posting.happened_at > now:
        raise InvalidRecord("lies in the future; check the clock", field=f"{at}happened_at")
    if posting.item_id is not None:
        item_in_reach(connection, sender.principal, posting.item_id, f"{at}item_id")
    late = LateOutcome(**posting.model_dump(), agency=sender.principal.agency, recorded_at=now)
    return outcome_row(late, sender.tokens, sender.token_key)


def _reply(connection: Connection, principal: Principal, outcome: StoredOutcome) -> dict[str, Any]:
    item = standing(connection, outcome.matched_item) if outcome.matched_item else None
    shown = item.item_id if item is not None and principal.reaches(item.port) else None
    return {
        "outcome_id": outcome.outcome_id,
        "recorded_at": outcome.recorded_at,
        "event_id": outcome.event_id,
        "first_report": outcome.event_id == outcome.outcome_id,
        "matched_item": shown,
    }
