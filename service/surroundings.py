"""Use case: looking at what surrounds an item: law, history, links and cluster as of now."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from features.encoding import microseconds
from features.filing import filing_key, filing_required
from features.history import (
    PARTNERS,
    EntityHistory,
    EntityQuery,
    PastSignal,
)
from features.items import ITEM, Shipment
from service.acting import Deed, Done
from service.auth import Principal
from service.reach import item_in_reach
from service.store.filing_values import filing_totals
from service.store.history import StoreHistory
from service.store.items import identifiers_of, versions_of
from service.store.surroundings import Named, cluster_of, entities_of
from service.store.tokens import Tokens
from service.store.types import from_microseconds

STRIP = timedelta(days=90)
"""How far back crossings are shown one by one."""

MOST_PARTNERS = 4
MOST_OF_CLUSTER = 20


def look_around(principal: Principal, item_id: str, tokens: Tokens) -> Deed:
    """Make the act of looking at what surrounds an item.

    Parameters
    ----------
    principal : Principal
        Who looks.
    item_id : str
        The item.
    tokens : Tokens
        Makes the tokens that stand for filing keys.

    Returns
    -------
    callable
        The act. It replies with `as_of`, `since`, `duties` per line, `entities` with their past
        and partners, and `cluster`, the other items of the cluster within reach. It raises
        `UnknownItem` out of reach.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        port = item_in_reach(connection, principal, item_id).port
        named = entities_of(connection, item_id)
        moment = microseconds(now)
        queries = [EntityQuery(kind, token, moment, item_id) for kind, token in named]
        pasts = StoreHistory(connection, tokens).fetch_known(queries)
        ports = None if principal.ports is None else sorted(principal.ports)
        others = cluster_of(connection, item_id, ports=ports, now=now, limit=MOST_OF_CLUSTER)
        reply = {
            "as_of": now,
            "since": now - STRIP,
            "duties": _duties(connection, item_id, tokens),
            "entities": [
                _entity(each, past, port, now) for each, past in zip(named, pasts, strict=True)
            ],
            "cluster": [dict(row._mapping) for row in others],  # noqa: SLF001 - SQLAlchemy's way
        }
        did = principal.did("surroundings.read", item_id, n=len(named), cluster=len(others))
        return Done(reply, [did])

    return deed


def _duties(connection: Connection, item_id: str, tokens: Tokens) -> list[dict[str, Any]]:
    """Judge each line by the law, with what is declared elsewhere on its conveyance."""
    latest = versions_of(connection, item_id)[0]
    key = (item_id, latest.version)
    item = ITEM.validate_python(latest.body | identifiers_of(connection, [key])[key])
    if not isinstance(item, Shipment):
        return []
    declared = filing_totals(connection, [item], tokens)
    return [
        filing_required(
            line,
            total_cents=declared.get(filing_key(item, line), int(line.value_usd * 100)),
            mode=item.mode,
            content=item.content,
            destination=item.destination,
        )._asdict()
        for line in item.lines
    ]


def _entity(named: Named, past: EntityHistory, port: str, now: datetime) -> dict[str, Any]:
    since = microseconds(now - STRIP)
    recent = [each for each in past.items if each.known_at >= since]
    return {
        "kind": named.kind,
        "token": named.token,
        "n_items": len(past.items),
        "n_elsewhere": sum(each.port != port for each in recent),
        "n_finds": sum(each.find for each in past.results),
        "n_clears": sum(each.clear for each in past.results),
        "last_at": from_microseconds(past.items[0].known_at) if past.items else None,
        "crossings": [from_microseconds(each.known_at) for each in recent if each.port == port],
        "finds": [
            from_microseconds(each.recorded_at)
            for each in past.results
            if each.recorded_at >= since and each.find > 0
        ],
        "signals": [_signal(each) for each in past.signals if _is_live(each, now)],
        "partners": _partners(named, past),
    }


def _is_live(signal: PastSignal, now: datetime) -> bool:
    return signal.expires_at is None or signal.expires_at > microseconds(now)


def _signal(signal: PastSignal) -> dict[str, Any]:
    known_at = from_microseconds(signal.known_at)
    return {"kind": signal.kind, "agency": signal.agency, "known_at": known_at}


def _partners(named: Named, past: EntityHistory) -> list[dict[str, Any]]:
    met = Counter(each.partner for each in past.items if each.partner is not None)
    kinds = PARTNERS[named.kind]
    return [
        {"kinds": kinds, "token": token, "n_items": n}
        for token, n in met.most_common(MOST_PARTNERS)
    ]
