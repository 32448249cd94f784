"""Plots of a fit: precision and recall, capture against capacity, calibration, importance."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from features.catalogue import FEATURES
from features.errors import WeirError
from training.fit import Fitted
from training.metrics import capture

N_BINS = 10
_CAPACITIES = np.concatenate([np.linspace(0.0, 0.1, 21), np.linspace(0.12, 1.0, 23)])

Numbers = npt.NDArray[np.float64]
Rows = list[dict[str, float | str]]


class ReportNotInstalled(WeirError):  # noqa: N818 - named after what happened
    """The packages that draw plots are not installed."""


def write_plots(fitted: Fitted, folder: Path) -> list[Path]:
    """Draw the plots of a fit on its test window as SVG files.

    Parameters
    ----------
    fitted : Fitted
        The fit.
    folder : Path
        Where the files go; made if absent.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ReportNotInstalled
        If the extra `report` is not installed; nothing is written.
    """
    try:
        import altair as alt  # noqa: PLC0415 - an extra
        import vl_convert  # noqa: F401, PLC0415 - as above
    except ImportError as error:
        raise ReportNotInstalled(
            "plots need altair and vl-convert: install the extra, pip install 'weir[report]'",
            field="report",
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, plot in _plots(fitted).items():
        chart = _chart(alt, *plot)
        path = folder / f"{name}.svg"
        chart.properties(width=420, height=300).save(str(path))
        written.append(path)
    return written


def _chart(alt: Any, title: str, rows: Rows, mark: str, x: str, y: str) -> Any:  # noqa: ANN401, PLR0913, PLR0917 - altair has no types; one parameter per part
    chart = getattr(alt.Chart(alt.Data(values=rows), title=title), f"mark_{mark}")()
    colour = {"color": "ranking:N"} if "ranking" in rows[0] else {}
    return chart.encode(x=x, y=y, **colour)


def _plots(fitted: Fitted) -> Mapping[str, tuple[str, Rows, str, str, str]]:
    test = fitted.split.test
    counts = test.weight > 0
    risk, y, weight = fitted.test_risk[counts], test.y[counts], test.weight[counts]
    return {
        "precision_recall": (
            "Precision and recall, test window", precision_recall(risk, y, weight), "line",
            "recall:Q", "precision:Q",
        ),
        "capture": (
            "Finds captured against capacity", capture_curve(risk, y, weight), "line",
            "capacity:Q", "captured:Q",
        ),
        "calibration": (
            "Observed against expected, tenths by rank of risk", reliability(risk, y, weight),
            "point", "expected:Q", "observed:Q",
        ),
        "importance": (
            "Gain of the trees by group of features", importance_by_group(fitted.booster), "bar",
            "gain_share:Q", "group:N",
        ),
    }  # fmt: skip


def precision_recall(risk: Numbers, y: npt.NDArray[np.int8], weight: Numbers) -> Rows:
    """Give precision at every recall.

    Parameters
    ----------
    risk, y, weight : array, shape (n,)
        Risks, finds, and how many items each stands for.

    Returns
    -------
    list of dict
        `recall` and `precision`, 0 to 1, by falling risk.
    """
    from sklearn.metrics import precision_recall_curve  # noqa: PLC0415 - costs a second

    precision, recall, _ = precision_recall_curve(y, risk, sample_weight=weight)
    return _rows(recall=recall, precision=precision)


def capture_curve(risk: Numbers, y: npt.NDArray[np.int8], weight: Numbers) -> Rows:
    """Give the share of finds captured at rising capacity, beside a random order.

    Parameters
    ----------
    risk, y, weight : array, shape (n,)
        As for `precision_recall`.

    Returns
    -------
    list of dict
        `capacity` and `captured`, 0 to 1, and `ranking`.
    """
    captured = np.array([capture(risk, y, weight, float(share)) for share in _CAPACITIES])
    model = _rows(capacity=_CAPACITIES, captured=captured)
    chance = _rows(capacity=_CAPACITIES, captured=_CAPACITIES)
    return [row | {"ranking": "model"} for row in model] + [
        row | {"ranking": "random"} for row in chance
    ]


def reliability(risk: Numbers, y: npt.NDArray[np.int8], weight: Numbers) -> Rows:
    """Give mean risk and share of finds in bins of equal weight.

    Parameters
    ----------
    risk, y, weight : array, shape (n,)
        As for `precision_recall`.

    Returns
    -------
    list of dict
        `expected` and `observed`, 0 to 1, by rising risk.
    """
    order = np.argsort(risk, kind="stable")
    reached = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    places = np.minimum((reached * N_BINS).astype(np.int64), N_BINS - 1)
    bins = [order[places == number] for number in range(N_BINS)]
    kept = [rows for rows in bins if len(rows)]
    return _rows(
        expected=[np.average(risk[rows], weights=weight[rows]) for rows in kept],
        observed=[np.average(y[rows], weights=weight[rows]) for rows in kept],
    )


def importance_by_group(booster: Any) -> Rows:  # noqa: ANN401 - lightgbm ships no types
    """Add up the gain of all splits by group of features.

    Parameters
    ----------
    booster : lightgbm.Booster
        Trees on the columns of the catalogue.

    Returns
    -------
    list of dict
        `group` and `gain_share`, which add up to 1, the largest first.
    """
    gains = np.asarray(booster.feature_importance("gain"), np.float64)
    groups = np.array([feature.group for feature in FEATURES])
    total = max(float(gains.sum()), 1e-12)
    shares = {str(group): float(gains[groups == group].sum()) / total for group in set(groups)}
    return [
        {"group": group, "gain_share": share}
        for group, share in sorted(shares.items(), key=lambda pair: -pair[1])
    ]


def _rows(**columns: Iterable[float]) -> Rows:
    return [
        dict(zip(columns, (float(value) for value in values), strict=True))
        for values in zip(*columns.values(), strict=True)
    ]
