"""A customs table of our own: import declarations whose label hides in combinations of codes.

Nothing in it is anybody's. Lanes (who sends what to whom, by which way) come and go over a year
and a half; a declaration repeats its lane with a few fields changed, so that rows repeat nearly.
Fraud follows habits of pairs and triples of codes, prices that are out of line with their
goods, and chance.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

Codes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

START = datetime(2020, 1, 1, tzinfo=UTC)
DAYS = 546

SIZES = {
    "Office": 40,
    "Process Type": 3,
    "Import Type": 6,
    "Import Use": 7,
    "Payment Type": 8,
    "Transport": 5,
    "Declarant": 800,
    "Importer": 8_000,
    "Seller": 5_000,
    "Courier": 130,
    "HS10": 3_500,
    "Departure": 90,
    "Origin": 110,
    "Tax Type": 30,
    "Origin Mark": 9,
}
"""The 15 code columns and how many values each can have."""

HABITS = (
    (("Importer", "HS10"), 1.5),
    (("Seller", "Origin"), 1.3),
    (("Declarant", "Office", "Transport"), 1.2),
    (("Importer", "Seller"), 1.2),
    (("HS10", "Origin", "Payment Type"), 1.2),
    (("Declarant", "Departure"), 0.9),
    (("Importer",), 0.6),
    (("HS10",), 0.6),
    (("Courier", "Import Use"), 0.8),
)
"""Combinations of codes and how far, in log-odds, their habits spread."""


@dataclass(frozen=True)
class Customs:
    """A table with its label, ordered by date."""

    frame: pl.DataFrame
    chance: Numbers


def _heavy(rng: np.random.Generator, size: int, n: int, tail: float = 1.1) -> Codes:
    weight = 1 / np.arange(1, size + 1) ** tail
    return rng.choice(size, n, p=weight / weight.sum())


def _habit(key: Codes, spread: float, seed: int) -> Numbers:
    levels, where = np.unique(key, return_inverse=True)
    mixed = (levels.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) ^ np.uint64(seed)
    uniform = np.array([np.random.default_rng(int(one)).random() for one in mixed])
    # a few are crooked, most are honest
    return (np.where(uniform < 0.25, 2.2, -0.7) * spread)[where]


def customs_table(n: int = 54_000, seed: int = 1) -> Customs:
    """Make a table of declarations with `Fraud` about one in five."""
    rng = np.random.default_rng(seed)
    n_lanes = max(n // 20, 20)
    lane = {name: _heavy(rng, size, n_lanes, 0.9) for name, size in SIZES.items()}
    popularity = 1 / np.arange(1, n_lanes + 1) ** 0.6
    starts = rng.uniform(-1.0, 0.9, n_lanes)
    lasts = rng.exponential(2.5, n_lanes) + 0.2
    when = np.sort(rng.random(n))
    chosen = np.empty(n, np.int64)
    for part in np.array_split(np.arange(n), 60):
        now = when[part].mean()
        alive = popularity * ((starts <= now) & (now <= starts + lasts))
        chosen[part] = rng.choice(n_lanes, len(part), p=alive / alive.sum())
    codes = {name: values[chosen] for name, values in lane.items()}
    for name, size in SIZES.items():
        changed = rng.random(n) < 0.05
        codes[name] = np.where(changed, _heavy(rng, size, n, 0.9), codes[name])
    price, mass, tax, cheap = _numbers(rng, codes, n)
    leaning = np.full(n, -1.0)
    for place, (names, spread) in enumerate(HABITS):
        key = np.zeros(n, np.int64)
        for name in names:
            key = key * 10_000 + codes[name]
        leaning += _habit(key, spread, 1_000 * seed + place)
    leaning += 3.0 * ((cheap < -0.9) & (tax >= 8)) + 1.5 * ((price > 5_000) & (tax >= 13))
    leaning = 2.2 * (leaning - np.quantile(leaning, 0.80))
    chance = 1 / (1 + np.exp(-leaning))
    fraud = (rng.random(n) < chance).astype(np.int64)
    dates = [(START + timedelta(days=int(share * DAYS))).date().isoformat() for share in when]
    frame = pl.DataFrame(
        {"Declaration ID": [f"D{number:08d}" for number in range(n)], "Date": dates}
        | {name: _written(name, values) for name, values in codes.items()}
        | {"Tax Rate": tax, "Net Mass": mass.round(1), "Item Price": price.round(2)}
        | {"Fraud": fraud}
    )
    return Customs(frame, chance)


def _numbers(
    rng: np.random.Generator, codes: dict[str, Codes], n: int
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    goods = np.random.default_rng(99)
    unit = goods.normal(2.5, 1.2, SIZES["HS10"])[codes["HS10"]]
    rate = goods.choice([0.0, 3.0, 5.0, 8.0, 13.0, 20.0], SIZES["HS10"])[codes["HS10"]]
    mass = np.exp(rng.normal(3.5, 1.6, n))
    cheap = rng.normal(0, 0.7, n)
    return mass * np.exp(unit + cheap), mass, rate, cheap


def _written(name: str, values: Codes) -> list[str]:
    if name == "HS10":
        return [f"{2 * value + 8_400_000_000 + 37 * (value % 97) * 10_000}" for value in values]
    letters = "".join(word[0] for word in name.split())
    return [f"{letters}{value:05d}" for value in values]
