"""A child process that loads a model first, because LightGBM and parquet readers can die of one.

`check_in_child` is the parent's side; `python -m models.sandbox` is the child. The files travel
over standard input, so that what is checked is what the parent holds; the verdict comes back
over standard output as one line of JSON. No pickle, no shared memory, none of the parent's
secrets.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from models.errors import BundleRefused

_ROOT = Path(__file__).parents[1]
_NEEDED = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_CONFIG")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
_NOT_FOR_PREDICTION = ("sklearn", "pandas", "pyarrow", "dask", "matplotlib", "graphviz")
_MOST_OUTPUT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What the child may use before it is killed.

    Parameters
    ----------
    memory_bytes : int
        Address space.
    cpu_seconds : int
        Processor time.
    wall_seconds : float
        Time on the clock.
    """

    memory_bytes: int = 3 << 30
    cpu_seconds: int = 60
    wall_seconds: float = 120.0


CHILD_LIMITS = ChildLimits()


def check_in_child(
    model: bytes,
    calibration: bytes,
    golden: bytes,
    n_features: int,
    limits: ChildLimits = CHILD_LIMITS,
) -> None:
    """Load a model in a process of its own and hold it against its golden rows.

    Parameters
    ----------
    model, calibration, golden : bytes
        The content of `model.txt`, `calibration.json` and `golden.parquet`.
    n_features : int
        Columns of X.
    limits : ChildLimits
        Memory, processor time and time on the clock.

    Raises
    ------
    BundleRefused
        If the child dies, takes too much, or says that an answer differs.
    """
    blobs = (model, calibration, golden)
    order = {"sizes": [len(blob) for blob in blobs], "n_features": n_features}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as verdict:
        given.write(json.dumps(order | {"limits": asdict(limits)}).encode() + b"\n")
        given.writelines(blobs)
        given.seek(0)
        code = _run(given, verdict, limits)
        verdict.seek(0)
        _judge(code, verdict.read(_MOST_OUTPUT_BYTES))


def _run(given: BinaryIO, verdict: BinaryIO, limits: ChildLimits) -> int:
    environment = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    environment |= dict.fromkeys(_ONE_THREAD, "1") | {"PYTHONPATH": str(_ROOT)}
    try:
        return subprocess.run(
            [sys.executable, "-P", "-B", "-m", "models.sandbox"],
            stdin=given,
            stdout=verdict,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=limits.wall_seconds,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired as error:
        raise BundleRefused(
            "model.txt", f"loading it took more than {limits.wall_seconds} seconds"
        ) from error


def _judge(code: int, said: bytes) -> None:
    if code == 0 and said == b'{"accepted": true}\n':
        return
    if code < 0:
        name = signal.Signals(-code).name
        raise BundleRefused("model.txt", f"loading it killed the process that tried ({name})")
    try:
        verdict = json.loads(said)
        file, reason = str(verdict["file"]), str(verdict["reason"])
    except (ValueError, KeyError, TypeError, RecursionError):
        file, reason = "model.txt", f"the process that tried to load it ended with {code}"
    raise BundleRefused(file, reason)


def main() -> None:
    """Be the child: read the order and the files, answer with a verdict."""
    order = json.loads(sys.stdin.buffer.readline())
    _limit(order["limits"]["memory_bytes"], order["limits"]["cpu_seconds"])
    blobs = [sys.stdin.buffer.read(size) for size in order["sizes"]]
    # LightGBM prints to standard output; the verdict must not be mixed with that
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    verdict: dict[str, object] = {"accepted": True}
    try:
        _load(*blobs, n_features=order["n_features"])
    except BundleRefused as error:
        verdict = {"file": error.field, "reason": error.reason}
    except MemoryError:
        verdict = {"file": "model.txt", "reason": "loading it takes more memory than it may"}
    except BaseException as error:  # noqa: BLE001 - whatever a reader panics with is a refusal
        verdict = {"file": "model.txt", "reason": f"loading it failed: {error!r}"[:500]}
    with answer:
        answer.write(json.dumps(verdict) + "\n")


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_OUTPUT_BYTES, _MOST_OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _load(model: bytes, calibration: bytes, golden: bytes, *, n_features: int) -> None:
    # LightGBM imports these if it finds them, which takes seconds, and predicts without them
    sys.modules.update(dict.fromkeys(_NOT_FOR_PREDICTION))  # type: ignore[arg-type]  # None means absent
    from models.calibration import read_calibration  # noqa: PLC0415 - after the limits
    from models.golden import GOLDEN, check_golden  # noqa: PLC0415 - after the limits
    from models.risk import load_booster  # noqa: PLC0415 - after the limits

    booster = load_booster(model)
    try:
        check_golden(golden, booster, read_calibration(calibration), n_features)
    except BundleRefused:
        raise
    except Exception as error:
        raise BundleRefused(GOLDEN, f"it cannot be read as golden rows: {error!r}"[:500]) from error


if __name__ == "__main__":
    main()
