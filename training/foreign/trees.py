"""Boosting on X, and several boosters averaged into one."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

MOST_ROUNDS = 1_500
PATIENCE_ROUNDS = 60

PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "max_depth": 8,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 255,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def boost(  # noqa: PLR0913 - a fit has many knobs, all named
    X: Matrix,
    y: Numbers,
    settings: dict[str, Any],
    *,
    names: Sequence[str],
    stop: tuple[Matrix, Numbers] | None = None,
    rounds: int = MOST_ROUNDS,
) -> Any:  # noqa: ANN401 - lightgbm ships no types
    """Boost trees.

    Parameters
    ----------
    X : array of float32, shape (n, f)
        Rows.
    y : array of float, shape (n,)
        1 for a find.
    settings : dict
        What differs from `PARAMETERS`.
    names : sequence of str
        Columns of X.
    stop : tuple of array, optional
        Later rows and labels whose log loss decides how many trees to keep.
    rounds : int
        Most trees.

    Returns
    -------
    lightgbm.Booster
        The trees; `best_iteration` says how many are to be used.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

    parameters = PARAMETERS | settings
    known = lightgbm.Dataset(X, label=y, feature_name=list(names), params=parameters)
    if stop is None:
        return lightgbm.train(parameters, known, num_boost_round=rounds)
    later = lightgbm.Dataset(stop[0], label=stop[1], reference=known, params=parameters)
    patience = lightgbm.early_stopping(PATIENCE_ROUNDS, verbose=False)
    return lightgbm.train(
        parameters, known, num_boost_round=rounds, valid_sets=[later], callbacks=[patience]
    )


def averaged(texts: Sequence[str]) -> str:
    """Average several boosters into one: all their trees, each leaf divided by how many they are.

    Parameters
    ----------
    texts : sequence of str
        `Booster.model_to_string()` of each; same columns.

    Returns
    -------
    str
        A model whose raw score is the mean of theirs.
    """
    blocks = [block for text in texts for block in _blocks(text)]
    share = 1 / len(texts)
    trees = []
    for number, block in enumerate(blocks):
        named = re.sub(r"^Tree=\d+", f"Tree={number}", block)
        trees.append(
            re.sub(
                r"^(leaf_value|internal_value)=(.*)$",
                lambda found: f"{found[1]}={_times(found[2], share)}",
                named,
                flags=re.MULTILINE,
            )
        )
    header = texts[0][: texts[0].index("\nTree=0\n") + 1]
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    header = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", header, flags=re.MULTILINE)
    return f"{header}{''.join(trees)}end of trees\n"


def _blocks(text: str) -> list[str]:
    body = text[text.index("\nTree=0\n") + 1 : text.index("end of trees")]
    return re.split(r"(?=^Tree=\d+$)", body, flags=re.MULTILINE)[1:]


def _times(values: str, share: float) -> str:
    return " ".join(repr(float(value) * share) for value in values.split(" ")) if values else ""
