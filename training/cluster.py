"""More data than one machine holds: the same trees by `lightgbm.dask`, scores by partition."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow.parquet as pq

from features.errors import WeirError
from models.bundle import VerifiedBundle
from models.tree_text import MODEL
from training.batch import matrix_files
from training.dataset import Dataset
from training.learner import MOST_ROUNDS, PATIENCE_ROUNDS, Recipe, label_weights

LOCAL_WORKERS = 2
"""Workers of a cluster on this machine, each with one thread."""


class ClusterUnavailable(WeirError):  # noqa: N818 - named after what happened
    """No cluster to fit on: packages that are not installed, or an address nobody answers at."""


@contextmanager
def cluster(address: str) -> Iterator[Any]:
    """Connect to a Dask cluster, or start one on this machine.

    Parameters
    ----------
    address : str
        A scheduler such as `tcp://host:8786`, or `local` for workers of our own.

    Yields
    ------
    distributed.Client
        The connection; what was started is stopped again.

    Raises
    ------
    ClusterUnavailable
        If the extra `cluster` is not installed, or nobody answers.
    """
    try:
        from distributed import Client, LocalCluster  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ClusterUnavailable(
            "a cluster needs dask: install the extra, pip install 'weir[cluster]'", field="cluster"
        ) from error
    if address == "local":
        with (
            LocalCluster(
                n_workers=LOCAL_WORKERS, threads_per_worker=1, dashboard_address=None,
                host="127.0.0.1",
            ) as own,
            Client(own) as client,
        ):  # fmt: skip
            yield client
        return
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise ClusterUnavailable(
            f"no scheduler answers at {address!r}; give tcp://host:port, or local", field="cluster"
        ) from error
    with client:
        yield client


@dataclass(frozen=True)
class OnCluster:
    """Grow trees on the workers of a cluster; see `training.learner.Machines`.

    Parameters
    ----------
    client : distributed.Client
        The cluster.
    """

    client: Any

    def grow(self, recipe: Recipe, fit: Dataset, n_rounds: int) -> Any:  # noqa: ANN401 - no types
        """Boost a given number of rounds.

        Rows are dealt out in as many parts as there are workers; which splits are found
        depends a little on how.

        Parameters
        ----------
        recipe : Recipe
            How.
        fit : Dataset
            Items to learn from.
        n_rounds : int
            How many trees.

        Returns
        -------
        lightgbm.Booster
            The trees.
        """
        import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

        parts = self._dealt(recipe, fit)
        settings = recipe.settings() | {"n_jobs": 1, "tree_learner": "data"}
        del settings["num_threads"]
        model = lightgbm.DaskLGBMClassifier(client=self.client, n_estimators=n_rounds, **settings)
        model.fit(
            parts["X"], parts["y"], sample_weight=parts["weight"],
            feature_name=list(recipe.feature_names),
        )  # fmt: skip
        return lightgbm.Booster(model_str=model.booster_.model_to_string())

    def grow_until(
        self, recipe: Recipe, fit: Dataset, stop: Dataset, *, most_rounds: int = MOST_ROUNDS
    ) -> Any:  # noqa: ANN401 - lightgbm ships no types
        """Boost, and keep the trees up to where a later window no longer gains.

        `lightgbm.dask` cannot stop early: all rounds are boosted, and the best is found
        afterwards with the same patience.

        Parameters
        ----------
        recipe : Recipe
            How.
        fit : Dataset
            Items to learn from.
        stop : Dataset
            Later items, whose log loss decides how many trees to keep.
        most_rounds : int
            The most trees.

        Returns
        -------
        lightgbm.Booster
            The trees up to the best round.
        """
        import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

        booster = self.grow(recipe, fit, most_rounds)
        weight = label_weights(stop, recipe.weighting)
        losses = [_log_loss(score, stop.y, weight) for score in _staged(booster, stop.X)]
        best = best_round(losses, PATIENCE_ROUNDS)
        return lightgbm.Booster(model_str=booster.model_to_string(num_iteration=best))

    def _dealt(self, recipe: Recipe, fit: Dataset) -> dict[str, Any]:
        from dask import array  # noqa: PLC0415 - an extra

        deal: Any = array.from_array
        n_rows = -(-len(fit.y) // max(1, len(self.client.scheduler_info()["workers"])))
        return {
            "X": deal(recipe.seen(fit.X), chunks=(n_rows, fit.X.shape[1])),
            "y": deal(fit.y.astype(np.int32), chunks=n_rows),
            "weight": deal(label_weights(fit, recipe.weighting), chunks=n_rows),
        }


def best_round(losses: Sequence[float], patience: int) -> int:
    """Find where early stopping would have stopped, and the best round before it.

    Parameters
    ----------
    losses : sequence of float
        Loss after each round.
    patience : int
        Rounds without a gain after which boosting would have stopped.

    Returns
    -------
    int
        The number of rounds to keep, 1 or more.

    Examples
    --------
    >>> best_round([0.9, 0.5, 0.7, 0.8, 0.1], patience=2)
    2
    """
    best = 0
    for number, loss in enumerate(losses):
        if loss < losses[best]:
            best = number
        elif number - best >= patience:
            break
    return best + 1


def score_partitions(
    client: Any,  # noqa: ANN401 - dask is an extra
    folder: Path,
    bundle: VerifiedBundle,
) -> pl.DataFrame:
    """Score a folder of matrices, each on whichever worker is free.

    Parameters
    ----------
    client : distributed.Client
        The cluster.
    folder : Path
        Parquet files as `weir-train matrix` writes them, which all workers can read: `item_id`
        and the columns of the model; others are left aside.
    bundle : VerifiedBundle
        The model.

    Returns
    -------
    polars.DataFrame
        `item_id, risk` in the order of the files' names and rows; risks are bit for bit those
        of `RiskModel.risk`.

    Raises
    ------
    InvalidTable
        If the folder holds no parquet file, or one of them lacks a column.
    """
    names = list(bundle.manifest.feature_names)
    files = matrix_files(folder, ["item_id", *names])
    score = partial(_raw_scores_of, text=bundle.contents[MODEL].decode(), names=names)
    futures = client.map(score, files, pure=False)
    item_ids = pl.concat([pl.read_parquet(file, columns=["item_id"]) for file in files])
    risk = bundle.calibration.apply(np.concatenate(client.gather(futures)))
    return item_ids.with_columns(risk=pl.Series(risk))


def _raw_scores_of(path: Path, text: str, names: list[str]) -> npt.NDArray[np.float64]:
    import lightgbm  # noqa: PLC0415 - runs on a worker

    table = pq.read_table(path, columns=names)
    X = np.column_stack([table[name].to_numpy().astype(np.float32) for name in names])
    booster = lightgbm.Booster(model_str=text)
    return np.asarray(booster.predict(X, raw_score=True, num_threads=1), np.float64)


def _staged(booster: Any, X: npt.NDArray[np.float32]) -> Iterator[npt.NDArray[np.float64]]:  # noqa: ANN401
    score = np.zeros(len(X))
    for number in range(booster.num_trees()):
        score = score + booster.predict(
            X, raw_score=True, start_iteration=number, num_iteration=1, num_threads=1
        )
        yield score


def _log_loss(
    score: npt.NDArray[np.float64], y: npt.NDArray[np.int8], weight: npt.NDArray[np.float64]
) -> float:
    return float(np.average(np.logaddexp(0.0, score) - y * score, weights=weight))
