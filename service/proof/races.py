"""Races: the same record sent many times at once, and one item claimed by many at once."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from features.errors import WeirError
from service.clock import now
from service.proof.bench import Bench
from service.proof.caller import Answered, Caller
from service.proof.server import ServerProcess
from service.store.counts import recorded

CREATED, OK, CONFLICT = 201, 200, 409
ITEMS_AT_ONCE = 500

Progress = Callable[[str, int], None]
"""Told what is going on, and how far it is."""


class Raced(NamedTuple):
    """How races ended.

    Parameters
    ----------
    n_races : int
        Keys or items that were raced for.
    n_requests : int
        Requests in all.
    n_wrong : int
        Races that did not end with one record or one winner.
    """

    n_races: int
    n_requests: int
    n_wrong: int


class Races:
    """Racers on connections of their own, spread over one or more servers of one store.

    Parameters
    ----------
    bench : Bench
        The store.
    n_racers : int
        Requests at once.
    n_servers : int
        Servers; more than one only on PostgreSQL.
    """

    def __init__(self, bench: Bench, n_racers: int, n_servers: int) -> None:
        self._bench = bench
        self._n_racers = n_racers
        self._stack = ExitStack()
        self._ports = []
        for _ in range(n_servers):
            server = ServerProcess(bench.environment, bench.folder / "server.log")
            self._stack.callback(server.stop)
            self._ports.append(server.port)

    def close(self) -> None:
        """Stop the servers."""
        self._stack.close()

    def post_items(self, n_items: int, progress: Progress) -> list[str]:
        """Post the items that are raced for; those that are there already stay.

        Parameters
        ----------
        n_items : int
            How many.
        progress : callable
            Told the items posted.

        Returns
        -------
        list of str
            Their ids.
        """
        caller, ids = Caller(self._ports[0], self._bench.key()), []
        presented_at = now().isoformat(timespec="seconds")
        for start in range(0, n_items, ITEMS_AT_ONCE):
            items = [
                {
                    "kind": "vehicle",
                    "item_id": f"R{number}",
                    "mode": "pov",
                    "port": "2304",
                    "presented_at": presented_at,
                    "destination": "MX",
                    "plate": f"P{number}",
                }
                for number in range(start, min(n_items, start + ITEMS_AT_ONCE))
            ]
            reply = caller.send("POST", "/v1/score/batch", {"items": items})
            if reply is None or reply.status != OK:
                raise WeirError(f"the items were not taken: {reply and reply.body[:300]!r}")
            ids += [str(item["item_id"]) for item in items]
            progress("items", len(ids))
        caller.close()
        return ids

    def record(self, ids: Sequence[str], progress: Progress) -> Raced:
        """Send one finding per item, each many times at once under one idempotency key.

        Parameters
        ----------
        ids : sequence of str
            The items.
        progress : callable
            Told the races that are over.

        Returns
        -------
        Raced
            A race is wrong unless every racer got the same reply; records that are there twice
            or not at all count as well.
        """
        with self._bench.store.read() as connection:
            before = recorded(connection).n_inspections

        def send(caller: Caller, number: int) -> Answered | None:
            finding = {
                "item_id": ids[number],
                "method": "nii_pov",
                "minutes": 1.0,
                "outcome": "clear",
                "note": f"race {number}",
            }
            key = {"Idempotency-Key": f"race-{number:08}"}
            return caller.send("POST", "/v1/inspections", finding, key)

        def is_right(replies: Sequence[Answered | None]) -> bool:
            return {reply and reply.status for reply in replies} == {CREATED} and len(
                {reply and reply.body for reply in replies}
            ) == 1

        keys = [self._bench.key()] * self._n_racers
        n_wrong = self._race(keys, len(ids), send, is_right, progress)
        with self._bench.store.read() as connection:
            n_rows = recorded(connection).n_inspections - before
        return Raced(len(ids), len(ids) * self._n_racers, n_wrong + abs(n_rows - len(ids)))

    def claim(self, ids: Sequence[str], progress: Progress) -> Raced:
        """Claim every item from many keys at once.

        Parameters
        ----------
        ids : sequence of str
            The items.
        progress : callable
            Told the races that are over.

        Returns
        -------
        Raced
            A race is wrong unless one got the item and all others were told so.
        """

        def send(caller: Caller, number: int) -> Answered | None:
            return caller.send("POST", f"/v1/items/{ids[number]}/claim")

        def is_right(replies: Sequence[Answered | None]) -> bool:
            statuses = sorted(reply.status for reply in replies if reply)
            return statuses == [OK, *[CONFLICT] * (self._n_racers - 1)]

        keys = [self._bench.new_key() for _ in range(self._n_racers)]
        n_wrong = self._race(keys, len(ids), send, is_right, progress)
        return Raced(len(ids), len(ids) * self._n_racers, n_wrong)

    def _race(
        self,
        keys: Sequence[str],
        n_races: int,
        send: Callable[[Caller, int], Answered | None],
        is_right: Callable[[Sequence[Answered | None]], bool],
        progress: Callable[[str, int], Any],
    ) -> int:
        replies: list[Answered | None] = [None] * len(keys)
        n_wrong = 0
        number = 0

        def judge() -> None:
            """Look at the replies while every racer waits at the barrier."""
            nonlocal n_wrong, number
            n_wrong += not is_right(replies)
            number += 1
            progress("races", number)

        start, finish = threading.Barrier(len(keys)), threading.Barrier(len(keys), judge)

        def run(place: int) -> None:
            caller = Caller(self._ports[place % len(self._ports)], keys[place])
            for race in range(n_races):
                start.wait()
                replies[place] = send(caller, race)
                finish.wait()
            caller.close()

        racers = [threading.Thread(target=run, args=(place,)) for place in range(len(keys))]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        return n_wrong
