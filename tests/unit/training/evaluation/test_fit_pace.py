from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from training.cli import app
from training.evaluation import fit_pace
from training.evaluation.fit_pace import ChildFailed, Cost, FitPace, draw_labelled, measure_fit

GOOD = FitPace(
    1_000_000,
    2,
    fit=Cost(15.0, 15.0, 2_000, n_rounds=80),
    train=Cost(10.0, 10.0, 1_000, n_rounds=80),
)


def test_drawn_rows_are_ordered_known_and_found_in_as_often_as_stated() -> None:
    data = draw_labelled(4_000, seed=3)
    assert data.y.mean() == pytest.approx(fit_pace.FIND_SHARE, abs=0.001)
    assert (np.diff(data.presented_at) > 0).all()
    assert len(set(data.item_ids)) == len(data.X) == 4_000
    np.testing.assert_array_equal(data.X, draw_labelled(4_000, seed=3).X)
    assert not np.array_equal(data.X, draw_labelled(4_000, seed=4).X, equal_nan=True)


def test_a_longer_or_a_larger_fit_misses_the_target() -> None:
    assert GOOD.met
    assert not replace(GOOD, fit=replace(GOOD.fit, seconds=15.1)).met
    assert not replace(GOOD, fit=replace(GOOD.fit, peak_bytes=2_001)).met


def test_the_command_states_both_ways_and_ends_by_the_verdict() -> None:
    result = CliRunner().invoke(app, ["bench", "fit", "--rows", "2000", "--threads", "1"])
    assert isinstance(result.exception, SystemExit)
    missed = "MISSED" in result.output
    assert result.exit_code == missed
    lines = result.output.splitlines()
    fit, train = (next(line for line in lines if line.startswith(way)) for way in ("fit", "light"))
    assert fit.split(" trees of 2,000 rows")[0].split()[-1] == train.split(" trees")[0].split()[-1]
    assert any("times the memory" in line for line in lines)


def test_a_process_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(ChildFailed, match=r"100 rows could not be fitted: .*InvalidTable"):
        measure_fit(100, n_threads=1, seed=1, progress=lambda *_: None)
