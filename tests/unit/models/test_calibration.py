import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from models.calibration import (
    FEWEST_FINDS_FOR_ISOTONIC,
    RAREST_RISK,
    Calibration,
    fit_calibration,
    read_calibration,
)
from models.errors import BundleRefused, CalibrationFailed

finite = st.floats(-1e6, 1e6)


@st.composite
def calibrations(draw: st.DrawFn) -> Calibration:
    scores = sorted(draw(st.sets(finite, min_size=1, max_size=6)))
    log_odds = sorted(draw(st.lists(finite, min_size=len(scores), max_size=len(scores))))
    slope = draw(st.floats(1e-6, 1e3))
    return Calibration(kind="isotonic", scores=tuple(scores), log_odds=tuple(log_odds), slope=slope)


def sample(
    n: int, seed: int, slope: float = 1.0, base: float = -2.0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    score = generator.normal(0, 1.5, n)
    risk = 1 / (1 + np.exp(-(base + slope * score)))
    return score, (generator.random(n) < risk).astype(np.int64)


@given(calibrations(), st.lists(finite, min_size=2, max_size=20))
def test_a_higher_score_never_has_a_lower_risk(
    calibration: Calibration, scores: list[float]
) -> None:
    risk = calibration.apply(np.sort(np.array(scores)))
    # one unit in the last place of the interpolation may be lost
    assert (np.diff(risk) >= -1e-12).all()


@given(calibrations(), st.floats(allow_nan=False, allow_infinity=False))
def test_a_risk_is_never_zero_or_one(calibration: Calibration, score: float) -> None:
    risk = calibration.apply(np.array([score]))
    assert RAREST_RISK * 0.99 <= risk[0] <= 1 - RAREST_RISK * 0.99


@given(calibrations())
def test_it_is_read_back_exactly(calibration: Calibration) -> None:
    assert read_calibration(calibration.to_json()) == calibration


def test_a_missing_score_has_no_risk(calibration: Calibration) -> None:
    assert np.isnan(calibration.apply(np.array([np.nan]))).all()


def test_knots_are_hit_and_joined_in_log_odds() -> None:
    two = Calibration(kind="isotonic", scores=(0.0, 2.0), log_odds=(-1.0, 1.0), slope=3.0)
    risk = two.apply(np.array([-1.0, 0.0, 1.0, 2.0, 3.0]))
    assert np.log(risk / (1 - risk)) == pytest.approx([-4.0, -1.0, 0.0, 1.0, 4.0])


@pytest.mark.parametrize(
    "change",
    [
        {"scores": (1.0, 0.0)},
        {"scores": (1.0, 1.0)},
        {"log_odds": (1.0, 0.0)},
        {"log_odds": (1.0,)},
        {"scores": (0.0, float("inf"))},
        {"slope": 0.0},
        {"slope": float("nan")},
        {"kind": "spline"},
    ],
    ids=str,
)
def test_what_is_not_monotone_and_finite_is_refused(change: dict[str, object]) -> None:
    good = {"kind": "isotonic", "scores": (0.0, 1.0), "log_odds": (0.0, 1.0), "slope": 1.0}
    Calibration.model_validate(good)
    with pytest.raises(ValidationError):
        Calibration.model_validate(good | change)


@pytest.mark.parametrize("data", [b"{}\n", b"", b"[]\n", b"null\n", b'{\n  "slope": "1"\n}\n'])
def test_a_damaged_file_is_refused(data: bytes) -> None:
    with pytest.raises(BundleRefused, match=r"calibration\.json"):
        read_calibration(data)


def test_few_finds_give_the_sigmoid_that_made_them() -> None:
    score, y = sample(1_500, seed=3, base=-4.0)
    assert 20 < y.sum() < FEWEST_FINDS_FOR_ISOTONIC
    fitted = fit_calibration(score, y)
    assert fitted.kind == "sigmoid"
    assert fitted.slope == pytest.approx(1.0, abs=0.3)
    assert fitted.apply(np.zeros(1))[0] == pytest.approx(1 / (1 + np.exp(4)), rel=0.4)


def test_many_finds_bend_to_what_a_sigmoid_cannot_say() -> None:
    generator = np.random.default_rng(5)
    score = generator.uniform(-3, 3, 20_000)
    truth = np.where(score > 0, 0.4, 0.02)
    fitted = fit_calibration(score, (generator.random(20_000) < truth).astype(np.int64))
    assert fitted.kind == "isotonic"
    inside = fitted.apply(np.array([-2.0, -1.0, 1.0, 2.0]))
    assert inside == pytest.approx([0.02, 0.02, 0.4, 0.4], abs=0.05)


@pytest.mark.parametrize("n", [800, 8_000])
def test_the_mean_risk_is_the_find_rate(n: int) -> None:
    score, y = sample(n, seed=n)
    assert fit_calibration(score, y).apply(score).mean() == pytest.approx(y.mean(), rel=0.05)


def test_different_scores_keep_different_risks_beyond_the_last_knot() -> None:
    score, y = sample(8_000, seed=1)
    risk = fit_calibration(score, y).apply(np.array([score.max() + 1, score.max() + 2]))
    assert risk[0] < risk[1]


def test_weights_undo_a_biased_choice_of_items() -> None:
    score, y = sample(40_000, seed=2)
    generator = np.random.default_rng(2)
    propensity = np.where(score > 0.5, 0.9, 0.1)
    seen = generator.random(len(score)) < propensity
    # finds are seen more often still, which only the weights know
    propensity = np.where(y == 1, propensity, propensity / 3)
    seen &= (y == 1) | (generator.random(len(score)) < 1 / 3)
    weighted = fit_calibration(score[seen], y[seen], 1 / propensity[seen])
    plain = fit_calibration(score[seen], y[seen])
    assert weighted.apply(score).mean() == pytest.approx(y.mean(), rel=0.06)
    assert plain.apply(score).mean() > 1.5 * y.mean()


def test_the_scale_of_weights_means_nothing() -> None:
    score, y = sample(5_000, seed=4)
    weight = np.random.default_rng(4).uniform(1, 9, len(y))
    one, thousand = fit_calibration(score, y, weight), fit_calibration(score, y, 1_000 * weight)
    assert one.apply(score) == pytest.approx(thousand.apply(score), rel=1e-6)


def test_items_of_no_weight_mean_nothing() -> None:
    score, y = sample(5_000, seed=6)
    added = np.concatenate([score, np.full(50, 99.0)]), np.concatenate([y, np.zeros(50, int)])
    weight = np.concatenate([np.ones(5_000), np.zeros(50)])
    assert fit_calibration(*added, weight) == fit_calibration(score, y)


def test_scores_that_say_the_contrary_give_nearly_one_risk() -> None:
    score, y = sample(2_000, seed=7)
    fitted = fit_calibration(-score[:400], y[:400])
    assert fitted.kind == "sigmoid"
    risk = fitted.apply(score)
    assert risk.min() == pytest.approx(risk.max(), rel=0.05)
    assert risk.mean() == pytest.approx(y[:400].mean(), rel=0.1)


def test_a_single_find_that_a_score_tells_apart_is_not_believed_for_certain() -> None:
    score = np.concatenate([np.zeros(99), [5.0]])
    fitted = fit_calibration(score, (score > 1).astype(np.int64))
    assert 0.01 < fitted.apply(np.array([5.0]))[0] < 0.9


def test_one_score_for_all_gives_the_find_rate() -> None:
    y = np.repeat([0, 1], [900, 300])
    risk = fit_calibration(np.full(1_200, -1.5), y).apply(np.array([-1.5]))
    assert risk[0] == pytest.approx(0.25, rel=0.02)


@pytest.mark.parametrize(
    ("score", "y", "weight", "why"),
    [
        ([0.0, 1.0], [1], [1.0, 1.0], "equally long"),
        ([0.0, np.nan], [0, 1], [1.0, 1.0], "score is not finite"),
        ([0.0, 1.0], [0, 1], [1.0, -1.0], "weight is negative"),
        ([0.0, 1.0], [0, 1], [1.0, np.inf], "weight is negative or not finite"),
        ([0.0, 1.0], [1, 1], [1.0, 1.0], "one find and one clear"),
        ([0.0, 1.0], [0, 0], [1.0, 1.0], "at least one find"),
        ([0.0, 1.0], [0, 1], [1.0, 0.0], "longer window"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_with_the_reason(
    score: list[float], y: list[int], weight: list[float], why: str
) -> None:
    with pytest.raises(CalibrationFailed, match=why):
        fit_calibration(np.array(score), np.array(y), np.array(weight))


@pytest.mark.slow
@pytest.mark.parametrize("n", [3_000, 30_000])
def test_bending_costs_little_where_a_sigmoid_is_the_truth(n: int) -> None:
    later, _ = sample(100_000, seed=99)
    truth = 1 / (1 + np.exp(-(-2 + later)))

    def loss(risk: NDArray[np.float64]) -> float:
        return float(-(truth * np.log(risk) + (1 - truth) * np.log(1 - risk)).mean())

    excess = [
        loss(fit_calibration(*sample(n, seed)).apply(later)) - loss(truth) for seed in range(20)
    ]
    # isotonic regression learns at the rate n^(-2/3), a sigmoid at 1/n
    assert 0 <= np.median(excess) < 0.8 * n ** (-2 / 3)
