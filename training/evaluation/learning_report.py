"""What `weir-train bench learning` writes and prints."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from features.errors import WeirError
from training.card import CAUTION
from training.evaluation.learning import CAPACITIES, CURVE, KNOWN_SHARE, WorldOfLearning

COLUMNS = (
    "seed", "finds", "N at 1 %", "N at 2 %", "rules' N at 1 %", "lift at 1 %",
    "observed / expected (95 %)", "slope (95 %)", "permuted AUC",
)  # fmt: skip
"""Heads of the table."""

_KEYS = tuple(f"{share:g}" for share in CAPACITIES)


def parse_seeds(text: str) -> list[int]:
    """Read a list of seeds.

    Parameters
    ----------
    text : str
        Numbers and ranges, such as `1-3,7`.

    Returns
    -------
    list of int
        The seeds in order, each once.

    Raises
    ------
    WeirError
        If it is no such list.

    Examples
    --------
    >>> parse_seeds("1-3,7")
    [1, 2, 3, 7]
    """
    seeds: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise WeirError(f"seeds {text!r}: write numbers and ranges, 1-3,7", field="seeds")
        seeds |= dict.fromkeys(range(int(first), int(last or first) + 1))
    if not seeds:
        raise WeirError(f"seeds {text!r} holds none; a range goes up, 1-3", field="seeds")
    return list(seeds)


def write_learning(  # noqa: PLR0913 - what a file says, one thing each
    out: Path,
    measured: Sequence[WorldOfLearning],
    *,
    world: str,
    weeks: int,
    scale: float,
    left_out: Mapping[str, str],
) -> Path:
    """Write every figure as `learning.json`.

    Parameters
    ----------
    out : Path
        An existing folder.
    measured : sequence of WorldOfLearning
        The worlds that could be learned in.
    world : str
        Their name.
    weeks : int
        Weeks of each.
    scale : float
        Share of actors kept.
    left_out : mapping of str to str
        Seeds of the others, and why.

    Returns
    -------
    Path
        The file.
    """
    place = out / "learning.json"
    content = {
        "world": world,
        "weeks": weeks,
        "scale": scale,
        "known_share": KNOWN_SHARE,
        "caution": CAUTION,
        "median_and_worst": {key: summary(measured, key) for key in _KEYS},
        "worlds": [asdict(each) for each in measured],
        "left_out": dict(left_out),
    }
    place.write_text(json.dumps(_finite(content), indent=2) + "\n", encoding="utf-8")
    return place


def summary(measured: Sequence[WorldOfLearning], capacity: str) -> dict[str, float]:
    """Give the median and the worst normalised capture over worlds.

    Parameters
    ----------
    measured : sequence of WorldOfLearning
        Worlds; those without a ceiling are left out.
    capacity : str
        Key of the capacity, `0.01` or `0.02`.

    Returns
    -------
    dict of str to float
        `median` and `worst`; empty if no world has a ceiling.
    """
    values = [each.n_model[capacity] for each in measured if each.n_model]
    return {"median": median(values), "worst": min(values)} if values else {}


def table_rows(measured: Sequence[WorldOfLearning]) -> Iterator[tuple[str, ...]]:
    """Lay out a row for each world, then the median and the worst.

    Parameters
    ----------
    measured : sequence of WorldOfLearning
        One or more worlds.

    Yields
    ------
    tuple of str
        In the order of `COLUMNS`.
    """
    for each in measured:
        told = each.calibrated
        yield (
            str(each.seed),
            str(each.n_finds),
            *(_told(each.n_model, key) for key in _KEYS),
            _told(each.n_rules, _KEYS[0]),
            f"{each.lift:.2f}",
            f"{told.observed_over_expected:.2f} ({told.low:.2f} to {told.high:.2f})",
            f"{told.slope:.2f} ({told.slope_low:.2f} to {told.slope_high:.2f})",
            f"{each.permuted_auc:.3f}",
        )
    for name in ("median", "worst"):
        found = [summary(measured, key) for key in _KEYS]
        yield (name, "", *(_told(each, name) for each in found), *[""] * 5)


def curve_rows(measured: Sequence[WorldOfLearning]) -> Iterator[tuple[str, ...]]:
    """Lay out the curve of capture against finds, the median over the worlds that have so many.

    Parameters
    ----------
    measured : sequence of WorldOfLearning
        One or more worlds.

    Yields
    ------
    tuple of str
        Number of finds, and the normalised capture at each capacity.
    """
    for n_finds in CURVE:
        points = [each.curve[str(n_finds)] for each in measured if each.curve.get(str(n_finds))]
        if points:
            middle = [median(point[key] for point in points) for key in _KEYS]
            yield (str(n_finds), *(f"{value:.2f}" for value in middle))


def _told(figures: dict[str, float], key: str) -> str:
    return f"{figures[key]:.2f}" if key in figures else "-"


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Write what is not a number as null, which JSON has."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
