"""Offering damaged bundles to a running server, which must refuse each and go on answering."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import numpy as np
import orjson

from features.errors import WeirError
from models.bundle import MOST_BYTES
from models.damage import draw_damage, edit_byte, reseal, truncate
from models.disk import read_folder, write_file
from models.registry import SHIPPED
from models.signing import SigningKey, load_or_create_key
from service.clock import now
from service.promoting import promote_bundle
from service.proof.bench import Bench
from service.proof.caller import Caller
from service.proof.server import ServerProcess
from service.store.champions import promote

SECONDS_TO_REFUSE = 240.0
LOOK_SECONDS = 0.01
OK = 200

Progress = Callable[[int], None]
"""Told the bundles offered."""


class Offered(NamedTuple):
    """What became of the damaged bundles.

    Parameters
    ----------
    n_offered : int
        How many the server was pointed at.
    refused : Mapping of str to int
        By the line of defence that stopped a bundle whose seal was left as it was.
    refused_resealed : Mapping of str to int
        The same for those that were hashed again and signed with a trusted key.
    loaded : list of int
        Numbers of those that the server loaded.
    n_dead : int
        Times that the server was not there, or did not answer with the good bundle, after one.
    """

    n_offered: int
    refused: Mapping[str, int]
    refused_resealed: Mapping[str, int]
    loaded: list[int]
    n_dead: int

    @property
    def met(self) -> bool:
        """Whether all were refused and the server answered each time."""
        return not (self.loaded or self.n_dead)


class NotLookedAt(WeirError):  # noqa: N818 - named after what happened
    """A bundle that the server neither loaded nor refused in time."""


def offer_damage(
    bench: Bench, *, n_edits: int, n_truncations: int, seed: int, progress: Progress
) -> Offered:
    """Point a running server at damaged bundles, one after the other.

    Each is put where an installed bundle lies, under a name of its own, and the store's pointer
    is moved to it, as if promotion had let it through. Every other one is sealed again.

    Parameters
    ----------
    bench : Bench
        A store and a state folder of their own.
    n_edits, n_truncations : int
        Bundles with one byte changed, and with the end of a file cut off.
    seed : int
        Decides the damage.
    progress : callable
        Told of bundles.

    Returns
    -------
    Offered
        What became of them.

    Raises
    ------
    NotLookedAt
        If the server says nothing of one for four minutes.
    """
    key = load_or_create_key(bench.settings.state_dir)
    good = _promote_good(bench, key)
    contents = read_folder(bench.settings.state_dir / "bundles" / good, MOST_BYTES)
    generator = np.random.default_rng(seed)
    refused: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    loaded: list[int] = []
    n_dead = 0
    seals = dict, partial(reseal, key=key)
    server = _Watched(bench, good)
    try:
        for number in range(n_edits + n_truncations):
            damage = edit_byte if number < n_edits else truncate
            damaged = draw_damage(contents, damage, seals[number % 2], generator)
            with _installed(bench, number, damaged) as version:
                check = server.said_of(version)
            if check is None:
                loaded.append(number)
            else:
                refused[number % 2][check] += 1
            n_dead += not server.answers(number)
            progress(number + 1)
    finally:
        server.stop()
    return Offered(n_edits + n_truncations, refused[0], refused[1], loaded, n_dead)


def _promote_good(bench: Bench, key: SigningKey) -> str:
    """Promote the shipped bundle, signed by the key that will sign damaged ones."""
    sealed = reseal(read_folder(SHIPPED, MOST_BYTES), key)
    folder = bench.folder / "good"
    folder.mkdir(exist_ok=True)
    for name, data in sealed.items():
        (folder / name).write_bytes(data)
    return promote_bundle(bench.store, bench.settings.state_dir, folder, now())


@contextmanager
def _installed(bench: Bench, number: int, contents: Mapping[str, bytes]) -> Iterator[str]:
    version = f"20000101T000000Z-{number:012x}"
    folder = bench.settings.state_dir / "bundles" / version
    folder.mkdir()
    try:
        for name, data in contents.items():
            write_file(folder / name, data)
        with bench.store.write() as connection:
            promote(connection, version, now())
        yield version
    finally:
        shutil.rmtree(folder)


class _Watched:
    """A server whose log is read along; started anew when it is found dead."""

    def __init__(self, bench: Bench, good: str) -> None:
        self._bench = bench
        self._good = good
        self._log = bench.folder / "server.log"
        self._log.write_bytes(b"")
        self._read = 0
        self._start()

    def _start(self) -> None:
        quick = {"WEIR_CHAMPION_POLL_SECONDS": "0.02", "WEIR_LOG_LEVEL": "info"}
        self._server = ServerProcess(self._bench.environment | quick, self._log)
        # it is up with the good bundle, or none: what it says of those is no news
        list(self._fresh_lines())

    def stop(self) -> None:
        """Stop it."""
        self._server.stop()

    def said_of(self, version: str) -> str | None:
        """Wait until the server has looked at a bundle; give what stopped it, None if nothing."""
        patience = time.monotonic() + SECONDS_TO_REFUSE
        while time.monotonic() < patience:
            for line in self._fresh_lines():
                if line.get("event") == "champion_not_loaded" and line.get("version") == version:
                    return str(line["check"]) or "later"
                if line.get("event") == "champion_loaded":
                    return None
            if not self._server.alive:
                return "the end of the server"
            time.sleep(LOOK_SECONDS)
        raise NotLookedAt(f"the server said nothing of {version}; see {self._log}")

    def _fresh_lines(self) -> Iterator[dict[str, object]]:
        with self._log.open("rb") as file:
            file.seek(self._read)
            whole = file.read()
        whole = whole[: whole.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            if line.startswith(b"{"):
                yield orjson.loads(line)

    def answers(self, number: int) -> bool:
        """Tell whether an item is scored with the good bundle; start a dead server again."""
        item = {
            "kind": "vehicle",
            "item_id": f"damage-{number}",
            "mode": "pov",
            "port": "2304",
            "presented_at": now().isoformat(),
            "destination": "MX",
            "plate": f"D{number}",
        }
        # a connection of its own: one that was idle for long is closed by either side
        caller = Caller(self._server.port, self._bench.key())
        answered = caller.send("POST", "/v1/score", item)
        caller.close()
        if answered is not None and answered.status == OK:
            return bool(orjson.loads(answered.body)["model_version"] == self._good)
        if not self._server.alive:
            self._start()
        return False


def told(refused: Mapping[str, int]) -> str:
    """Write counts in words.

    Parameters
    ----------
    refused : Mapping of str to int
        By line of defence.

    Returns
    -------
    str
        The most frequent first.

    Examples
    --------
    >>> told({"hashes": 3, "signature": 10})
    'signature 10, hashes 3'
    """
    ordered = sorted(refused.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{check} {count}" for check, count in ordered)
