import lightgbm
import numpy as np

from models.structure import bare_model, check_model
from training.foreign.trees import averaged, boost


def test_the_average_of_boosters_is_one_model_whose_score_is_their_mean() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(400, 3)).astype(np.float32)
    X[rng.random(X.shape) < 0.1] = np.nan
    y = (np.nan_to_num(X[:, 0]) + rng.normal(size=400) > 0).astype(np.float64)
    names = ["a", "b", "c"]
    boosters = [boost(X, y, {"seed": seed}, names=names, rounds=7) for seed in range(3)]
    text = averaged([booster.model_to_string() for booster in boosters])
    mean = np.mean([booster.predict(X, raw_score=True) for booster in boosters], axis=0)
    one = lightgbm.Booster(model_str=text)
    np.testing.assert_allclose(np.asarray(one.predict(X, raw_score=True)), mean, atol=1e-12)
    assert check_model(bare_model(text), names).n_trees == 21


def test_boosting_stops_where_later_rows_say_so() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 2)).astype(np.float32)
    y = rng.integers(0, 2, 300).astype(np.float64)
    booster = boost(X[:200], y[:200], {}, names=["a", "b"], stop=(X[200:], y[200:]))
    assert booster.best_iteration < 60
