"""The facts and assumptions that worlds name, with their sources, and the checks they must meet."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Fact:
    """One fact or assumption.

    Parameters
    ----------
    name : str
        What worlds call it.
    assumed : bool
        Whether no source gives it.
    value : object
        A number, a list or a table.
    meaning : str
        What it says.
    source : str
        Where it was read, or what an assumption rests on.
    """

    name: str
    assumed: bool
    value: object
    meaning: str
    source: str


@dataclass(frozen=True)
class Target:
    """A figure that a calibrated world reproduces.

    Parameters
    ----------
    name, text : str
        What it is called, and in words.
    low, high : float
        The range that sources allow.
    source : str
        Facts it is based on.
    """

    name: str
    text: str
    low: float
    high: float
    source: str


@cache
def facts() -> Mapping[str, Fact]:
    """Give every fact and assumption by name.

    Returns
    -------
    mapping of str to Fact
        Read from `facts.toml`.
    """
    table = _table()
    rows = [(row, False) for row in table["fact"]] + [(row, True) for row in table["assumption"]]
    return {
        row["id"]: Fact(
            name=row["id"],
            assumed=assumed,
            value=row["value"],
            meaning=row["meaning"],
            source=row["basis"] if assumed else row["source"],
        )
        for row, assumed in rows
    }


@cache
def targets() -> Mapping[str, Target]:
    """Give every calibration target by name.

    Returns
    -------
    mapping of str to Target
        The ten `C-*` rows of `facts.toml`.
    """
    return {
        row["id"]: Target(row["id"], row["text"], row["low"], row["high"], row["based_on"])
        for row in _table()["check"]
    }


def _table() -> dict[str, Any]:
    text = files("training.simulation").joinpath("facts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
