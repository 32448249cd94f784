import sys
from pathlib import Path

import numpy as np
import pytest

from training.dataset import labelled
from training.fit import Fitted, fit_model
from training.plots import (
    ReportNotInstalled,
    capture_curve,
    importance_by_group,
    precision_recall,
    reliability,
    write_plots,
)
from training.tables import read_tables

RISK = np.array([0.9, 0.6, 0.3, 0.1])
Y = np.array([1, 0, 1, 0], dtype=np.int8)


@pytest.fixture(scope="module")
def fitted(data_folder: Path) -> Fitted:
    return fit_model(labelled(read_tables(data_folder)), seed=1, n_threads=1)


def test_four_plots_are_drawn(fitted: Fitted, tmp_path: Path) -> None:
    pytest.importorskip("altair", reason="the extra report is not installed")
    written = write_plots(fitted, tmp_path / "plots")
    assert [path.stem for path in written] == [
        "precision_recall",
        "capture",
        "calibration",
        "importance",
    ]
    assert all(path.read_text().startswith("<svg") for path in written)


def test_without_the_extra_nothing_is_written_and_the_message_says_what_to_install(
    fitted: Fitted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(ReportNotInstalled, match=r"weir\[report\]"):
        write_plots(fitted, tmp_path / "plots")
    assert not (tmp_path / "plots").exists()


def test_gains_of_all_groups_add_up_to_one(fitted: Fitted) -> None:
    rows = importance_by_group(fitted.booster)
    assert sum(float(row["gain_share"]) for row in rows) == pytest.approx(1)
    assert {row["group"] for row in rows} == {"item", "filing", "history", "link", "signal"}


def test_curves_pass_through_what_can_be_counted_by_hand() -> None:
    captured = {
        (row["ranking"], round(float(row["capacity"]), 2)): row["captured"]
        for row in capture_curve(RISK, Y, np.ones(4))
    }
    assert captured["model", 1.0] == captured["random", 1.0] == 1.0
    assert captured["model", 0.0] == 0.0
    assert captured["model", 0.08] == pytest.approx(0.16)
    assert {"recall": 0.5, "precision": 1.0} in precision_recall(RISK, Y, np.ones(4))


def test_bins_of_equal_weight_hold_the_means() -> None:
    rows = reliability(np.linspace(0.01, 0.99, 100), np.ones(100, dtype=np.int8), np.ones(100))
    assert len(rows) == 10
    assert rows[0]["expected"] == pytest.approx(np.linspace(0.01, 0.99, 100)[:10].mean())
    assert {row["observed"] for row in rows} == {1.0}
