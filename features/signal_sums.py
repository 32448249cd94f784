"""How signals about an entity become numbers: one loop, whatever fetched them.

Of the latest `LATEST` signals that were known strictly before the moment, those that have not
expired are active. Several agencies that report one event are one event: a report of the same
kind and detail about the same entity within a day after an earlier active one adds none.
"""

import numpy as np

from features.compiled import compiled
from features.history import LATEST, SIGNAL_KINDS
from features.history_logs import Asked, Codes, SignalLog
from features.history_sums import DAY, Matrix, stop_before

STRENGTH_PARTS = 1_000_000.0
"""Strengths are kept in millionths."""

SIGNAL_SUMS = ("n_events", "age_days", "strength")
"""What is formed for each kind of signal, in this order; then the number of agencies."""

_N_KINDS = len(SIGNAL_KINDS)
_N_SUMS = len(SIGNAL_SUMS)


@compiled
def _is_told_again(log: SignalLog, at: int, first: int, as_of: int) -> bool:
    for earlier in range(at - 1, first - 1, -1):
        if log.known_at[at] - log.known_at[earlier] > DAY:
            return False
        same = log.kind[earlier] == log.kind[at] and log.detail[earlier] == log.detail[at]
        if same and log.expires_at[earlier] > as_of:
            return True
    return False


@compiled
def _sum_signals(X: Matrix, columns: Codes, asked: Asked, log: SignalLog) -> None:
    agencies = np.empty(LATEST, np.int64)
    events = np.empty(_N_KINDS, np.int64)
    for q in range(len(asked.row)):
        row, key, as_of = asked.row[q], asked.key[q], asked.as_of[q]
        if np.isnan(X[row, columns[-1]]):
            X[row, columns[-1]] = 0
            for kind in range(_N_KINDS):
                X[row, columns[kind * _N_SUMS]] = 0
                X[row, columns[kind * _N_SUMS + 2]] = 0
        stop = stop_before(log.known_at, log.bounds.first[key], log.bounds.end[key], as_of)
        first = max(log.bounds.first[key], stop - LATEST)
        events[:] = 0
        n_agencies = 0
        for at in range(first, stop):
            if log.expires_at[at] <= as_of:
                continue
            kind = log.kind[at]
            events[kind] += not _is_told_again(log, at, first, as_of)
            age, strength = columns[kind * _N_SUMS + 1], columns[kind * _N_SUMS + 2]
            X[row, age] = np.fmin(X[row, age], np.float32((as_of - log.known_at[at]) / DAY))
            X[row, strength] = max(X[row, strength], log.strength[at] / STRENGTH_PARTS)
            known = False
            for n in range(n_agencies):
                known = known or agencies[n] == log.agency[at]
            if not known:
                agencies[n_agencies] = log.agency[at]
                n_agencies += 1
        for kind in range(_N_KINDS):
            column = columns[kind * _N_SUMS]
            X[row, column] = max(X[row, column], events[kind])
        X[row, columns[-1]] = max(X[row, columns[-1]], n_agencies)


def signal_sums(X: Matrix, columns: Codes, asked: Asked, log: SignalLog) -> None:
    """Write what agencies say of the entities of items into the rows of X.

    Per kind of signal: active events, of the entity with the most; days since the latest
    active one; the greatest strength. Then the most agencies that speak of one entity.

    Parameters
    ----------
    X : array of float32, shape (rows, f)
        Written in place.
    columns : array of int, shape (kinds of signal * len(SIGNAL_SUMS) + 1,)
        Their columns.
    asked : Asked
        The questions, one per entity of an item.
    log : SignalLog
        Signals whose permitted use is targeting.
    """
    _sum_signals(X, columns, asked, log)
