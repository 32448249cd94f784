"""Use case: keeping nothing longer than it may be kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from service.operating import operator_did
from service.settings import Settings
from service.store.chain import PURGED, append
from service.store.engine import Store
from service.store.purged import take_away


def kept_days(settings: Settings) -> Mapping[str, int]:
    """Tell how long each class is kept.

    Parameters
    ----------
    settings : Settings
        What the operator set.

    Returns
    -------
    mapping of str to int
        Class to days, in the order in which they are purged.
    """
    return {
        "identifiers": settings.identifier_days,
        "notes": settings.note_days,
        "replies": settings.reply_days,
        "signals": settings.signal_days,
        "audit": settings.audit_payload_days,
        "items": settings.retention_days,
    }


def purge(
    store: Store, settings: Settings, classes: Sequence[str], now: datetime
) -> dict[str, int]:
    """Delete what is older than it may be, each class in a transaction with its audit row.

    Parameters
    ----------
    store : Store
        The store.
    settings : Settings
        How long each class is kept.
    classes : sequence of str
        Which classes.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    dict of str to int
        Class to rows deleted.
    """
    gone: dict[str, int] = {}
    for name, days in kept_days(settings).items():
        if name not in classes:
            continue
        before = now - timedelta(days=days)
        with store.write() as connection:
            n_rows = take_away(connection, name, before)
            did = operator_did(PURGED, name, **{"class": name, "before": before, "n_rows": n_rows})
            append(connection, [did] if n_rows else [], now)
        gone[name] = n_rows
    return gone
