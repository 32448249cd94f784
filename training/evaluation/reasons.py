"""What exact reasons cost beside LightGBM's own, and whether they are the same."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.errors import BundleRefused
from models.risk import load_booster
from models.shapley.explainer import Explainer
from models.structure import bare_model, read_model

MISSING_SHARE = 0.15
N_COLUMNS = 252
"""As many as the catalogue has features, near enough."""

MOST_SHARE = 1 / 6
"""Largest share of the time of `pred_contrib` that meets the target."""
MOST_DIFFERENCE = 1e-9

_FIT_ROWS = 6_000

Progress = Callable[[int, int], None]
"""Told the rounds done and the rounds there are."""


class Shape(NamedTuple):
    """The size of a model.

    Parameters
    ----------
    n_trees, n_leaves, depth : int
        Trees, and the most leaves and the greatest depth of each.
    """

    n_trees: int = 200
    n_leaves: int = 31
    depth: int = 6


class Reasons(NamedTuple):
    """What reasons cost.

    Parameters
    ----------
    n_rows : int
        Rows explained in each round, with missing values among them.
    ours, theirs : float
        Rows a second, one thread each, median over rounds.
    share : float
        Our time over theirs, median over rounds that ran one beside the other.
    largest_difference : float
        Largest absolute difference of a contribution, log-odds.
    """

    n_rows: int
    ours: float
    theirs: float
    share: float
    largest_difference: float

    @property
    def met(self) -> bool:
        """Whether both targets are met."""
        return self.share <= MOST_SHARE and self.largest_difference <= MOST_DIFFERENCE


def draw_rows(n_rows: int, generator: np.random.Generator) -> npt.NDArray[np.float32]:
    """Draw rows with missing values and repeated values among them.

    Parameters
    ----------
    n_rows : int
        How many.
    generator : numpy.random.Generator
        Draws them.

    Returns
    -------
    array of float32, shape (n_rows, 252)
        Every third column holds small whole numbers, zeros among them; 15 percent are NaN.
    """
    X = generator.normal(size=(n_rows, N_COLUMNS)).astype(np.float32)
    X[:, ::3] = np.round(2 * X[:, ::3])
    X[generator.random(X.shape) < MISSING_SHARE] = np.nan
    return X


def fit_shape(shape: Shape, generator: np.random.Generator) -> str:
    """Fit trees of a given size on drawn rows.

    Parameters
    ----------
    shape : Shape
        Their size.
    generator : numpy.random.Generator
        Draws rows and labels.

    Returns
    -------
    str
        The model in LightGBM's text format.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

    X = draw_rows(_FIT_ROWS, generator)
    lean = np.nan_to_num(X) @ generator.normal(size=N_COLUMNS) / np.sqrt(N_COLUMNS)
    y = (lean + generator.normal(size=len(X)) > 0).astype(np.int64)
    parameters = {
        "objective": "binary",
        "num_leaves": shape.n_leaves,
        "max_depth": shape.depth,
        "min_data_in_leaf": 5,
        "num_threads": 1,
        "deterministic": True,
        "seed": 1,
        "verbosity": -1,
    }
    names = [f"f{column}" for column in range(N_COLUMNS)]
    data = lightgbm.Dataset(X, y, feature_name=names, params=parameters)
    booster = lightgbm.train(parameters, data, num_boost_round=shape.n_trees)
    return str(booster.model_to_string())


def compare_reasons(
    shape: Shape, *, n_rows: int, n_rounds: int, seed: int, progress: Progress
) -> Reasons:
    """Explain the same rows by our kernel and by `pred_contrib`, turn by turn.

    Parameters
    ----------
    shape : Shape
        Size of the model.
    n_rows : int
        Rows in a round.
    n_rounds : int
        How often each is asked.
    seed : int
        Decides model and rows.
    progress : callable
        Told of rounds.

    Returns
    -------
    Reasons
        Paces and differences.

    Raises
    ------
    BundleRefused
        If the trees are too big for our kernel.
    """
    generator = np.random.default_rng(seed)
    text = bare_model(fit_shape(shape, generator))
    explainer = Explainer.of(read_model(text, tuple(f"f{column}" for column in range(N_COLUMNS))))
    if explainer is None:
        raise BundleRefused("model.txt", "the trees are too big for exact reasons; bound the depth")
    booster, X = load_booster(text), draw_rows(n_rows, generator)
    explainer.contributions(X[:64])
    paces: list[tuple[float, float]] = []
    difference = 0.0
    for done in range(n_rounds):
        started = perf_counter()
        mine = explainer.contributions(X)
        between = perf_counter()
        expected = np.asarray(booster.predict(X, pred_contrib=True, num_threads=1))
        paces.append((between - started, perf_counter() - between))
        difference = max(difference, float(np.abs(mine - expected).max()))
        progress(done + 1, n_rounds)
    return Reasons(
        n_rows,
        n_rows / median(ours for ours, _ in paces),
        n_rows / median(lightgbm for _, lightgbm in paces),
        median(ours / lightgbm for ours, lightgbm in paces),
        difference,
    )
