"""What a server keeps in mind of the history of entities, so that busy ones are not read anew.

Everything here follows the store: what a batch adds is believed only once its transaction is
durable, and whatever anybody else changed empties it (`service.store.changes`).
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from secrets import token_hex
from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.encoding import PORTS
from features.history import ENTITIES, LATEST, EntityHistory
from features.history_lists import Names, lay_out
from features.history_logs import ItemLog, KindLogs, ResultLog, SignalLog
from service.store.changes import changes, forget_servers, note_batch
from service.store.stretches import Stretches

MOST_KEYS = 16_384
"""Entities kept in mind; the one that was asked for longest ago goes first."""
_FIRST_KEYS = 512
_GROWTH = 4
KEPT = LATEST + 16
"""Entries that are read of each, more than count, for some may not be known yet at a moment."""
_WIDTH = KEPT + 32
_MOST_NAMES = 500_000

Key = tuple[str, str]
"""Kind and token of an entity."""

_LONG, _SHORT = np.int64, np.int32
_ITEM_TYPES = (_LONG, _LONG, _SHORT, _SHORT, _SHORT, _SHORT)
_RESULT_TYPES = (_LONG, _SHORT, _SHORT, _SHORT, _SHORT)
_SIGNAL_TYPES = (_LONG, _LONG, _LONG, _SHORT, _SHORT, _SHORT)


class Recent:
    """The latest entries of the entities that were asked for last.

    One thread at a time may use it: the one that takes items in.

    Parameters
    ----------
    most_keys : int
        How many entities; room for them is made as they come.

    Attributes
    ----------
    names : Names
        Numbers of partners in the logs.
    items, results, signals : Stretches
        The entries; the stretch of a key has the same number in all three.
    """

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        self._server = token_hex(8)
        self._n_batches = 0
        self._n_keys, self._most_keys = min(_FIRST_KEYS, most_keys), most_keys
        self._seen: Mapping[str, int] = {}
        self._is_open, self._is_settled = False, False
        self._make_room()

    def _make_room(self) -> None:
        self.items = Stretches(self._n_keys, _WIDTH, _ITEM_TYPES)
        self.results = Stretches(self._n_keys, KEPT, _RESULT_TYPES)
        self.signals = Stretches(self._n_keys, KEPT, _SIGNAL_TYPES)
        self._newest: list[tuple[int, str]] = [(0, "")] * self._n_keys
        self._forget()

    def _forget(self) -> None:
        self._slots: OrderedDict[Key, int] = OrderedDict()
        self._free = list(range(self._n_keys))
        self._n_touched = 0
        self._is_short = False
        self.names = Names()

    def open(self, connection: Connection) -> None:
        """Begin a batch: forget everything if somebody else changed history meanwhile.

        Parameters
        ----------
        connection : sqlalchemy.Connection
            The batch's transaction, before it writes.
        """
        if not self._n_batches:
            forget_servers(connection)
        found = changes(connection, but=self._server)
        known = self._is_settled and found == self._seen
        if self._is_short and self._n_keys < self._most_keys:
            self._n_keys = min(_GROWTH * self._n_keys, self._most_keys)
            self._make_room()
        elif not known or len(self.names.spellings) > _MOST_NAMES:
            self._forget()
        self._n_batches += 1
        note_batch(connection, self._server, self._n_batches)
        self._seen, self._n_touched = found, 0
        self._is_open, self._is_settled = True, False

    def settle(self) -> None:
        """Believe what the batch added: its transaction is durable now."""
        if self._is_open:
            self._is_open, self._is_settled = False, True

    def add(self, rows: Sequence[tuple[Any, ...]], amended: Collection[str]) -> None:
        """Follow what a batch adds to the log of entities.

        Parameters
        ----------
        rows : sequence of tuple
            `item_id, kind, token, known_at, value_cents, just_under, port, partner`, as they are
            stored, ordered by item.
        amended : collection of str
            Items that were stored before: which of their rows are new only the store knows.
        """
        places: list[int] = []
        entries: list[tuple[int, ...]] = []
        for item_id, kind, token, known_at, value, near, port, partner in rows:
            slot = self._slots.get((kind, token))
            if slot is None:
                continue
            if item_id in amended or (known_at, item_id) <= self._newest[slot]:
                self._free.append(self._slots.pop((kind, token)))
                continue
            if self.items.is_full(slot):
                self.items.write(places, entries)
                places, entries = [], []
            code = -1 if partner is None else self.names.number(partner)
            places.append(self.items.place(slot, KEPT))
            entries.append((known_at, value, near, PORTS[port], code, 0))
            self._newest[slot] = (known_at, item_id)
        self.items.write(places, entries)

    def missing(self, keys: Sequence[Key]) -> list[Key]:
        """Say which entities are not in mind and may be; the others stay until the batch ends.

        Parameters
        ----------
        keys : sequence of Key
            Those that are asked for.

        Returns
        -------
        list of Key
            What to read, each once.
        """
        self._n_touched += len(keys)
        if self._n_touched > self._n_keys:
            self._is_short = True
            return []
        absent = dict.fromkeys(key for key in keys if key not in self._slots)
        for key in keys:
            if key not in absent:
                self._slots.move_to_end(key)
        return list(absent)

    def keep(self, keys: Sequence[Key], answers: Sequence[EntityHistory]) -> None:
        """Keep what was read.

        Parameters
        ----------
        keys : sequence of Key
            From `missing`.
        answers : sequence of EntityHistory
            The latest `KEPT` entries of each, newest first.
        """
        logs = lay_out(answers, self.names)
        for n, (key, answer) in enumerate(zip(keys, answers, strict=True)):
            self._is_short |= not self._free
            slot = self._free.pop() if self._free else self._slots.popitem(last=False)[1]
            for mine, theirs in self._each(logs):
                first, end = int(theirs.bounds.first[n]), int(theirs.bounds.end[n])
                mine.put(slot, theirs[1:], first, end, whole=end - first < KEPT)
            newest = answer.items[0] if answer.items else None
            self._newest[slot] = (newest.known_at, newest.item_id) if newest else (0, "")
            self._slots[key] = slot

    def slots(self, keys: Sequence[Key]) -> list[int]:
        """Say where entities are kept.

        Parameters
        ----------
        keys : sequence of Key
            Entities.

        Returns
        -------
        list of int
            The number of each stretch, -1 for what is not in mind.
        """
        return [self._slots.get(key, -1) for key in keys]

    def _each(self, logs: KindLogs) -> list[tuple[Stretches, ItemLog | ResultLog | SignalLog]]:
        return [
            (self.items, logs.items),
            (self.results, logs.results),
            (self.signals, logs.signals),
        ]


KINDS_IN_MIND = frozenset(ENTITIES)
"""Pairs and filing keys hardly come back, and would crowd out what does."""
