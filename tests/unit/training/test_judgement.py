from datetime import UTC, datetime

import numpy as np
import pytest

from models.errors import InvalidTargets
from models.targets import Bound, Measured, Targets
from training.judgement import COUNTS, EXACT, RESAMPLED, measure, require_known, resampled_interval
from training.metrics import figures


def _targets(*names: str) -> Targets:
    return Targets(
        sha256="0" * 64,
        stored_at=datetime(2026, 1, 1, tzinfo=UTC),
        figures=dict.fromkeys(names, Bound(at_least=0.1)),
    )


def _window(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    risk = generator.beta(1, 9, n)
    y = (generator.random(n) < risk).astype(np.int8)
    return risk, y, generator.uniform(1, 20, n)


def test_every_figure_that_can_be_asked_for_is_the_one_that_evaluations_state() -> None:
    risk, y, weight = _window(2_000)
    stated = figures(risk, y, weight)
    for name, figure in RESAMPLED.items():
        assert figure(risk, y, weight) == pytest.approx(stated[name], abs=1e-12), name
    assert stated.keys() >= COUNTS | EXACT


def test_every_figure_comes_with_an_interval_around_it() -> None:
    risk, y, weight = _window(2_000)
    targets = _targets(*sorted(RESAMPLED.keys() - {"ece"}), *sorted(EXACT))
    measured = measure(targets, figures(risk, y, weight), risk=risk, y=y, weight=weight, seed=1)
    for name, (figure, low, high) in measured.items():
        assert figure is not None, name
        assert low is not None, name
        assert high is not None, name
        assert low <= figure <= high, name


def test_items_without_a_weight_say_nothing() -> None:
    risk, y, weight = _window(2_000)
    weight[1_000:] = 0
    targets = _targets("auc", "n_finds")
    whole, part = (
        measure(
            targets,
            figures(risk[:n], y[:n], weight[:n]),
            risk=risk[:n],
            y=y[:n],
            weight=weight[:n],
            seed=1,
        )
        for n in (2_000, 1_000)
    )
    assert whole == part


def test_too_few_finds_give_no_figure_but_their_count() -> None:
    risk, _, weight = _window(100)
    y = np.zeros(100, np.int8)
    y[:4] = 1
    measured = measure(
        _targets("auc", "n_finds", "hit_rate_at_5"),
        figures(risk, y, weight),
        risk=risk,
        y=y,
        weight=weight,
        seed=1,
    )
    assert measured == {
        "auc": Measured(None, None, None),
        "n_finds": Measured(4, None, None),
        "hit_rate_at_5": Measured(None, None, None),
    }


def test_a_target_for_no_figure_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidTargets, match="accuracy is no figure; choose from auc"):
        require_known(_targets("auc", "accuracy"))


@pytest.mark.slow
def test_intervals_hold_the_true_value_about_as_often_as_they_say() -> None:
    big = RESAMPLED["auc"](*_window(400_000, seed=0))
    held = 0
    for seed in range(1, 101):
        low, high = resampled_interval(RESAMPLED["auc"], *_window(800, seed), seed=seed)
        held += low <= big <= high
    assert held >= 88
