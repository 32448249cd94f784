"""From a data folder to a signed bundle."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import JsonValue

from features.catalogue import FEATURE_NAMES, catalogue_hash
from features.records import DECISIONS, INSPECTIONS, ITEMS, TRUTH
from models.bundle import BundleParts, require_place, write_bundle
from models.golden import choose_golden
from models.manifest import Bands, Manifest, Statement, Window
from models.signing import SigningKey
from models.targets import Targets, state_verdicts
from training.card import model_card
from training.ceiling import fit_ceiling
from training.choosing import HERE
from training.dataset import Dataset, everything, labelled, moment
from training.fit import Fitted, fit_model
from training.judgement import measure, require_known
from training.learner import Machines, Progress, raw_scores
from training.parameters import PARAMETERS
from training.severity import expected_severity
from training.tables import read_table, read_tables

Labels = Literal["observed", "all"]

BAND_SHARES = {"very_high": 0.005, "high": 0.02, "medium": 0.10}
"""Share of all items that lies at or above the threshold of each band."""

GOLDEN_POOL = 1_000
_LIBRARIES = ("lightgbm", "numpy", "polars", "scikit-learn")


def weighted_quantile(
    values: npt.NDArray[np.float64], weight: npt.NDArray[np.float64], share: float
) -> float:
    """Find the value at or above which a share of the weight lies.

    Parameters
    ----------
    values, weight : array of float, shape (n,)
        Values and how much each counts.
    share : float
        Share from the top, 0 to 1.

    Returns
    -------
    float
        One of the values.

    Examples
    --------
    >>> weighted_quantile(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4), 0.5)
    3.0
    """
    order = np.argsort(-values, kind="stable")
    reached = np.cumsum(weight[order])
    position = int(np.searchsorted(reached, share * reached[-1]))
    return float(values[order][min(position, len(values) - 1)])


def _bands(fitted: Fitted) -> Bands:
    later = fitted.split.test
    risk = fitted.calibration.apply(raw_scores(fitted.booster, later.X))
    cuts = {
        band: weighted_quantile(risk, later.weight, share) for band, share in BAND_SHARES.items()
    }
    return Bands.model_validate(cuts)


def _data_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for table in (ITEMS, INSPECTIONS, DECISIONS):
        with (folder / f"{table.name}.parquet").open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _window(data: Sequence[int]) -> Window:
    return Window(from_at=moment(min(data)), until_at=moment(max(data) + 1))


@dataclass(frozen=True)
class Origin:
    """Where a model comes from.

    Parameters
    ----------
    data_hash : str
        Digest of the tables that were read.
    label_window : Window
        When the labels that were used had been recorded.
    labels : {"observed", "all"}
        Whether labels are what inspections found, or what every item carried.
    seed : int
        Seed of the fit.
    created_at : datetime
        When it was fitted, UTC.
    targets : Targets or None
        What it had to reach.
    """

    data_hash: str
    label_window: Window
    labels: Labels
    seed: int
    created_at: datetime
    targets: Targets | None


def _statement(fitted: Fitted, data: Dataset, origin: Origin) -> Statement:
    by_mode, overall = expected_severity(data)
    return Statement(
        created_at=origin.created_at,
        feature_names=FEATURE_NAMES,
        catalogue_hash=catalogue_hash(),
        data_hash=origin.data_hash,
        code_version=version("weir"),
        libraries={name: version(name) for name in _LIBRARIES},
        fit_window=Window(
            from_at=moment(int(fitted.split.fit.presented_at[0])),
            until_at=moment(int(fitted.split.test.presented_at[-1]) + 1),
        ),
        label_window=origin.label_window,
        labels=origin.labels,
        seed=origin.seed,
        metrics=fitted.model,
        bands=_bands(fitted),
        severity_by_mode=by_mode,
        severity_overall=overall,
        targets=origin.targets,
    )


def _verdicts(fitted: Fitted, targets: Targets, seed: int) -> JsonValue:
    test = fitted.split.test
    measured = measure(
        targets, fitted.model, risk=fitted.test_risk, y=test.y, weight=test.weight, seed=seed
    )
    return state_verdicts(targets, measured)


def _evaluation(fitted: Fitted, origin: Origin) -> dict[str, JsonValue]:
    windows: dict[str, JsonValue] = {
        name: {"n_inspected": len(rows.y), "n_finds": int(rows.y.sum())}
        for name, rows in vars(fitted.split).items()
    }
    test: dict[str, JsonValue] = {name: {**each} for name, each in fitted.figures().items()}
    stated: dict[str, JsonValue] = {"windows": windows, "chosen": {**fitted.chosen}, "test": test}
    if origin.targets is not None:
        stated["targets"] = _verdicts(fitted, origin.targets, origin.seed)
    return stated


def _parts(fitted: Fitted, data: Dataset, origin: Origin) -> BundleParts:
    statement, evaluation = _statement(fitted, data, origin), _evaluation(fitted, origin)
    return BundleParts(
        statement=statement,
        model_text=fitted.booster.model_to_string(),
        calibration=fitted.calibration,
        card=model_card(statement, evaluation),
        evaluation=evaluation,
        golden=choose_golden(fitted.booster, fitted.split.test.X[-GOLDEN_POOL:]),
    )


def fit_parts(  # noqa: PLR0913 - a fit has many knobs, all named
    folder: Path,
    *,
    created_at: datetime,
    targets: Targets | None = None,
    until: datetime | None = None,
    labels: Labels = "observed",
    parameters: Mapping[str, Any] = PARAMETERS,
    machines: Machines = HERE,
    seed: int = 1,
    n_threads: int = 0,
    progress: Progress | None = None,
) -> tuple[BundleParts, Fitted]:
    """Fit a data folder; nothing is written.

    Parameters
    ----------
    folder : Path
        The data folder.
    created_at : datetime
        The time to write into the manifest, UTC.
    targets : Targets, optional
        What the model must reach to be promoted; without them it cannot be.
    until : datetime, optional
        Learn only from what was presented and recorded before this moment.
    labels : {"observed", "all"}
        What inspections found, or what every item carried: the latter reads the simulator's
        truth and gives the ceiling, which is marked and cannot be promoted.
    parameters : mapping of str to value
        LightGBM's parameters; the ceiling has its own.
    machines : Machines
        Where trees are grown; the ceiling is grown on this machine.
    seed : int
        Seed of the fit.
    n_threads : int
        Fits at the same time; 0 for one on each core.
    progress : callable, optional
        Told of every fit.

    Returns
    -------
    parts : BundleParts
        What a bundle is written from.
    fitted : Fitted
        The model and its figures.

    Raises
    ------
    InvalidTable
        If a table is missing or wrong, or holds too little to learn from.
    InvalidTargets
        If a target is for a figure that no evaluation states.
    """
    if targets is not None:
        require_known(targets)
    tables = read_tables(folder)
    if until is not None:
        tables = tables.known_before(until)
    if labels == "all":
        data = everything(tables, read_table(folder, TRUTH), seed=seed)
        fitted = fit_ceiling(data, seed=seed, n_threads=n_threads, progress=progress)
    else:
        data = labelled(tables)
        fitted = fit_model(
            data,
            seed=seed,
            n_threads=n_threads,
            parameters=parameters,
            machines=machines,
            progress=progress,
        )
    recorded = _window(tables.inspections["recorded_at"].dt.epoch("us").to_list())
    origin = Origin(_data_hash(folder), recorded, labels, seed, created_at, targets)
    return _parts(fitted, data, origin), fitted


def fit_bundle(  # noqa: PLR0913 - a fit has many knobs, all named
    folder: Path,
    out: Path,
    key: SigningKey,
    *,
    created_at: datetime,
    targets: Targets | None = None,
    until: datetime | None = None,
    labels: Labels = "observed",
    seed: int = 1,
    n_threads: int = 0,
    progress: Progress | None = None,
) -> tuple[Manifest, Fitted]:
    """Fit a data folder and write the bundle.

    Parameters
    ----------
    folder : Path
        The data folder.
    out : Path
        Where the bundle goes; an earlier bundle there is replaced.
    key : SigningKey
        The fitter's key.
    created_at, targets, until, labels, seed, n_threads, progress : optional
        As for `fit_parts`.

    Returns
    -------
    manifest : Manifest
        The manifest that was written.
    fitted : Fitted
        The model and its figures.

    Raises
    ------
    InvalidTable
        If a table is missing or wrong, or holds too little to learn from.
    BundleRefused
        If `out` is something else than a bundle or cannot be written.
    """
    require_place(out)
    parts, fitted = fit_parts(
        folder,
        created_at=created_at,
        targets=targets,
        until=until,
        labels=labels,
        seed=seed,
        n_threads=n_threads,
        progress=progress,
    )
    return write_bundle(out, parts, key), fitted
