"""Goods: what headings are worth and weigh, how they travel, and the words people use."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from features.reference.tables import headings
from training.simulation.draws import Integers, Keys, Numbers, integer
from training.simulation.world import Mode

_LAST_SUFFIX = 3
FAMILY_HEADINGS = ("630900", "210690", "190410", "340111", "420212", "732393", "950300",
                   "640399", "610910", "330499", "852872", "851822")  # fmt: skip
ARMS_HEADINGS = ("9302", "9303", "9305", "9306", "901310")
VEHICLE_HEADING = "8703"

_UNKNOWN_UNITS = {
    VEHICLE_HEADING: ((2000.0, 24000.0), (1200.0, 2300.0)),
    "9302": ((300.0, 900.0), (0.7, 1.4)),
    "9303": ((350.0, 1600.0), (2.8, 4.6)),
    "9305": ((8.0, 220.0), (0.05, 1.2)),
    "9306": ((0.3, 1.4), (0.01, 0.03)),
    "901310": ((50.0, 900.0), (0.3, 0.9)),
}
"""Unit values and weights that the reference table lacks: choices of this project."""

_ECCNS = {"9302": "0A507", "9303": "0A506", "9305": "0A509", "9306": "0A505.a", "901310": "0A504"}


@dataclass(frozen=True)
class Goods:
    """Headings as arrays; positions in it stand for headings below.

    Parameters
    ----------
    numbers : tuple of str
        Four or six digits.
    eccns : tuple of str or None
        Classification of declared arms.
    unit_usd, unit_kg : array of float, shape (h, 2)
        Low and high of one unit.
    schedule_b : tuple of str
        Numbers as declared: for each heading, the heading itself, then its ten-digit numbers.
    texts : tuple of str
        Descriptions: for each heading its own block of `n_texts`, then the vague ones.
    n_texts : int
        Descriptions per heading.
    n_vague : int
        Vague descriptions.
    """

    numbers: tuple[str, ...]
    eccns: tuple[str | None, ...]
    unit_usd: Numbers
    unit_kg: Numbers
    schedule_b: tuple[str, ...]
    texts: tuple[str, ...]
    n_texts: int
    n_vague: int

    def positions(self, numbers: Sequence[str]) -> Integers:
        """Find headings.

        Parameters
        ----------
        numbers : sequence of str
            Headings.

        Returns
        -------
        array of int
            Their positions.
        """
        return np.array([self.numbers.index(number) for number in numbers])

    def travelling(self, mode: Mode) -> Integers:
        """List the headings that usually travel by a mode.

        Parameters
        ----------
        mode : str
            A mode of shipments.

        Returns
        -------
        array of int
            Positions of headings.
        """
        known = headings()
        return self.positions(
            [n for n in self.numbers if known[n].kind == "goods" and mode in known[n].modes]
        )

    def declared_number(self, key: Keys, heading: Integers, short_share: float) -> Integers:
        """Choose at how many digits a heading is declared.

        Parameters
        ----------
        key : array of uint64, shape (n,)
            Lines.
        heading : array of int, shape (n,)
            Positions of headings.
        short_share : float
            Share of lines that give the heading alone.

        Returns
        -------
        array of int, shape (n,)
            Positions in `schedule_b`.
        """
        per_heading = 1 + _LAST_SUFFIX
        short = integer(key, "digits", 1_000_000) < short_share * 1_000_000
        suffix = 1 + integer(key, "suffix", _LAST_SUFFIX)
        return heading * per_heading + np.where(short, 0, suffix)

    def description(self, key: Keys, heading: Integers, vague: np.ndarray[Any, Any]) -> Integers:
        """Choose the words for a line.

        Parameters
        ----------
        key : array of uint64, shape (n,)
            Lines.
        heading : array of int, shape (n,)
            Positions of headings.
        vague : array of bool, shape (n,)
            Whether the words say next to nothing.

        Returns
        -------
        array of int, shape (n,)
            Positions in `texts`.
        """
        exact = heading * self.n_texts + integer(key, "text", self.n_texts)
        empty = len(self.numbers) * self.n_texts + integer(key, "text", self.n_vague)
        return np.where(vague, empty, exact)


@cache
def goods() -> Goods:
    """Give every heading that the simulated trade uses.

    Returns
    -------
    Goods
        Headings of the reference table with the words of `vocabulary.toml`.
    """
    vocabulary = tomllib.loads(
        files("training.simulation").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    )
    numbers = tuple(sorted(vocabulary["nouns"]))
    blocks = [_texts(vocabulary, vocabulary["nouns"][number]) for number in numbers]
    n_texts = min(len(block) for block in blocks)
    vague = _texts(vocabulary, vocabulary["vague"])
    texts = [text for block in blocks for text in block[:n_texts]] + vague
    return Goods(
        numbers=numbers,
        eccns=tuple(_ECCNS.get(number) for number in numbers),
        unit_usd=np.array([_units(number)[0] for number in numbers]),
        unit_kg=np.array([_units(number)[1] for number in numbers]),
        schedule_b=tuple(text for number in numbers for text in _declared(number)),
        texts=tuple(texts),
        n_texts=n_texts,
        n_vague=len(vague),
    )


def _units(number: str) -> tuple[tuple[float, float], tuple[float, float]]:
    row = headings()[number]
    if row.unit_value_usd is None or row.unit_kg is None:
        return _UNKNOWN_UNITS[number]
    return row.unit_value_usd, row.unit_kg


def _declared(number: str) -> list[str]:
    return [number] + [
        number.ljust(8, "0") + f"{(int(number) * suffix * 37) % 90 + 10:02}"
        for suffix in range(1, _LAST_SUFFIX + 1)
    ]


def _texts(vocabulary: dict[str, Any], nouns: Sequence[str]) -> list[str]:
    return [
        modifier + noun + ending
        for ending in vocabulary["endings"]
        for modifier in vocabulary["modifiers"]
        for noun in nouns
    ]
