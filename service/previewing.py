"""Use cases: what a rule would have hit, and what became of what it did hit."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Annotated, NamedTuple

import orjson
import polars as pl
from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from features.catalogue import FEATURE_NAMES, FEATURES
from features.encoding import microseconds
from features.history import as_of
from features.items import ITEM, Record, Shipment, Vehicle
from features.matrix import matrix_from_items
from features.records import ITEMS
from models.estimates.intervals import clopper_pearson
from models.predicates.parse import Predicate, parse
from models.predicates.tables import holds, needed_columns
from service.acting import Deed, Done, Reply
from service.auth import Principal
from service.batching import Overloaded
from service.rulemaking import Ports, WrittenPredicate, rule_in_reach
from service.store.engine import Store, StoreUnavailable
from service.store.history import HistoryUnavailable, StoreHistory
from service.store.items import identifiers_of
from service.store.rule_figures import Tally, bodies_of, recent_items, results_of, tallies
from service.store.tokens import Tokens

MOST_ITEMS = 20_000
"""Items that a preview looks at; the latest ones count."""

MOST_SECONDS = 10.0
"""How long a preview may take."""

MOST_SAMPLED = 20
"""Items that a preview names."""

_ITEMS_AT_ONCE = 500
_FROM_HISTORY = frozenset(
    feature.name for feature in FEATURES if feature.group in {"history", "link", "signal"}
)


class PreviewAsked(Record):
    """A predicate, and the history to try it on."""

    predicate: WrittenPredicate
    ports: Ports | None = Field(None, description="By default every port of the key.")
    days: Annotated[int, Field(ge=1, le=366)] = 28


PREVIEW: TypeAdapter[PreviewAsked] = TypeAdapter(PreviewAsked)
"""What a body must be."""


class _Seen(NamedTuple):
    """One item that a preview looked at."""

    item_id: str
    port: str
    mode: str
    week: str
    hit: bool


class Previewer:
    """Tries rules on stored history, one at a time, so that scoring is not starved.

    Parameters
    ----------
    store : Store
        The store.
    tokens : Tokens
        Makes entity tokens.
    """

    def __init__(self, store: Store, tokens: Tokens) -> None:
        self._store = store
        self._tokens = tokens
        self._lock = Lock()

    def preview(self, principal: Principal, asked: PreviewAsked, now: datetime) -> Reply:
        """Tell what a predicate would have hit.

        Each item is judged as of its own moment, with the history that was known then.

        Parameters
        ----------
        principal : Principal
            The caller.
        asked : PreviewAsked
            What to try, on what.
        now : datetime.datetime
            The present moment.

        Returns
        -------
        dict
            Hits by port, mode and week, what became of them, and some of them by id.

        Raises
        ------
        InvalidPredicate
            If the predicate is not allowed.
        PortForbidden
            If a port is out of reach.
        Overloaded
            If another preview runs.
        """
        predicate = parse(asked.predicate)
        for port in asked.ports or ():
            principal.require_port(port, "ports")
        ports = asked.ports if asked.ports is not None else principal.ports
        if not self._lock.acquire(blocking=False):
            raise Overloaded("another preview is running; send it again in a moment")
        try:
            with self._store.read() as connection:
                since = now - timedelta(days=asked.days)
                found = recent_items(
                    connection, since, None if ports is None else sorted(ports), MOST_ITEMS + 1
                )
                return self._try(connection, predicate, found)
        finally:
            self._lock.release()

    def _try(
        self, connection: Connection, predicate: Predicate, found: Sequence[tuple[str, int]]
    ) -> Reply:
        wanted, deadline = found[:MOST_ITEMS], monotonic() + MOST_SECONDS
        seen: list[_Seen] = []
        n_looked_at = 0
        for first in range(0, len(wanted), _ITEMS_AT_ONCE):
            if monotonic() > deadline:
                break
            part = wanted[first : first + _ITEMS_AT_ONCE]
            n_looked_at += len(part)
            seen += self._part(connection, predicate, part)
        complete = n_looked_at == len(found)
        return _told(connection, seen, n_looked_at) | {"complete": complete}

    def _part(
        self, connection: Connection, predicate: Predicate, part: Sequence[tuple[str, int]]
    ) -> list[_Seen]:
        clear = identifiers_of(connection, part)
        needs_history = bool(predicate.features & _FROM_HISTORY)
        items: list[Vehicle | Shipment] = []
        moments: list[int] = []
        for key, body, received_at in bodies_of(connection, part):
            # without its identifiers an item has no history, which is not to have none
            if clear[key] or not needs_history:
                item = ITEM.validate_json(orjson.dumps(body | clear[key]))
                items.append(item)
                moments.append(as_of(item, microseconds(received_at)))
        frame = _frame(items, predicate)
        if predicate.features:
            history = StoreHistory(connection, self._tokens) if needs_history else None
            frame = frame.hstack(_features(items, moments, history, predicate))
        hits = holds(predicate, frame).to_list()
        return [
            _Seen(item.item_id, item.port, item.mode, _week(item), hit)
            for item, hit in zip(items, hits, strict=True)
        ]


def _frame(items: Sequence[Vehicle | Shipment], predicate: Predicate) -> pl.DataFrame:
    names = (needed_columns(predicate) & ITEMS.columns.keys()) | {"item_id"}
    blank = dict.fromkeys(names)
    rows = [blank | item.model_dump(include=set(names)) for item in items]
    return pl.DataFrame(rows, schema={name: ITEMS.columns[name] for name in sorted(names)})


def _features(
    items: Sequence[Vehicle | Shipment],
    moments: Sequence[int],
    history: StoreHistory | None,
    predicate: Predicate,
) -> pl.DataFrame:
    try:
        X = matrix_from_items(items, moments, history).X
    except HistoryUnavailable as failed:
        raise StoreUnavailable(failed.detail, reason=failed.detail) from failed
    names = sorted(predicate.features)
    return pl.DataFrame({name: X[:, FEATURE_NAMES.index(name)] for name in names})


def _told(connection: Connection, seen: Sequence[_Seen], n_looked_at: int) -> Reply:
    hits = [each for each in seen if each.hit]
    results = results_of(connection, [each.item_id for each in seen])
    ids = [each.item_id for each in hits]
    return {
        "n_items": len(seen),
        "n_without_history": n_looked_at - len(seen),
        "n_hits": len(hits),
        "n_inspected": len(results.inspected.intersection(ids)),
        "n_finds": len(results.found.intersection(ids)),
        "n_late_events": len(results_of(connection, ids).events),
        "n_items_inspected": len(results.inspected),
        "n_items_found": len(results.found),
        "by_port": _shares("port", seen),
        "by_mode": _shares("mode", seen),
        "by_week": _shares("week", seen),
        "sample": ids[:MOST_SAMPLED],
    }


def _week(item: Vehicle | Shipment) -> str:
    day = item.presented_at.date()
    return (day - timedelta(days=day.weekday())).isoformat()


def _shares(name: str, seen: Sequence[_Seen]) -> list[Reply]:
    n_items = Counter(getattr(each, name) for each in seen)
    n_hits = Counter(getattr(each, name) for each in seen if each.hit)
    return [
        {name: each, "n_items": n_items[each], "n_hits": n_hits[each]} for each in sorted(n_items)
    ]


def kept(principal: Principal, asked: PreviewAsked, found: Reply) -> Deed:
    """Make the act of having looked back, so that who tried what is kept.

    Parameters
    ----------
    principal : Principal
        Who tried.
    asked : PreviewAsked
        What was tried.
    found : dict
        From `Previewer.preview`; it is the act's reply.

    Returns
    -------
    callable
        The act.
    """

    def deed(_connection: Connection, _now: datetime) -> Done:
        told = {"predicate": asked.predicate, "n_items": found["n_items"]}
        return Done(found, [principal.did("rule.previewed", None, **told)])

    return deed


def performance(
    connection: Connection, principal: Principal, rule_id: str, port: str | None
) -> Reply:
    """Tell what became of the items that a rule hit.

    The hit rate counts items examined to the end, whoever chose them: it is no estimate of what
    the other hits carry.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    principal : Principal
        The caller.
    rule_id : str
        The rule.
    port : str or None
        The port that counts; None counts every port of the key.

    Returns
    -------
    dict
        `rule_id`, and per version hits, inspections, finds and the hit rate with its exact
        95 % interval [1]_, None without an inspection.

    Raises
    ------
    UnknownRule
        If it is not within reach.
    PortForbidden
        If the port is out of reach.

    References
    ----------
    .. [1] Clopper, Pearson (1934), Biometrika 26(4), 404-413.
    """
    if port is not None:
        principal.require_port(port, "port")
    versions = rule_in_reach(connection, principal, rule_id)
    ports = [port] if port is not None else principal.ports
    counted = tallies(connection, rule_id, None if ports is None else sorted(ports))
    of = {tally.version: tally for tally in counted}
    return {
        "rule_id": rule_id,
        "versions": [
            _figures(of.get(rule.version, Tally(rule.version, 0, 0, 0, 0, 0))) for rule in versions
        ],
    }


def _figures(tally: Tally) -> Reply:
    n, n_finds = tally.n_inspected, tally.n_finds
    interval = clopper_pearson(n_finds, n) if n else None
    return tally._asdict() | {
        "hit_rate": n_finds / n if n else None,
        "hit_rate_low": interval.low if interval else None,
        "hit_rate_high": interval.high if interval else None,
    }
