"""An audit hook stays for good, so each test gives it a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCORING = """
from features.matrix import matrix_from_items
from tests.fakes import MemoryHistory, shipment, vehicle
from models.bundle import load_bundle, verify_bundle
from models.registry import SHIPPED
from models.signing import trusted_keys
model = load_bundle(verify_bundle(SHIPPED, trusted_keys()), warm=True)
for items in ([vehicle()], [vehicle(), shipment(), *(vehicle(item_id=str(n)) for n in range(40))]):
    matrix = matrix_from_items(items, [0] * len(items), MemoryHistory([], []))
    assert (model.risk(matrix.X) > 0).all()
    assert model.contributions(matrix.X).shape == (len(items), 253)
"""
ARM = "from service.hardening import refuse_pickles; refuse_pickles()\n"


def _run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    "reading",
    [
        "import pickle; pickle.loads(b'cos\\nsystem\\n(S\"true\"\\ntR.')",
        "import pickle; pickle._loads(b'cos\\nsystem\\n(S\"true\"\\ntR.')",
        "import io, joblib; f = io.BytesIO(); joblib.dump(range(3), f); f.seek(0); joblib.load(f)",
        "import numpy as n; n.save('x', n.array([set]), True); n.load('x.npy', allow_pickle=True)",
        "import copyreg, pickle; pickle.loads(pickle.dumps(print))",
    ],
)
def test_a_hardened_process_refuses_pickles_of_classes_and_functions(
    reading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run(reading).returncode == 0
    done = _run(ARM + reading)
    assert done.returncode == 1
    assert "UnpicklingRefused: a pickle asked for " in done.stderr


def test_a_hardened_process_makes_and_reads_the_machine_code_of_kernels(
    tmp_path: Path,
) -> None:
    for _ in ("makes it", "reads it"):
        done = _run(ARM + SCORING, NUMBA_CACHE_DIR=str(tmp_path))
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "starting",
    [
        "from service.cli import app; app(['serve', '--port', '0'])",
        "import service.app as m; m.app",
    ],
)
def test_a_server_is_hardened_before_it_answers(starting: str, tmp_path: Path) -> None:
    watched = "import service.hardening as h, sys\nh.refuse_pickles = lambda: sys.exit(3)\n"
    done = _run(watched + starting, WEIR_SECRET="a" * 40, WEIR_STATE_DIR=str(tmp_path / "state"))
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
