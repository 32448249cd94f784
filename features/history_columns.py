"""Where in X the sums over history go, and the filling of X with them."""

from dataclasses import dataclass

import numpy as np

from features.catalogue import FEATURE_NAMES
from features.declared_value import THRESHOLD_CENTS
from features.encoding import Integers, Numbers
from features.filing_sums import FILING_SUMS
from features.history import ENTITIES, KINDS
from features.history_features import SUMS
from features.history_logs import Asked, Codes, KindLogs
from features.history_sums import ITEM_SUMS, RESULT_SUMS, Matrix, item_sums, result_sums
from features.link_features import (
    CLUSTER_HUBS,
    LEAST_LINKED,
    LINK_FEATURES,
    cluster_values,
    link_values,
)
from features.link_sums import LINK_SUMS, SMALL_SUMS
from features.records import EntityKind
from features.signal_features import SIGNAL_FEATURES
from features.signal_sums import signal_sums

_COLUMN = {name: column for column, name in enumerate(FEATURE_NAMES)}


def _per_kind(sums: tuple[str, ...]) -> Codes:
    return np.array(
        [
            [_COLUMN[f"{kind}_{name}"] if name in SUMS.get(kind, ()) else -1 for name in sums]
            for kind in KINDS
        ],
        dtype=np.int32,
    )


_ITEM_COLUMNS = _per_kind(ITEM_SUMS)
_RESULT_COLUMNS = _per_kind(RESULT_SUMS)
_SIGNAL_COLUMNS = np.array([_COLUMN[each.name] for each in SIGNAL_FEATURES], dtype=np.int32)
FILING_COLUMNS = np.array([_COLUMN[name] for name in FILING_SUMS], dtype=np.int32)
"""Columns of `features.filing_sums.FILING_SUMS`."""


def fill_keys(X: Matrix, asked: Asked, logs: KindLogs) -> None:
    """Write what is known of entities and pairs into X.

    Parameters
    ----------
    X : array of float32, shape (rows, f)
        Written in place; NaN before.
    asked : Asked
        Questions about entities and pairs; those about pairs find no results and signals.
    logs : KindLogs
        Their logs.
    """
    item_sums(X, _ITEM_COLUMNS, asked, logs.items)
    entities = asked
    if (asked.kind >= len(ENTITIES)).any():
        entities = asked.chosen(asked.kind < len(ENTITIES))
    result_sums(X, _RESULT_COLUMNS, entities, logs.results)
    signal_sums(X, _SIGNAL_COLUMNS, entities, logs.signals)


def _fill(X: Matrix, rows: Integers, values: dict[str, Numbers]) -> None:
    first = _COLUMN[LINK_FEATURES[0].name]
    names = [_COLUMN[name] - first for name in values]
    block = X[:, first + names[0] : first + names[-1] + 1]
    block[rows] = np.stack(list(values.values()), axis=1)


@dataclass(frozen=True)
class Clusters:
    """The cluster of each of n items: the hub of its that links the most parties.

    Parameters
    ----------
    hub : array of int, shape (n,)
        Position in `CLUSTER_HUBS`, -1 for no cluster.
    sums : array of int, shape (n, 9)
        From `features.link_sums.link_sums`, of that hub.
    """

    hub: Integers
    sums: Integers

    @classmethod
    def none(cls, n_items: int) -> "Clusters":
        """Start without any.

        Parameters
        ----------
        n_items : int
            Number of items.

        Returns
        -------
        Clusters
            To be filled hub by hub.
        """
        width = len(LINK_SUMS) + len(SMALL_SUMS)
        return cls(np.full(n_items, -1, np.int64), np.zeros((n_items, width), np.int64))

    def consider(self, hub: EntityKind, rows: Integers, sums: Integers) -> None:
        """Let a hub make the cluster of items of which it links more parties than any before.

        Parameters
        ----------
        hub : str
            The hub; those of `CLUSTER_HUBS` in their order.
        rows : array of int, shape (m,)
            The items that name it, each once.
        sums : array of int, shape (m, 9)
            From `features.link_sums.link_sums`.
        """
        if hub not in CLUSTER_HUBS:
            return
        more = (sums[:, 0] >= LEAST_LINKED) & (sums[:, 0] > self.sums[rows, 0])
        self.hub[rows[more]] = CLUSTER_HUBS.index(hub)
        self.sums[rows[more]] = sums[more]


def fill_links(
    X: Matrix, hub: EntityKind, rows: Integers, sums: Integers, clusters: Clusters
) -> None:
    """Write what linked parties come to into X.

    Parameters
    ----------
    X : array of float32, shape (n, f)
        Written in place.
    hub : str
        The shared entity, one of `HUBS`.
    rows : array of int, shape (m,)
        The items that name it, each once.
    sums : array of int, shape (m, 9)
        From `features.link_sums.link_sums`.
    clusters : Clusters
        Told of the hub.
    """
    _fill(X, rows, link_values(hub, sums))
    clusters.consider(hub, rows, sums)


def fill_clusters(X: Matrix, clusters: Clusters, value_cents: Integers) -> None:
    """Write what the clusters come to into X.

    Parameters
    ----------
    X : array of float32, shape (n, f)
        Written in place.
    clusters : Clusters
        After every hub.
    value_cents : array of int, shape (n,)
        Declared value of each item.
    """
    rows = np.flatnonzero(clusters.hub >= 0)
    cents = value_cents[rows]
    small = np.where(cents <= THRESHOLD_CENTS, cents, -1)
    if len(rows):
        _fill(X, rows, cluster_values(clusters.sums[rows], small))


def cluster_names(clusters: Clusters, keys: list[list[str | None]]) -> list[str | None]:
    """Name the cluster of each item after the hub that makes it.

    Parameters
    ----------
    clusters : Clusters
        Of n items.
    keys : list of list of str or None
        Per hub of `CLUSTER_HUBS`, its key in each item.

    Returns
    -------
    list of str or None
        `{kind}:{key}`, the same for all items that the hub clusters; None for no cluster.
    """
    return [
        None if hub < 0 else f"{CLUSTER_HUBS[hub]}:{keys[hub][row]}"
        for row, hub in enumerate(clusters.hub.tolist())
    ]
