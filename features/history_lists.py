"""History fetched entity by entity, as the service's store answers, laid out for the sums."""

from collections.abc import Sequence

import numpy as np

from features.encoding import PORTS, Integers
from features.history import EntityHistory, EntityQuery
from features.history_sums import ItemLog, ResultLog, Stretch


def _stretches(widths: Sequence[int], as_of: Integers) -> Stretch:
    stop = np.cumsum(np.array(widths, dtype=np.int64))
    return Stretch(stop - np.array(widths, dtype=np.int64), stop, as_of)


def _previous(values: Sequence[int], offset: int) -> list[int]:
    last: dict[int, int] = {}
    found = []
    for position, value in enumerate(values, start=offset):
        found.append(last.get(value, -1))
        last[value] = position
    return found


def lay_out_items(
    queries: Sequence[EntityQuery], histories: Sequence[EntityHistory]
) -> tuple[ItemLog, Stretch]:
    """Lay the past items of n answers out as one log.

    Parameters
    ----------
    queries : sequence of EntityQuery
        The n questions.
    histories : sequence of EntityHistory
        Their answers, newest first.

    Returns
    -------
    log : ItemLog
        All entries, oldest first within each answer.
    stretch : Stretch
        Where each answer lies.
    """
    columns: list[list[int]] = [[] for _ in range(6)]
    codes: dict[str, int] = {}
    for history in histories:
        offset = len(columns[0])
        oldest_first = history.items[::-1]
        partners = [
            -1 if entry.partner is None else codes.setdefault(entry.partner, len(codes))
            for entry in oldest_first
        ]
        entry_ports = [PORTS[entry.port] for entry in oldest_first]
        columns[0].extend(entry.known_at for entry in oldest_first)
        columns[1].extend(entry.value_cents for entry in oldest_first)
        columns[2].extend(entry.just_under for entry in oldest_first)
        columns[3].extend(partners)
        columns[4].extend(_previous(partners, offset))
        columns[5].extend(_previous(entry_ports, offset))
    arrays = [np.array(column, dtype=np.int64) for column in columns]
    moments = np.array([query.as_of for query in queries], dtype=np.int64)
    return ItemLog(*arrays), _stretches([len(history.items) for history in histories], moments)


def lay_out_results(
    queries: Sequence[EntityQuery], histories: Sequence[EntityHistory]
) -> tuple[ResultLog, Stretch]:
    """Lay the past results of n answers out as one log.

    Parameters
    ----------
    queries : sequence of EntityQuery
        The n questions.
    histories : sequence of EntityHistory
        Their answers, newest first.

    Returns
    -------
    log : ResultLog
        All entries, oldest first within each answer.
    stretch : Stretch
        Where each answer lies.
    """
    entries = [entry for history in histories for entry in history.results[::-1]]
    log = ResultLog(
        np.array([entry.recorded_at for entry in entries], dtype=np.int64),
        np.array([entry.find for entry in entries], dtype=np.int64),
        np.array([entry.clear for entry in entries], dtype=np.int64),
    )
    moments = np.array([query.as_of for query in queries], dtype=np.int64)
    return log, _stretches([len(history.results) for history in histories], moments)
