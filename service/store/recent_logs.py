"""Logs for a micro-batch: from what is kept in mind where that is enough, else from the store."""

from collections.abc import Collection, Sequence

import numpy as np

from features.encoding import Integers
from features.history import LATEST, LATEST_OF_LINKED, EntityQuery
from features.history_lists import lay_out
from features.history_logs import Bounds, ItemLog, KindLogs, ResultLog, SignalLog
from features.records import EntityKind
from service.store.history import StoreHistory
from service.store.recent import KEPT, KINDS_IN_MIND, Key, Recent
from service.store.stretches import Stretches
from service.store.tokens import Tokens


class RecentLogs:
    """Answers as `features.history_fetched.HistoryLogs` asks.

    Parameters
    ----------
    source : StoreHistory
        The batch's transaction.
    tokens : Tokens
        Turns keys into tokens.
    recent : Recent
        What is kept in mind, opened for this transaction.
    fresh : collection of str
        Items that nobody knew before this batch: their own entries are as of their own moment,
        which is not before it. Of all others the store is asked.
    """

    def __init__(
        self, source: StoreHistory, tokens: Tokens, recent: Recent, fresh: Collection[str]
    ) -> None:
        self._source, self._tokens = source, tokens
        self._recent, self._fresh = recent, fresh
        self._used = [0, 0, 0]

    def fetch(self, queries: Sequence[EntityQuery]) -> KindLogs:
        """Give the logs of keys.

        Parameters
        ----------
        queries : sequence of EntityQuery
            The keys.

        Returns
        -------
        KindLogs
            One key per query.

        Raises
        ------
        HistoryUnavailable
            If the store cannot be read; the transaction stays usable.
        """
        self._used = [0, 0, 0]
        token = self._tokens.token
        spelled = [query._replace(key=token(query.kind, query.key)) for query in queries]
        self._last = self._bounds(spelled, LATEST)
        return self._logs(self._last)

    def fetch_parties(self, queries: Sequence[EntityQuery], own: Integers) -> KindLogs:
        """Give the logs of linked parties, then of keys of the last `fetch`.

        Parameters
        ----------
        queries : sequence of EntityQuery
            The parties, by their tokens.
        own : array of int, shape (k,)
            Numbers of the keys.

        Returns
        -------
        KindLogs
            One key for each.

        Raises
        ------
        HistoryUnavailable
            If the store cannot be read; the transaction stays usable.
        """
        parties = self._bounds(queries, LATEST_OF_LINKED)
        return self._logs(
            [
                Bounds(*(np.concatenate([new, old[own]]) for new, old in zip(a, b, strict=True)))
                for a, b in zip(parties, self._last, strict=True)
            ]
        )

    def party(self, kind: EntityKind, key: str) -> int:
        """Give the code of an entity, as logs hold it for a partner.

        Parameters
        ----------
        kind : str
            Kind of entity.
        key : str
            Its normalised identifier.

        Returns
        -------
        int
            The code; -1 if nobody names it.
        """
        return self._recent.names.codes.get(self._tokens.token(kind, key), -1)

    def named(self, code: int) -> str:
        """Spell the partner behind a code.

        Parameters
        ----------
        code : int
            From the logs.

        Returns
        -------
        str
            Its token.
        """
        return self._recent.names.spellings[code]

    def _stretches(self) -> tuple[Stretches, Stretches, Stretches]:
        return self._recent.items, self._recent.results, self._recent.signals

    def _bounds(self, spelled: Sequence[EntityQuery], latest: int) -> list[Bounds]:
        slots = self._in_mind(spelled)
        as_of = np.array([query.as_of for query in spelled], dtype=np.int64)
        answered = slots >= 0
        for each in self._stretches():
            answered &= each.enough(slots, as_of, latest)
        bounds = [each.bounds(slots) for each in self._stretches()]
        self._ask(spelled, np.flatnonzero(~answered), latest, bounds)
        return bounds

    def _in_mind(self, spelled: Sequence[EntityQuery]) -> Integers:
        keys: list[Key] = [(query.kind, query.key) for query in spelled]
        may = [query.kind in KINDS_IN_MIND and query.item_id in self._fresh for query in spelled]
        wanted = [key for key, allowed in zip(keys, may, strict=True) if allowed]
        absent = self._recent.missing(wanted)
        if absent:
            self._recent.keep(absent, self._source.fetch_latest(absent, KEPT))
        slots = iter(self._recent.slots(wanted))
        return np.array([next(slots) if allowed else -1 for allowed in may], dtype=np.int64)

    def _ask(
        self, spelled: Sequence[EntityQuery], which: Integers, latest: int, bounds: list[Bounds]
    ) -> None:
        """Ask the store as of each moment, and lay what it says behind what is kept."""
        if not len(which):
            return
        answers = self._source.fetch_spelled([spelled[n] for n in which.tolist()], latest)
        laid = lay_out(answers, self._recent.names)
        logs: list[ItemLog | ResultLog | SignalLog] = [laid.items, laid.results, laid.signals]
        for place, (stretches, log, found) in enumerate(
            zip(self._stretches(), logs, bounds, strict=True)
        ):
            first, end = stretches.lay_behind(log[1:], log.bounds, self._used[place])
            found.first[which], found.end[which] = first, end
            self._used[place] += len(log[1])

    def _logs(self, bounds: Sequence[Bounds]) -> KindLogs:
        of_items, of_results, of_signals = bounds
        return KindLogs(
            ItemLog(of_items, *self._recent.items.columns),  # type: ignore[arg-type]  # as declared
            ResultLog(of_results, *self._recent.results.columns),  # type: ignore[arg-type]  # as above
            SignalLog(of_signals, *self._recent.signals.columns),  # type: ignore[arg-type]  # as above
        )
