"""What the sums need of a source: logs of keys, and of parties that those logs name."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from features.encoding import Integers
from features.history import EntityHistory, EntityQuery, HistorySource
from features.history_lists import Names, lay_out
from features.history_logs import KindLogs
from features.records import EntityKind


@runtime_checkable
class HistoryLogs(Protocol):
    """A source that answers with logs; an entry that is not before `as_of` may be among them."""

    def fetch(self, queries: Sequence[EntityQuery]) -> KindLogs:
        """Give the logs of keys.

        Parameters
        ----------
        queries : sequence of EntityQuery
            As `features.history.HistorySource.fetch` takes them.

        Returns
        -------
        KindLogs
            Key number k is that of query number k. Of what was known strictly before its `as_of`
            at least the latest `LATEST` entries are there, if there are so many; none is of
            the item of the query.
        """
        ...

    def fetch_parties(self, queries: Sequence[EntityQuery], own: Integers) -> KindLogs:
        """Give the logs of linked parties, and once more those of some keys.

        Parameters
        ----------
        queries : sequence of EntityQuery
            Parties, each `key` from `named`.
        own : array of int, shape (k,)
            Numbers of queries of the last `fetch`.

        Returns
        -------
        KindLogs
            Of the parties, then of those keys; no signals. At least the latest
            `LATEST_OF_LINKED` entries of a party are there, as for `fetch`.
        """
        ...

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
            The code; -1 if no log that was fetched names it.
        """
        ...

    def named(self, code: int) -> str:
        """Spell the partner behind a code.

        Parameters
        ----------
        code : int
            From the logs.

        Returns
        -------
        str
            As the source spells it.
        """
        ...


class Listed:
    """Logs from a source that answers with lists.

    Parameters
    ----------
    source : HistorySource
        Where the lists come from.
    """

    def __init__(self, source: HistorySource) -> None:
        self._source = source
        self._names = Names()
        self._answers: Sequence[EntityHistory] = ()

    def fetch(self, queries: Sequence[EntityQuery]) -> KindLogs:
        """Give the logs of keys; see `HistoryLogs`.

        Parameters
        ----------
        queries : sequence of EntityQuery
            The keys.

        Returns
        -------
        KindLogs
            One key per query.
        """
        self._answers = self._source.fetch(queries)
        return lay_out(self._answers, self._names)

    def fetch_parties(self, queries: Sequence[EntityQuery], own: Integers) -> KindLogs:
        """Give the logs of linked parties, then of keys of the last `fetch`; see `HistoryLogs`.

        Parameters
        ----------
        queries : sequence of EntityQuery
            The parties.
        own : array of int, shape (k,)
            Numbers of the keys.

        Returns
        -------
        KindLogs
            One key for each.
        """
        fetched = self._source.fetch_linked(queries) if queries else []
        return lay_out([*fetched, *(self._answers[n] for n in own.tolist())], Names())

    def party(self, kind: EntityKind, key: str) -> int:
        """Give the code of an entity; see `HistoryLogs`.

        Parameters
        ----------
        kind : str
            Kind of entity.
        key : str
            Its normalised identifier.

        Returns
        -------
        int
            The code, or -1.
        """
        return self._names.codes.get(self._source.spelled(kind, key), -1)

    def named(self, code: int) -> str:
        """Spell the partner behind a code; see `HistoryLogs`.

        Parameters
        ----------
        code : int
            From the logs.

        Returns
        -------
        str
            As the source spells it.
        """
        return self._names.spellings[code]


def logs_of(source: HistorySource | HistoryLogs) -> HistoryLogs:
    """Ask any source for logs.

    Parameters
    ----------
    source : HistorySource or HistoryLogs
        Either kind.

    Returns
    -------
    HistoryLogs
        The source itself where it answers with logs.
    """
    return source if isinstance(source, HistoryLogs) else Listed(source)
