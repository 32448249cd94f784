"""Who is reached through a shared entity, and what they send: bounded, one loop for all sources.

The parties linked to an item through a shared entity (its **hub**: address, phone, consignee or
plate) are the partners of the hub's latest `LATEST` items of 90 days, the item's own partner
apart, the latest `MOST_LINKED` of them. Of each party the latest `LATEST_OF_LINKED` items and
results count.
"""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from features.declared_value import THRESHOLD_CENTS
from features.encoding import Integers
from features.history import LATEST, LATEST_OF_LINKED, MOST_LINKED
from features.history_logs import Asked, ItemLog, ResultLog
from features.history_sums import DAY, add_if_new, stop_before

LINK_SUMS = ("n_parties", "n_items", "value_cents", "n_finds", "n_items_before")
"""Linked parties; their items and value of 30 days, finds, and items of the 30 days before."""
SMALL_SUMS = ("n_small_7d", "n_small_30d", "small_cents_7d", "small_cents_30d")
"""Items worth at most $2,500 of the linked parties and the item's own party."""

_N_LINKS = len(LINK_SUMS)
_N_ALL = _N_LINKS + len(SMALL_SUMS)


@compiled
def _find_linked(asked: Asked, own_party: Integers, log: ItemLog) -> Integers:
    linked = np.full((len(asked.row), MOST_LINKED), -1, np.int64)
    for q in range(len(asked.row)):
        as_of, key = asked.as_of[q], asked.key[q]
        first = log.bounds.first[key]
        at = stop_before(log.known_at, first, log.bounds.end[key], as_of) - 1
        seen = n_linked = 0
        while at >= first and seen < LATEST and n_linked < MOST_LINKED:
            if as_of - log.known_at[at] > 90 * DAY:
                break
            if log.item[at] != asked.item[q]:
                seen += 1
                party = log.partner[at]
                if party >= 0 and party != own_party[q]:
                    n_linked = add_if_new(linked[q], n_linked, party)
            at -= 1
    return linked


@compiled
def _add_items(  # noqa: PLR0913, PLR0917 - compiled code takes plain arguments
    sums: Integers,
    party: int,
    as_of: int,
    own: int,
    log: ItemLog,
    is_linked: bool,  # noqa: FBT001 - as above
) -> None:
    first = log.bounds.first[party]
    at = stop_before(log.known_at, first, log.bounds.end[party], as_of) - 1
    seen = 0
    while at >= first and seen < LATEST_OF_LINKED:
        age, cents = as_of - log.known_at[at], log.value_cents[at]
        if age > 60 * DAY:
            break
        if log.item[at] != own:
            seen += 1
            if is_linked and age <= 30 * DAY:
                sums[1] += 1
                sums[2] += cents
            elif is_linked:
                sums[4] += 1
            if age <= 30 * DAY and cents <= THRESHOLD_CENTS:
                sums[_N_LINKS + 1] += 1
                sums[_N_LINKS + 3] += cents
                if age <= 7 * DAY:
                    sums[_N_LINKS] += 1
                    sums[_N_LINKS + 2] += cents
        at -= 1


@compiled
def _count_finds(party: int, as_of: int, own: int, log: ResultLog) -> int:
    first = log.bounds.first[party]
    at = stop_before(log.recorded_at, first, log.bounds.end[party], as_of) - 1
    seen = finds = 0
    while at >= first and seen < LATEST_OF_LINKED:
        if log.item[at] != own:
            seen += 1
            finds += log.find[at]
        at -= 1
    return finds


@compiled
def _sum_linked(
    asked: Asked, linked: Integers, own_party: Integers, items: ItemLog, results: ResultLog
) -> Integers:
    sums = np.zeros((len(asked.row), _N_ALL), np.int64)
    for q in range(len(asked.row)):
        as_of, own = asked.as_of[q], asked.item[q]
        for n in range(MOST_LINKED):
            party = linked[q, n]
            if party < 0:
                break
            sums[q, 0] += 1
            _add_items(sums[q], party, as_of, own, items, True)  # noqa: FBT003 - as above
            sums[q, 3] += _count_finds(party, as_of, own, results)
        if own_party[q] >= 0:
            _add_items(sums[q], own_party[q], as_of, own, items, False)  # noqa: FBT003 - as above
    return sums


def find_linked(asked: Asked, own_party: Integers, log: ItemLog) -> npt.NDArray[np.int64]:
    """Find the parties that are linked to items through their hubs.

    Parameters
    ----------
    asked : Asked
        One question per hub of an item.
    own_party : array of int, shape (n,)
        Code of the item's own partner of that hub, -1 for none.
    log : ItemLog
        The hubs' entries.

    Returns
    -------
    array of int, shape (n, MOST_LINKED)
        Codes of partners, latest first, then -1.
    """
    return _find_linked(asked, own_party, log)


def link_sums(
    asked: Asked, linked: Integers, own_party: Integers, items: ItemLog, results: ResultLog
) -> Integers:
    """Add up what linked parties sent and were found with.

    Parameters
    ----------
    asked : Asked
        One question per hub of an item.
    linked : array of int, shape (n, MOST_LINKED)
        Positions of the parties in the bounds of the logs, then -1.
    own_party : array of int, shape (n,)
        Position of the item's own party, -1 for none.
    items, results : ItemLog, ResultLog
        The parties' entries.

    Returns
    -------
    array of int, shape (n, 9)
        `LINK_SUMS`, then `SMALL_SUMS`.
    """
    return _sum_linked(asked, linked, own_party, items, results)
