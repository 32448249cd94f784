"""Targets: what a model must reach, put down before it is fitted, and whether it did."""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from features.fields import Time
from models.errors import BundleRefused, InvalidTargets

DEFAULT_TARGETS = Path(__file__).with_name("targets.toml")
"""The targets that come with Weir."""

_EVALUATION, _MANIFEST = "evaluation.json", "manifest.json"
_MOST_BYTES = 1 << 16

Number = Annotated[float, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bound(_Part):
    """What one figure must be.

    Parameters
    ----------
    at_least, at_most : float or None
        Its least and its most, in the figure's own unit; one of them must be given.
    """

    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least, at_most or both")
        if None not in {self.at_least, self.at_most} and not self.holds(self.at_least):
            raise ValueError("at_least must not be more than at_most")
        return self

    def holds(self, figure: float | None) -> bool:
        """Tell whether a figure is within the bound.

        Parameters
        ----------
        figure : float or None
            What was measured; None, where it could not be, is never within.

        Returns
        -------
        bool
            True if it is.

        Examples
        --------
        >>> Bound(at_least=0.6).holds(0.6), Bound(at_most=2).holds(3), Bound(at_most=2).holds(None)
        (True, False, False)
        """
        if figure is None:
            return False
        return (self.at_least is None or figure >= self.at_least) and (
            self.at_most is None or figure <= self.at_most
        )

    def __str__(self) -> str:
        sides = {"at least": self.at_least, "at most": self.at_most}
        return " and ".join(f"{word} {side:g}" for word, side in sides.items() if side is not None)


class Targets(_Part):
    """Targets as they stood before a fit.

    Parameters
    ----------
    sha256 : str
        Hash of the file that they were read from.
    stored_at : datetime
        When they were read, before the data were; UTC.
    figures : dict of str to Bound
        Figure to what it must be.
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    stored_at: Time
    figures: Annotated[dict[Name, Bound], Field(min_length=1)]


class Measured(NamedTuple):
    """A figure on the test window with its 95 % interval, each None where there is none to tell."""

    figure: float | None
    low: float | None
    high: float | None


class Verdict(NamedTuple):
    """A target and what became of it."""

    name: str
    bound: Bound
    measured: Measured
    met: bool


def read_targets(path: Path, stored_at: datetime) -> Targets:
    """Read a file of targets.

    Parameters
    ----------
    path : Path
        TOML: a table for each figure, with `at_least`, `at_most` or both.
    stored_at : datetime
        The time now, UTC.

    Returns
    -------
    Targets
        What it says, with its hash.

    Raises
    ------
    InvalidTargets
        If it cannot be read or says something else; names the figure.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
        figures = tomllib.loads(data.decode())
    except (OSError, ValueError) as failed:
        raise InvalidTargets(f"{path} cannot be read as targets: {failed}", field=str(path)) from (
            failed
        )
    stated = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "stored_at": stored_at,
        "figures": figures,
    }
    try:
        return Targets.model_validate(stated)
    except ValidationError as refused:
        first = refused.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "figures") or "targets"
        raise InvalidTargets(f"{path}: {where}: {first['msg']}", field=where) from refused


def state_verdicts(targets: Targets, measured: Mapping[str, Measured]) -> dict[str, JsonValue]:
    """Hold figures against targets, for `evaluation.json`.

    Parameters
    ----------
    targets : Targets
        What was asked for.
    measured : Mapping of str to Measured
        Every figure that is asked for.

    Returns
    -------
    dict of str to JSON value
        Figure to `figure`, `low`, `high` (its 95 % interval) and `met`.
    """
    return {
        name: {**measured[name]._asdict(), "met": bound.holds(measured[name].figure)}
        for name, bound in targets.figures.items()
    }


def read_verdicts(targets: Targets | None, evaluation: Mapping[str, JsonValue]) -> list[Verdict]:
    """Hold what an evaluation measured against the targets of its manifest, anew.

    Parameters
    ----------
    targets : Targets or None
        From the verified manifest.
    evaluation : Mapping of str to JSON value
        Content of `evaluation.json`.

    Returns
    -------
    list of Verdict
        One for each target, in order of name.

    Raises
    ------
    BundleRefused
        If there are no targets, or the evaluation does not speak of each, or speaks otherwise
        than its own figures.
    """
    if targets is None:
        raise BundleRefused(
            _MANIFEST, "no targets were stored before it was fitted; fit again with --targets"
        )
    stated, test = evaluation.get("targets"), evaluation.get("test")
    model = test.get("model") if isinstance(test, dict) else None
    if not isinstance(stated, dict) or not isinstance(model, dict):
        raise BundleRefused(_EVALUATION, "it does not say whether the targets were met; fit again")
    return [
        _verdict(name, bound, stated.get(name), model.get(name))
        for name, bound in sorted(targets.figures.items())
    ]


def _verdict(name: str, bound: Bound, stated: JsonValue, figure: JsonValue) -> Verdict:
    if not isinstance(stated, dict) or set(stated) != {*Measured._fields, "met"}:
        raise BundleRefused(_EVALUATION, f"it does not say whether {name} met its target")
    low, high = (_number(name, stated[end]) for end in ("low", "high"))
    measured = Measured(_number(name, stated["figure"]), low, high)
    met = bound.holds(measured.figure)
    if stated["met"] is not met or measured.figure != _number(name, figure):
        raise BundleRefused(_EVALUATION, f"what it says of the target of {name} is not what is so")
    return Verdict(name, bound, measured, met)


def _number(name: str, value: JsonValue) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BundleRefused(_EVALUATION, f"{name} is no number")
    return float(value)


def require_met(targets: Targets | None, evaluation: Mapping[str, JsonValue]) -> list[Verdict]:
    """Refuse what missed a target.

    Parameters
    ----------
    targets : Targets or None
        From the verified manifest.
    evaluation : Mapping of str to JSON value
        Content of `evaluation.json`.

    Returns
    -------
    list of Verdict
        All met.

    Raises
    ------
    BundleRefused
        As for `read_verdicts`, or if a target was missed; each is named with its figure.
    """
    verdicts = read_verdicts(targets, evaluation)
    missed = [told(verdict) for verdict in verdicts if not verdict.met]
    if missed:
        raise BundleRefused(_EVALUATION, "; ".join(missed))
    return verdicts


def told(verdict: Verdict) -> str:
    """Write a verdict in words.

    Parameters
    ----------
    verdict : Verdict
        What became of a target.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> told(Verdict("auc", Bound(at_least=0.6), Measured(0.71, 0.65, 0.77), met=True))
    'auc at least 0.6: 0.71 (95 %: 0.65 to 0.77), met'
    """
    figure, low, high = verdict.measured
    said = "too little to say" if figure is None else f"{figure:.4g}"
    interval = "" if low is None or high is None else f" (95 %: {low:.4g} to {high:.4g})"
    return f"{verdict.name} {verdict.bound}: {said}{interval}, {'met' if verdict.met else 'missed'}"
