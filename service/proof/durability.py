"""Killing a server in mid-write, again and again: what was acknowledged must be there, once."""

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any, NamedTuple

import orjson

from features.errors import WeirError
from service.audit.notary import Notary
from service.audit.verify import START, AuditBroken, verify
from service.clock import now
from service.proof.bench import Bench
from service.proof.caller import Caller
from service.proof.server import SECONDS_TO_START, ServerProcess
from service.store.chain import Head
from service.store.counts import items_there, notes_of, recorded

N_WRITERS = 4
FINDINGS_PER_ITEM = 10
LONGEST_LIFE_SECONDS = 1.0
"""How long a server lives at most after its first acknowledgement."""

CREATED = 201
OK = 200

Progress = Callable[[int, int], None]
"""Told the cycles done and the findings acknowledged."""


class Acknowledged(NamedTuple):
    """One record that a server said it had kept.

    Parameters
    ----------
    kind : str
        `finding` or `item`.
    record_id : str
        Id of the inspection or of the item.
    note : str
        The note that was sent with a finding; empty for an item.
    """

    kind: str
    record_id: str
    note: str


class Survived(NamedTuple):
    """What was found after all the kills.

    Parameters
    ----------
    n_cycles : int
        Times that a server was killed.
    n_findings, n_items : int
        Records that were acknowledged.
    n_lost : int
        Acknowledged records that are not there, or not as they were sent.
    n_doubled : int
        Findings that are there more than once, or that nobody sent.
    n_chain_breaks : int
        Cycles after which the audit did not verify.
    """

    n_cycles: int
    n_findings: int
    n_items: int
    n_lost: int
    n_doubled: int
    n_chain_breaks: int


class _Writer:
    """Sends one finding after the other, each until it is acknowledged, whatever happens."""

    def __init__(self, name: str, number: int, presented_at: str) -> None:
        self._name = name
        # the same each time it is sent: another one would be an amendment
        self._presented_at = presented_at
        self.number = number
        self.acknowledged: list[Acknowledged] = []

    def write(self, port: int, key: str, first: threading.Event) -> None:
        """Write until the server is gone."""
        caller = Caller(port, key)
        while self._item(caller) and self._finding(caller):
            first.set()
        caller.close()

    def finish(self, port: int, key: str) -> None:
        """Send what is not acknowledged yet, once."""
        caller = Caller(port, key)
        if not (self._item(caller) and self._finding(caller)):
            raise WeirError(f"writer {self._name} could not finish")
        caller.close()

    @property
    def _item_id(self) -> str:
        return f"{self._name}-{self.number // FINDINGS_PER_ITEM}"

    def _item(self, caller: Caller) -> bool:
        if self.number % FINDINGS_PER_ITEM:
            return True
        item = {
            "kind": "vehicle",
            "item_id": self._item_id,
            "mode": "pov",
            "port": "2304",
            "presented_at": self._presented_at,
            "destination": "MX",
            "plate": f"P{self.number % 997}",
        }
        reply = caller.send("POST", "/v1/score", item)
        if reply is None or reply.status != OK:
            return False
        self.acknowledged.append(Acknowledged("item", self._item_id, ""))
        return True

    def _finding(self, caller: Caller) -> bool:
        note = f"{self._name}/{self.number}"
        finding = {
            "item_id": self._item_id,
            "method": "partial_search",
            "minutes": 15.0,
            "outcome": "clear",
            "note": note,
        }
        named = {"Idempotency-Key": f"{self._name}-{self.number:08}"}
        reply = caller.send("POST", "/v1/inspections", finding, named)
        if reply is None or reply.status != CREATED:
            return False
        inspection: dict[str, Any] = orjson.loads(reply.body)
        self.acknowledged.append(Acknowledged("finding", inspection["inspection_id"], note))
        self.number += 1
        return True


class Durability:
    """A proof that goes on where it was interrupted.

    Parameters
    ----------
    bench : Bench
        Its store and folder.
    seed : int
        Decides when servers are killed.
    """

    def __init__(self, bench: Bench, seed: int) -> None:
        self._bench = bench
        self._random = random.Random(seed)  # noqa: S311 - decides when to kill, keeps no secret
        self._journal = bench.folder / "acknowledged.jsonl"
        self._state = bench.folder / "progress.json"
        self._notary = Notary(bench.settings.state_dir)
        self._head = START
        self._n_cycles, self._n_breaks, self._n_findings, numbers = 0, 0, 0, [0] * N_WRITERS
        self._presented_at = now().isoformat(timespec="seconds")
        if self._state.exists():
            told: dict[str, Any] = orjson.loads(self._state.read_bytes())
            self._n_cycles, self._n_breaks = told["n_cycles"], told["n_breaks"]
            self._n_findings, numbers = told["n_findings"], told["numbers"]
            self._head, self._presented_at = Head(*told["head"]), told["presented_at"]
        self._writers = [
            _Writer(f"w{name}", number, self._presented_at) for name, number in enumerate(numbers)
        ]

    def run(self, n_cycles: int, progress: Progress) -> Survived:
        """Kill a server until there were so many kills, then count what is there.

        Parameters
        ----------
        n_cycles : int
            Kills in total, those of earlier runs in this folder included.
        progress : callable
            Told how far it is.

        Returns
        -------
        Survived
            What was found.
        """
        key = self._bench.key()
        while self._n_cycles < n_cycles:
            self._cycle(key)
            progress(self._n_cycles, self._n_findings)
        self._finish(key)
        return self._count()

    def _cycle(self, key: str) -> None:
        server = self._start()
        first = threading.Event()
        threads = [
            threading.Thread(target=writer.write, args=(server.port, key, first))
            for writer in self._writers
        ]
        for thread in threads:
            thread.start()
        first.wait(SECONDS_TO_START)
        sleep(self._random.uniform(0.0, LONGEST_LIFE_SECONDS))
        server.kill()
        for thread in threads:
            thread.join()
        self._n_cycles += 1
        self._check_chain()
        self._keep()

    def _start(self) -> ServerProcess:
        return ServerProcess(self._bench.environment, self._bench.folder / "server.log")

    def _check_chain(self) -> None:
        try:
            with self._bench.store.read() as connection:
                self._head = verify(
                    connection, self._notary.trusted(), self._notary.copies(), start=self._head
                ).head
        except AuditBroken:
            self._n_breaks += 1

    def _keep(self) -> None:
        """Write down what was acknowledged, so that an interrupted proof goes on from here."""
        with self._journal.open("ab") as file:
            for writer in self._writers:
                for each in writer.acknowledged:
                    file.write(orjson.dumps(tuple(each)) + b"\n")
                    self._n_findings += each.kind == "finding"
                writer.acknowledged.clear()
        told = {
            "n_cycles": self._n_cycles,
            "n_breaks": self._n_breaks,
            "n_findings": self._n_findings,
            "numbers": [writer.number for writer in self._writers],
            "head": tuple(self._head),
            "presented_at": self._presented_at,
        }
        aside = self._state.with_suffix(".part")
        aside.write_bytes(orjson.dumps(told))
        aside.replace(self._state)

    def _finish(self, key: str) -> None:
        server = self._start()
        for writer in self._writers:
            writer.finish(server.port, key)
        server.stop()
        self._head = START
        self._check_chain()
        self._keep()

    def _count(self) -> Survived:
        kept = list(_read(self._journal))
        findings = {each.record_id: each.note for each in kept if each.kind == "finding"}
        items = {each.record_id for each in kept if each.kind == "item"}
        with self._bench.store.read() as connection:
            notes = notes_of(connection, sorted(findings))
            there = items_there(connection, sorted(items))
            counts = recorded(connection)
        n_lost = sum(notes.get(name) != note for name, note in findings.items())
        n_sent = sum(writer.number for writer in self._writers)
        return Survived(
            self._n_cycles,
            len(findings),
            len(items),
            n_lost + len(items - there),
            max(counts) - n_sent + (n_sent - min(counts)),
            self._n_breaks,
        )


def _read(path: Path) -> Iterator[Acknowledged]:
    for line in path.read_bytes().splitlines():
        yield Acknowledged(*orjson.loads(line))
