"""Use case: taking items in, each with its answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from features.encoding import microseconds
from features.errors import InvalidRecord, WeirError
from features.history import KeyedItems, as_of, key_items
from features.items import Shipment, Vehicle
from models.reasons import Reason
from models.risk import RiskModel
from models.rulebook import Rulebook
from service.auth import Principal, not_valid
from service.scoring import OpenBook, Scored, score
from service.store.bodies import Body, cluster_token, entities_of, split
from service.store.filing_values import filing_totals
from service.store.history import StoreHistory
from service.store.items import (
    Head,
    NewVersion,
    add_versions,
    heads,
    make_version,
)
from service.store.keys import valid_keys
from service.store.recent import Recent
from service.store.recent_logs import RecentLogs
from service.store.scores import add_scores, forget_degraded, scores_of
from service.store.tokens import Tokens
from service.store.types import from_microseconds

Item = Vehicle | Shipment
Answer = dict[str, Any]
"""A reply as JSON values, word for word what was stored."""


class ItemTaken(WeirError):  # noqa: N818 - what the caller sees
    """The item_id belongs to an item at a port that the caller does not reach."""


class Request(NamedTuple):
    """Items that one caller posted together."""

    items: Sequence[Item]
    principal: Principal
    batch: bool = False
    """Whether they came as a list, which names of fields begin with."""
    decides: bool = False
    """Whether they stand in the lane and are to be decided at once."""

    @property
    def keys(self) -> frozenset[str]:
        """The items that it touches."""
        return frozenset(item.item_id for item in self.items)


class Desk(NamedTuple):
    """What taking items in depends on.

    Parameters
    ----------
    tokens : Tokens
        Makes entity tokens.
    token_key : int
        Number of the key behind them.
    lane_window : datetime.timedelta
        How long a vehicle without a departure stays in the queue.
    retention : datetime.timedelta
        Items presented longer ago are refused.
    model : callable
        Gives the model in use now, or None.
    book : callable
        Gives the rulebook in force now; by default an empty one.
    shadow : callable
        Gives the model in shadow, or None: it judges as well, and nobody sees what it says.
    recent : Recent, optional
        What is kept in mind of history; without it the store is always asked.
    """

    tokens: Tokens
    token_key: int
    lane_window: timedelta
    retention: timedelta
    model: Callable[[], RiskModel | None]
    book: Callable[[], Rulebook] = Rulebook
    shadow: Callable[[], RiskModel | None] = lambda: None
    recent: Recent | None = None


class _Taken(NamedTuple):
    """What is answered, and what the new versions among it add to history, if they are all."""

    pending: "Sequence[_Pending]"
    keyed: KeyedItems | None

    @property
    def fresh(self) -> frozenset[str]:
        """The items that nobody knew before."""
        return frozenset(
            each.item.item_id for each in self.pending if each.is_new and each.version == 1
        )


class _Pending(NamedTuple):
    """One item that is answered: a new version, or the stored one that was posted again."""

    item: Item
    body: Body
    version: int
    as_of: int
    is_new: bool


def check(request: Request, now: datetime, retention: timedelta, *, batch: bool) -> None:
    """Refuse what can be refused without the store.

    Parameters
    ----------
    request : Request
        What was posted.
    now : datetime.datetime
        The present moment.
    retention : datetime.timedelta
        Age beyond which an item is refused.
    batch : bool
        Whether fields are named from the list of items or from the item.

    Raises
    ------
    PortForbidden
        If an item is for a port that the key does not reach; names it.
    InvalidRecord
        If an item was presented longer ago than records are kept.
    """
    for position, item in enumerate(request.items):
        at = f"items[{position}]." if batch else ""
        request.principal.require_port(item.port, f"{at}port")
        if item.presented_at < now - retention:
            raise InvalidRecord(
                f"presented more than {retention.days} days ago, longer than records are kept",
                field=f"{at}presented_at",
            )


def accept(
    connection: Connection, requests: Sequence[Request], now: datetime, desk: Desk
) -> list[list[Answer] | WeirError]:
    """Store what was posted, score it and store the answers, all in the caller's transaction.

    Items enter the history before any of them is scored, so that items of one run see each
    other exactly as they would in a table: strictly by the moment each became known.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write; the caller commits it.
    requests : sequence of Request
        Requests that share no item.
    now : datetime.datetime
        When they came.
    desk : Desk
        What taking items in depends on.

    Returns
    -------
    list of (list of Answer, or WeirError)
        Per request, its answers in order, or the error that refuses it as a whole: its key was
        revoked, or an item is out of its reach.
    """
    valid = valid_keys(connection, {request.principal.key_id for request in requests})
    ids = [item.item_id for request in requests for item in request.items]
    known = heads(connection, ids)
    refusals = [_refusal(request, known, valid) for request in requests]
    kept = [request for request, refusal in zip(requests, refusals, strict=True) if not refusal]
    taken = _take_in(connection, kept, known, now, desk)
    answers = _answers(connection, taken, now, desk)
    return [
        refusal or [answers[item.item_id] for item in request.items]
        for request, refusal in zip(requests, refusals, strict=True)
    ]


def _refusal(
    request: Request, known: Mapping[str, Head], valid: frozenset[str]
) -> WeirError | None:
    if request.principal.key_id not in valid:
        return not_valid()
    for position, item in enumerate(request.items):
        head = known.get(item.item_id)
        if head is not None and not request.principal.reaches(head.port):
            at = f"items[{position}]." if request.batch else ""
            return ItemTaken(
                f"item_id {item.item_id!r} is taken; choose another one", field=f"{at}item_id"
            )
    return None


def _take_in(
    connection: Connection,
    requests: Sequence[Request],
    known: Mapping[str, Head],
    now: datetime,
    desk: Desk,
) -> _Taken:
    """Store new versions; a repeat of the latest version is not a new one."""
    pending: list[_Pending] = []
    fresh: list[NewVersion] = []
    for request in requests:
        for item in request.items:
            body, head = split(item, desk.tokens), known.get(item.item_id)
            if head is not None and head.digest == body.digest:
                moment = as_of(item, microseconds(head.received_at))
                pending.append(_Pending(item, body, head.version, moment, is_new=False))
                continue
            source = request.principal.key_id
            new = make_version(item, body, head, source=source, received_at=now)
            fresh.append(new)
            pending.append(_Pending(item, body, new.version, new.as_of, is_new=True))
    keyed = key_items([new.item for new in fresh], [new.as_of for new in fresh])
    if desk.recent is not None and fresh:
        desk.recent.open(connection)
    add_versions(
        connection, fresh, desk.tokens, desk.token_key, desk.lane_window,
        keyed=keyed, recent=desk.recent,
    )  # fmt: skip
    return _Taken(pending, keyed)


def _answers(connection: Connection, taken: _Taken, now: datetime, desk: Desk) -> dict[str, Answer]:
    """Repeat what was answered; what the rules alone answered is scored once there is a model."""
    pending = taken.pending
    repeated = [(each.item.item_id, each.version) for each in pending if not each.is_new]
    stored = scores_of(connection, repeated)
    model = desk.model()
    stale = [key for key, row in stored.items() if row.degraded and model is not None]
    answers = {key[0]: answer_from(row) for key, row in stored.items() if key not in stale}
    unscored = [each for each in pending if each.item.item_id not in answers]
    if unscored:
        forget_degraded(connection, stale)
        book = desk.book()
        named = [entities_of(each.body) if book.names_entities else [] for each in unscored]
        rules = OpenBook(book, named, microseconds(now))
        # new versions are all unanswered: with no repeat among them they are what was keyed
        keyed = taken.keyed if all(each.is_new for each in unscored) else None
        rows = _score(connection, _Taken(unscored, keyed), model, rules, desk)
        add_scores(connection, rows)
        answers |= {row["item_id"]: _answer(row) for row in rows}
    return answers


def _score(
    connection: Connection,
    taken: _Taken,
    model: RiskModel | None,
    rules: OpenBook,
    desk: Desk,
) -> list[dict[str, Any]]:
    pending = taken.pending
    items = [each.item for each in pending]
    source = StoreHistory(connection, desk.tokens)
    in_mind = desk.recent if taken.fresh else None
    history = RecentLogs(source, desk.tokens, in_mind, taken.fresh) if in_mind else source
    scored = score(
        items,
        [each.as_of for each in pending],
        history,
        filing_totals(connection, items, desk.tokens),
        model,
        rules=rules,
        challenger=desk.shadow(),
        keyed=taken.keyed,
    )
    return [_row(each, answer, desk.tokens) for each, answer in zip(pending, scored, strict=True)]


def _row(pending: _Pending, scored: Scored, tokens: Tokens) -> dict[str, Any]:
    return scored._asdict() | {
        "item_id": pending.item.item_id,
        "version": pending.version,
        "as_of": from_microseconds(pending.as_of),
        "reasons": [_told(reason) for reason in scored.reasons],
        "rule_hits": [hit._asdict() for hit in scored.rule_hits],
        "cluster": cluster_token(scored.cluster, tokens),
    }


def _told(reason: Reason) -> dict[str, str]:
    return {
        "code": reason.code,
        "text": reason.text,
        "direction": reason.direction,
        "strength": reason.strength,
    }


def _answer(row: Mapping[str, Any]) -> Answer:
    answer = {
        name: row[name] for name in ("item_id", "risk", "band", "priority", "reasons", "rule_hits")
    }
    return answer | {
        "model_version": row["bundle"],
        "degraded": row["degraded"],
        "missing": row["missing"],
    }


def answer_from(row: Row[Any]) -> Answer:
    """Give the answer that was stored, as it was given.

    Parameters
    ----------
    row : sqlalchemy.Row
        A row of `scores`.

    Returns
    -------
    Answer
        The reply's fields.
    """
    return _answer(row._asdict())
