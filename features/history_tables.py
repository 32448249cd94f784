"""X filled from whole tables, block by block: logs are laid out once, then only read."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.encoding import Integers
from features.filing_sums import filing_sums
from features.history import ENTITIES, FILING, HUBS, KINDS, PAIRS, PARTNERS, KeyKind
from features.history_columns import (
    FILING_COLUMNS,
    Clusters,
    cluster_names,
    fill_clusters,
    fill_keys,
    fill_links,
)
from features.history_logs import Asked, KindLogs
from features.history_sums import Matrix
from features.link_features import CLUSTER_HUBS
from features.link_sums import find_linked, link_sums
from features.records import EntityKind
from features.table_keys import Versions, entity_key, read_versions
from features.table_logs import changes, kind_logs


@dataclass(frozen=True)
class TableHistory:
    """The history of every key of a table.

    Parameters
    ----------
    versions : Versions
        Every version of every item.
    logs : dict of str to KindLogs
        Per kind of key, all that is known.
    """

    versions: Versions
    logs: dict[KeyKind, KindLogs]

    @classmethod
    def read(
        cls, items: pl.DataFrame, inspections: pl.DataFrame, signals: pl.DataFrame
    ) -> "TableHistory":
        """Lay out the history that tables hold.

        Parameters
        ----------
        items, inspections, signals : polars.DataFrame
            The tables of those names, every version.

        Returns
        -------
        TableHistory
            Ready to be asked; only signals whose permitted use is targeting are in it.
        """
        usable = signals.filter(pl.col("permitted_use") == "targeting")
        versions = read_versions(items, usable)
        codes = items.select("item_id").with_columns(pl.Series("item", versions.item)).unique()
        results = changes(inspections).join(codes, on="item_id")
        return cls(versions, {kind: kind_logs(versions, results, usable, kind) for kind in KINDS})

    def fill(self, X: Matrix, rows: Integers) -> Clusters:
        """Write history, links and signals of some items into X.

        Parameters
        ----------
        X : array of float32, shape (n, f)
            Written in place; NaN before.
        rows : array of int, shape (n,)
            Row of each item's latest version in the table, ascending.

        Returns
        -------
        Clusters
            The cluster of each item.
        """
        for kind in (*ENTITIES, *PAIRS):
            fill_keys(X, self._asked(kind, rows), self.logs[kind])
        self._fill_filings(X, rows)
        clusters = Clusters.none(len(rows))
        for hub in HUBS:
            self._fill_links(X, hub, rows, clusters)
        fill_clusters(X, clusters, self.versions.value_cents[rows])
        return clusters

    def _asked(self, kind: KeyKind, rows: Integers) -> Asked:
        keys = self.versions.keys[kind][rows]
        named = np.flatnonzero(keys >= 0)
        return self._about(kind, named, rows[named], keys[named].astype(np.int64))

    def _about(self, kind: KeyKind, row: Integers, version: Integers, keys: Integers) -> Asked:
        return Asked(
            row,
            np.full(len(row), KINDS.index(kind), dtype=np.int32),
            keys,
            self.versions.known_at[version],
            self.versions.item[version],
            self.versions.port[version],
        )

    def _fill_filings(self, X: Matrix, rows: Integers) -> None:
        filings = self.versions.filings
        first = np.searchsorted(filings.version, rows, side="left")
        width = np.searchsorted(filings.version, rows, side="right") - first
        row = np.repeat(np.arange(len(rows)), width)
        entry = np.arange(len(row)) - np.repeat(np.cumsum(width) - width, width) + first[row]
        asked = self._about(FILING, row, rows[row], filings.key[entry].astype(np.int64))
        filing_sums(X, FILING_COLUMNS, asked, filings.value_cents[entry], self.logs[FILING].items)

    def _fill_links(self, X: Matrix, hub: EntityKind, rows: Integers, clusters: Clusters) -> None:
        asked = self._asked(hub, rows)
        party = PARTNERS[hub][0]
        own = self.versions.keys[party][rows][asked.row].astype(np.int64)
        linked = find_linked(asked, own, self.logs[hub].items)
        logs = self.logs[party]
        sums = link_sums(asked, linked, own, logs.items, logs.results)
        fill_links(X, hub, asked.row, sums, clusters)


def name_clusters(items: pl.DataFrame, clusters: Clusters) -> list[str | None]:
    """Name the cluster of each item after the hub that makes it.

    Parameters
    ----------
    items : polars.DataFrame
        The latest versions that `clusters` speaks of, in order.
    clusters : Clusters
        From `TableHistory.fill`.

    Returns
    -------
    list of str or None
        As `features.history_columns.cluster_names`.
    """
    rows = np.flatnonzero(clusters.hub >= 0)
    names: list[str | None] = [None] * items.height
    some = items[rows]
    keys = [entity_key(some, hub).to_list() for hub in CLUSTER_HUBS]
    found = cluster_names(Clusters(clusters.hub[rows], clusters.sums[rows]), keys)
    for row, name in zip(rows.tolist(), found, strict=True):
        names[row] = name
    return names
