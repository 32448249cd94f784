"""What is declared so far for the same filing key, so that value split over items is seen."""

import numpy as np

from features.compiled import compiled
from features.declared_value import THRESHOLD_CENTS
from features.encoding import Integers
from features.history import LATEST
from features.history_logs import Asked, Codes, ItemLog
from features.history_sums import CENTS, Matrix, stop_before

FILING_SUMS = ("filing_key_n_items", "filing_key_before_usd", "filing_key_total_usd", "is_split")
"""What is formed, in the order in which `filing_sums` gives it."""


@compiled
def _sum_filings(
    X: Matrix, columns: Codes, asked: Asked, own_cents: Integers, log: ItemLog
) -> None:
    values = np.empty(len(FILING_SUMS), np.float64)
    for q in range(len(asked.row)):
        key, own = asked.key[q], asked.item[q]
        first = log.bounds.first[key]
        at = stop_before(log.known_at, first, log.bounds.end[key], asked.as_of[q]) - 1
        seen = before = 0
        while at >= first and seen < LATEST:
            if log.item[at] != own:
                seen += 1
                before += log.value_cents[at]
            at -= 1
        total = before + own_cents[q]
        values[0], values[1], values[2] = seen, before / CENTS, total / CENTS
        values[3] = own_cents[q] <= THRESHOLD_CENTS < total
        for n in range(len(values)):
            so_far = X[asked.row[q], columns[n]]
            if np.isnan(so_far) or so_far < values[n]:
                X[asked.row[q], columns[n]] = values[n]


def filing_sums(X: Matrix, columns: Codes, asked: Asked, own_cents: Integers, log: ItemLog) -> None:
    """Write what is declared so far for filing keys into the rows of X, the largest of each item.

    Parameters
    ----------
    X : array of float32, shape (rows, f)
        Written in place.
    columns : array of int, shape (len(FILING_SUMS),)
        Their columns.
    asked : Asked
        The questions, up to `features.history.MOST_FILING_KEYS` for an item.
    own_cents : array of int, shape (n,)
        What the item itself declares for the key.
    log : ItemLog
        The entries; `value_cents` is what each declared for the key.

    References
    ----------
    .. [1] 15 CFR 30.37(a).
    """
    _sum_filings(X, columns, asked, own_cents, log)
