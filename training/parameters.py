"""The parameters of the trees, and files of them."""

import json
from pathlib import Path
from typing import Any

from features.errors import InvalidTable

PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 15,
    "max_depth": 5,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
"""Depth and leaves are bounded because exact Shapley values cost leaves x depth squared; a path
of at most six splits asks at most six features."""

RANGES: dict[str, tuple[float, float]] = {
    "learning_rate": (0.03, 0.2),
    "num_leaves": (4, 31),
    "max_depth": (2, 6),
    "min_data_in_leaf": (5, 400),
    "feature_fraction": (0.05, 1.0),
    "bagging_fraction": (0.4, 1.0),
    "lambda_l2": (0.01, 100.0),
    "max_bin": (15, 255),
}
"""What may be tuned, between which values."""


def read_parameters(path: Path | None) -> dict[str, Any]:
    """Read parameters that differ from the default ones.

    Parameters
    ----------
    path : Path or None
        A JSON object with keys of `RANGES`; the default parameters if None.

    Returns
    -------
    dict of str to value
        All of LightGBM's parameters.

    Raises
    ------
    InvalidTable
        If the file is not there, is no such object, or a value lies outside its range; the
        error names it.
    """
    if path is None:
        return PARAMETERS
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidTable(f"{path} cannot be read as JSON: {error}", field=str(path)) from error
    if not isinstance(given, dict):
        raise InvalidTable(f"{path} must hold one JSON object", field=str(path))
    return PARAMETERS | {name: _checked(path, name, value) for name, value in given.items()}


def _checked(path: Path, name: str, value: object) -> float:
    if name not in RANGES:
        raise InvalidTable(
            f"{path}: {name!r} is none of {', '.join(RANGES)}", field=f"{path.name}: {name}"
        )
    low, high = RANGES[name]
    whole = isinstance(PARAMETERS[name], int)
    right = isinstance(value, int) if whole else isinstance(value, int | float)
    if isinstance(value, bool) or not right or not low <= float(value) <= high:  # type: ignore[arg-type]
        kind = "a whole number" if whole else "a number"
        raise InvalidTable(
            f"{path}: {name} is {value!r}; give {kind} from {low:g} to {high:g}",
            field=f"{path.name}: {name}",
        )
    return value  # type: ignore[return-value]
