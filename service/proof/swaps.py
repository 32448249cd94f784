"""Swapping models under load: no request fails, none is answered by two models, none waits long."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import quantiles
from typing import Any, NamedTuple

import numpy as np
import orjson
from pydantic import JsonValue

from features.errors import WeirError
from features.reference.tables import default_method
from models.bundle import MOST_BYTES
from models.damage import draw_damage, edit_byte, reseal, truncate
from models.disk import read_folder, write_file
from models.documents import read_json, write_json
from models.manifest import MANIFEST
from models.registry import SHIPPED, install_bundle
from models.signing import SigningKey, load_or_create_key, trusted_keys
from service.clock import now
from service.proof.bench import Bench
from service.proof.caller import Answered, Caller
from service.proof.server import ServerProcess

MOST_P99_RATIO = 2.0
"""Largest p99 under swaps over the quiet one."""

OK, CONFLICT = 200, 409
SECONDS_TO_SWAP = 120.0
_MODE, _PORT = "pov", "2304"
_TIMES = 2.0
"""Severity that the other bundle expects, over that of the shipped one: what tells them apart."""

_PRECISION = 1e-9

Progress = Callable[[str, int], None]
"""Told what is going on, and how far it is."""


class Swapped(NamedTuple):
    """What happened to requests while models were swapped.

    Parameters
    ----------
    n_swaps, n_bad : int
        Promotions and rollbacks that took effect, and bad bundles that were offered.
    n_bad_taken : int
        Bad bundles that were not refused.
    n_requests, n_failed, n_mixed : int
        Requests under load, those without an answer by a model, and those whose answer mixes
        the name of one model with the figures of the other.
    quiet_p99_ms, p99_ms : float
        Milliseconds of one request of a hundred without swaps, and with them.
    longest_swap_ms : float
        Longest time from the reply to a promotion or rollback to the first answer by the new
        model, the swap that loads the other bundle for the first time left out.
    """

    n_swaps: int
    n_bad: int
    n_bad_taken: int
    n_requests: int
    n_failed: int
    n_mixed: int
    quiet_p99_ms: float
    p99_ms: float
    longest_swap_ms: float

    @property
    def met(self) -> bool:
        """Whether nothing failed or mixed, no bad bundle was taken, and nobody waited long."""
        wrong = self.n_failed or self.n_mixed or self.n_bad_taken
        return not wrong and self.p99_ms <= MOST_P99_RATIO * self.quiet_p99_ms


class NotSwapped(WeirError):  # noqa: N818 - named after what the proof met
    """A swap that was refused, or that did not take effect."""


class _Answer(NamedTuple):
    milliseconds: float
    version: str | None
    failed: bool
    mixed: bool


class _Load:
    """Callers that post items one after the other, each on a connection of its own."""

    def __init__(self, port: int, keys: list[str], severity: dict[str, float]) -> None:
        self._severity = severity
        self._stop = threading.Event()
        self.answers: list[_Answer] = []
        self._threads = [
            threading.Thread(target=self._call, args=(port, key, number))
            for number, key in enumerate(keys)
        ]

    @property
    def latest(self) -> str | None:
        """Version that answered last."""
        return self.answers[-1].version if self.answers else None

    @contextmanager
    def running(self) -> Iterator["_Load"]:
        """Call as long as the block lasts."""
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def _call(self, port: int, key: str, number: int) -> None:
        caller, n_sent = Caller(port, key), 0
        began = time.time_ns()
        while not self._stop.is_set():
            n_sent += 1
            started = time.perf_counter()
            reply = caller.send("POST", "/v1/score", _vehicle(f"W{began}-{number}-{n_sent}"))
            self.answers.append(self._judge(reply, (time.perf_counter() - started) * 1e3))
        caller.close()

    def _judge(self, reply: Answered | None, milliseconds: float) -> _Answer:
        if reply is None or reply.status != OK:
            return _Answer(milliseconds, None, failed=True, mixed=False)
        told = orjson.loads(reply.body)
        version, risk = told["model_version"], told["risk"]
        if risk is None or version not in self._severity:
            return _Answer(milliseconds, version, failed=True, mixed=False)
        expected = risk * self._severity[version] / default_method(_MODE).minutes
        mixed = abs(told["priority"] - expected) > _PRECISION * expected
        return _Answer(milliseconds, version, failed=False, mixed=mixed)


def _vehicle(item_id: str) -> dict[str, Any]:
    return {
        "kind": "vehicle",
        "item_id": item_id,
        "mode": _MODE,
        "port": _PORT,
        "presented_at": now().isoformat(),
        "destination": "MX",
        "plate": item_id,
        "plate_state": "TX",
    }


class Swaps:
    """A server with two bundles to swap.

    Parameters
    ----------
    bench : Bench
        A store and a state folder of their own.
    n_callers : int
        Callers at once.
    """

    def __init__(self, bench: Bench, n_callers: int) -> None:
        bench.choose_model(with_model=True)
        self._state_dir = bench.settings.state_dir
        key = load_or_create_key(self._state_dir)
        self._contents = _other(read_folder(SHIPPED, MOST_BYTES), key)
        self._key = key
        folder = bench.folder / "other"
        _write(folder, self._contents)
        other = install_bundle(folder, self._state_dir, trusted_keys(self._state_dir)).manifest
        shipped = read_json(read_folder(SHIPPED, MOST_BYTES)[MANIFEST], MANIFEST)
        self.other, self.shipped = other.version, str(_field(shipped, "version"))
        severity = other.severity_by_mode.get(_MODE, other.severity_overall)
        self._severity = {self.other: severity, self.shipped: severity / _TIMES}
        self._keys = [bench.new_key() for _ in range(n_callers)]
        self._server = ServerProcess(bench.environment, bench.folder / "server.log")
        self._people = [bench.new_key("supervisor") for _ in range(2)]

    def close(self) -> None:
        """Stop the server."""
        self._server.stop()

    def run(self, n_swaps: int, n_bad: int, quiet_seconds: float, progress: Progress) -> Swapped:
        """Measure without swaps, then swap and offer bad bundles under the same load.

        Parameters
        ----------
        n_swaps, n_bad : int
            Promotions and rollbacks, and bad bundles offered between them.
        quiet_seconds : float
            How long to measure without swaps.
        progress : callable
            Told how far it is.

        Returns
        -------
        Swapped
            What happened.

        Raises
        ------
        NotSwapped
            If a swap is refused or takes no effect.
        """
        with self._load().running() as load:
            # both bundles are in use once, and what is loaded once is not measured
            self._promote(load)
            self._roll_back(load)
        with self._load().running() as quiet:
            time.sleep(quiet_seconds)
        bad = np.linspace(0, n_swaps, n_bad, endpoint=False).astype(int).tolist()
        taken: list[float] = []
        n_bad_taken = 0
        with self._load().running() as load:
            for number in range(n_swaps):
                for place in (each for each, at in enumerate(bad) if at == number):
                    n_bad_taken += self._offer_bad(place)
                taken.append(self._roll_back(load) if number % 2 else self._promote(load))
                progress("swaps", number + 1)
        return Swapped(
            n_swaps=n_swaps,
            n_bad=n_bad,
            n_bad_taken=n_bad_taken,
            n_requests=len(load.answers),
            n_failed=sum(each.failed for each in load.answers),
            n_mixed=sum(each.mixed for each in load.answers),
            quiet_p99_ms=_p99(quiet.answers),
            p99_ms=_p99(load.answers),
            longest_swap_ms=max(taken),
        )

    def _load(self) -> _Load:
        return _Load(self._server.port, self._keys, self._severity)

    def _promote(self, load: _Load) -> float:
        for key in self._people:
            self._ask(key, f"/v1/models/{self.other}/promote")
        return self._wait(load, self.other)

    def _roll_back(self, load: _Load) -> float:
        self._ask(self._people[0], "/v1/models/rollback")
        return self._wait(load, self.shipped)

    def _send(self, key: str, path: str) -> Answered | None:
        # on a connection of its own: the server closes those that rest
        person = Caller(self._server.port, key)
        reply = person.send("POST", path)
        person.close()
        return reply

    def _ask(self, key: str, path: str) -> None:
        reply = self._send(key, path)
        if reply is None or reply.status != OK:
            said = "nothing" if reply is None else reply.body.decode()
            raise NotSwapped(f"{path} was answered with {said}")

    def _wait(self, load: _Load, version: str) -> float:
        started = time.perf_counter()
        while load.latest != version:
            if time.perf_counter() - started > SECONDS_TO_SWAP:
                raise NotSwapped(f"{version} did not answer within {SECONDS_TO_SWAP:g} seconds")
            time.sleep(0.001)
        return (time.perf_counter() - started) * 1e3

    def _offer_bad(self, number: int) -> bool:
        """Offer a damaged bundle; tell whether it was taken."""
        generator = np.random.default_rng(number)
        damage = truncate if number % 2 else edit_byte
        version = f"20000101T000000Z-{number:012x}"
        folder = self._state_dir / "bundles" / version
        _write(folder, draw_damage(self._contents, damage, dict, generator))
        reply = self._send(self._people[0], f"/v1/models/{version}/promote")
        return reply is None or reply.status != CONFLICT


def _other(contents: dict[str, bytes], key: SigningKey) -> dict[str, bytes]:
    """Give the shipped bundle with other severities, sealed by a fitter who is trusted here."""
    manifest = read_json(contents[MANIFEST], MANIFEST)
    by_mode = _field(manifest, "severity_by_mode")
    if not isinstance(manifest, dict) or not isinstance(by_mode, dict):
        raise NotSwapped("the shipped bundle has no severities")
    changed: dict[str, JsonValue] = {
        **manifest,
        "severity_by_mode": {mode: _TIMES * float(str(each)) for mode, each in by_mode.items()},
        "severity_overall": _TIMES * float(str(_field(manifest, "severity_overall"))),
    }
    return reseal(contents | {MANIFEST: write_json(changed)}, key, new_version=True)


def _field(manifest: object, name: str) -> object:
    return manifest[name] if isinstance(manifest, dict) else None


def _write(folder: Any, contents: dict[str, bytes]) -> None:  # noqa: ANN401 - a path
    folder.mkdir(exist_ok=True)
    for name, data in contents.items():
        write_file(folder / name, data)


def _p99(answers: list[_Answer]) -> float:
    return quantiles([each.milliseconds for each in answers], n=100, method="inclusive")[-1]
