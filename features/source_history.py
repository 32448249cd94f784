"""X filled from a history source, for one item or a micro-batch: two fetches, whatever its size."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from features.declared_value import value_cents
from features.encoding import Integers
from features.entities import entity_keys
from features.filing_sums import filing_sums
from features.history import (
    FILING,
    HUBS,
    KINDS,
    PARTNERS,
    EntityQuery,
    KeyedItem,
    KeyedItems,
)
from features.history_columns import (
    FILING_COLUMNS,
    Clusters,
    cluster_names,
    fill_clusters,
    fill_keys,
    fill_links,
)
from features.history_fetched import HistoryLogs
from features.history_lists import questions, renumbered
from features.history_logs import Asked, KindLogs
from features.history_sums import Matrix
from features.items import Shipment, Vehicle
from features.link_features import CLUSTER_HUBS
from features.link_sums import find_linked, link_sums

_FILING_CODE = KINDS.index(FILING)
_HUB_CODES = np.array([KINDS.index(hub) for hub in HUBS])


def fill_from_source(
    X: Matrix,
    items: Sequence[Vehicle | Shipment],
    keyed: KeyedItems,
    source: HistoryLogs,
) -> list[str | None]:
    """Write history, links and signals of validated items into X.

    Parameters
    ----------
    X : array of float32, shape (n, f)
        Written in place; NaN before.
    items : sequence of Vehicle or Shipment
        The n items.
    keyed : KeyedItems
        What they add to history, each at the moment as of which it is judged.
    source : HistoryLogs
        Where history comes from.

    Returns
    -------
    list of str or None
        The cluster of each item.
    """
    asked = questions(keyed.keys)
    flat = [each for keys in keyed.keys for each in keys]
    logs = source.fetch(
        [EntityQuery(each.kind, each.key, each.entry.known_at, each.entry.item_id) for each in flat]
    )
    filed = asked.kind == _FILING_CODE
    fill_keys(X, asked.chosen(~filed), logs)
    declared = np.array([each.entry.value_cents for each in flat], dtype=np.int64)
    filing_sums(X, FILING_COLUMNS, asked.chosen(filed), declared[filed], logs.items)
    clusters = Clusters.none(len(items))
    _fill_links(X, _Found(flat, asked, logs), clusters, source)
    fill_clusters(X, clusters, keyed.encoded.shared(value_cents))
    keys = [entity_keys(item) for item in items]
    return cluster_names(clusters, [[key.get(hub) for key in keys] for hub in CLUSTER_HUBS])


class _Found:
    """What the first fetch brought, and which of its questions are about hubs."""

    def __init__(self, flat: Sequence[KeyedItem], asked: Asked, logs: KindLogs) -> None:
        self.flat, self.logs = flat, logs
        self.hubs = asked.chosen(np.isin(asked.kind, _HUB_CODES))
        self._position = {
            (int(row), each.kind): n
            for n, (row, each) in enumerate(zip(asked.row, flat, strict=True))
            if each.kind != FILING
        }

    def partner(self, question: int) -> int:
        """Find which question was about the item's own partner of a hub; -1 for none."""
        hub = self.flat[int(self.hubs.key[question])]
        row = int(self.hubs.row[question])
        for kind in PARTNERS[hub.kind]:
            position = self._position.get((row, kind))
            if position is not None:
                return position
        return -1


def _fill_links(X: Matrix, found: _Found, clusters: Clusters, source: HistoryLogs) -> None:
    hubs = found.hubs
    partners = np.array([found.partner(n) for n in range(len(hubs.row))], dtype=np.int64)
    owns = [found.flat[n] if n >= 0 else None for n in partners.tolist()]
    codes = [-1 if own is None else source.party(own.kind, own.key) for own in owns]
    linked = find_linked(hubs, np.array(codes, dtype=np.int64), found.logs.items)
    there, positions = renumbered(linked)
    queries = _linked_queries(found, linked, there, source)
    has_own = partners >= 0
    parties = source.fetch_parties(queries, partners[has_own])
    own_party = np.where(has_own, np.cumsum(has_own) - 1 + len(queries), -1)
    sums = link_sums(hubs, positions, own_party, parties.items, parties.results)
    for hub, code in zip(HUBS, _HUB_CODES.tolist(), strict=True):
        of_hub = hubs.kind == code
        if of_hub.any():
            fill_links(X, hub, hubs.row[of_hub], sums[of_hub], clusters)


def _linked_queries(
    found: _Found, linked: Integers, there: npt.NDArray[np.bool_], source: HistoryLogs
) -> list[EntityQuery]:
    queries = []
    for question, slot in np.argwhere(there).tolist():
        hub = found.flat[int(found.hubs.key[question])]
        kind = PARTNERS[hub.kind][0]
        name = source.named(int(linked[question, slot]))
        queries.append(EntityQuery(kind, name, hub.entry.known_at, hub.entry.item_id))
    return queries
