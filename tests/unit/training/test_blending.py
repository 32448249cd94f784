from typing import Any

import lightgbm
import numpy as np
import pytest

from models.structure import bare_model, check_model
from training.blending import blend
from training.learner import raw_scores

NAMES = [f"f{column}" for column in range(4)]


def _booster(seed: int, n_rounds: int = 12) -> Any:  # noqa: ANN401 - lightgbm ships no types
    random = np.random.default_rng(seed)
    X = random.normal(size=(400, 4)).astype(np.float32)
    X[:, 3] = np.nan if seed == 0 else X[:, 3]
    X[::7, 1] = np.nan
    y = (X[:, 0] + random.normal(size=400) > 1).astype(np.int8)
    parameters = {"objective": "binary", "num_leaves": 5, "verbosity": -1, "num_threads": 1}
    data = lightgbm.Dataset(X, label=y, feature_name=NAMES, params=parameters)
    return lightgbm.train(parameters, data, n_rounds)


def _rows() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    X = np.random.default_rng(9).normal(size=(300, 4)).astype(np.float32)
    X[::5, 1] = np.nan
    return X


def test_a_blend_scores_the_weighted_mean_of_its_members() -> None:
    members, shares = [_booster(seed) for seed in range(3)], [0.5, 0.2, 0.3]
    mean = sum(
        share * raw_scores(each, _rows()) for share, each in zip(shares, members, strict=True)
    )
    np.testing.assert_allclose(raw_scores(blend(members, shares), _rows()), mean, atol=1e-12)


def test_a_blend_holds_all_trees_and_passes_the_validator_of_bundles() -> None:
    mixed = blend([_booster(0), _booster(1, 7)], [0.4, 0.6])
    shape = check_model(bare_model(mixed.model_to_string()), NAMES)
    assert shape.n_trees == mixed.num_trees() == 19


def test_a_column_keeps_the_widest_range_that_a_member_saw() -> None:
    header = blend([_booster(0), _booster(1)], [0.5, 0.5]).model_to_string()
    ranges = next(line for line in header.splitlines() if line.startswith("feature_infos="))
    assert "none" not in ranges


def test_one_booster_alone_stays_what_it_is() -> None:
    alone = _booster(1)
    np.testing.assert_array_equal(
        raw_scores(blend([alone], [1.0]), _rows()), raw_scores(alone, _rows())
    )


def test_boosters_without_their_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="as many shares"):
        blend([_booster(0)], [0.5, 0.5])
