"""A customs table of our own: import declarations whose label hides in combinations of codes.

Nothing in it is anybody's. Importers of very different size come and go over a year and a half,
each with goods, senders and agents of its own, from which single fields stray. Fraud follows
habits of pairs of codes (what an importer does with one kind of goods, what an agent does for
one sender), prices that are out of line with their goods, and a little chance; some habits
change over time.
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
    "Importer": 6_000,
    "Seller": 5_000,
    "Courier": 130,
    "HS10": 3_000,
    "Departure": 90,
    "Origin": 110,
    "Tax Type": 30,
    "Origin Mark": 9,
}
"""The 15 code columns and how many values each can have."""

USUAL = {"HS10": 4, "Seller": 3, "Declarant": 2, "Office": 2, "Courier": 2, "Import Use": 2}
"""How many values an importer goes by; one, where nothing is said."""

STRAY_SHARE = 0.02
"""How often a field is not what is usual."""

HABITS = (
    (("Importer", "HS10"), 0.07, 2.2),
    (("Declarant", "Seller"), 0.05, 2.0),
    (("Importer",), 0.09, 2.6),
)
"""Combinations of codes, the share of them that is crooked, and how far that leans to fraud."""

CHANGED_SHARE = 0.01
"""Habits that turn into their opposite at some moment."""

Habits = tuple[tuple[tuple[str, ...], float, float], ...]


@dataclass(frozen=True)
class Shape:
    """What the label of a table hides in.

    Parameters
    ----------
    habits : tuple
        As `HABITS`.
    changed_share : float
        As `CHANGED_SHARE`.
    repeated_share : float
        Rows that are an earlier row over again, with its label, but for a few fields.
    """

    habits: Habits = HABITS
    changed_share: float = CHANGED_SHARE
    repeated_share: float = 0.0


SHAPES = {
    "habits": Shape(),
    "triples": Shape(
        (
            (("Importer", "HS10", "Seller"), 0.10, 2.0),
            (("Declarant", "Courier", "Origin"), 0.10, 1.8),
            (("Office", "HS10"), 0.06, 1.6),
        )
    ),
    "drift": Shape(changed_share=0.06),
    "repeats": Shape(repeated_share=0.6),
}
"""The usual shape, and what a table of somebody else's may be instead."""

COPIED_WRONGLY_SHARE = 0.06
RELABELLED_SHARE = 0.03
"""How often a field of a repeated row is not that of the row it repeats, and its label."""

THRESHOLD, SHARPNESS = 1.2, 6.0
"""From which leaning on fraud is likelier than not, and how little chance has to say."""


@dataclass(frozen=True)
class Customs:
    """A table with its label, ordered by date."""

    frame: pl.DataFrame
    chance: Numbers


def _heavy(rng: np.random.Generator, size: int, shape: int | tuple[int, ...], tail: float) -> Codes:
    weight = 1 / np.arange(1, size + 1) ** tail
    places = rng.permutation(size)
    return places[rng.choice(size, shape, p=weight / weight.sum())]


def _uniform(key: Codes, seed: int) -> Numbers:
    """Draw a number from 0 to 1 for each key, the same wherever it is seen."""
    mixed = key.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(
        seed * 0x2545F491 + 0xD1B54A32
    )
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2**53


def _leaning(codes: dict[str, Codes], when: Numbers, seed: int, shape: Shape) -> Numbers:
    leaning = np.zeros(len(when))
    for place, (names, share, weight) in enumerate(shape.habits):
        key = np.zeros(len(when), np.int64)
        for name in names:
            key = key * 10_000 + codes[name]
        crooked = _uniform(key, 10 * seed + place) < share
        changes = _uniform(key, 10_000 + 10 * seed + place) < shape.changed_share
        turned = changes & (when > _uniform(key, 20_000 + 10 * seed + place))
        leaning += weight * (crooked ^ turned)
    return leaning


def customs_table(n: int = 54_000, seed: int = 1, shape: Shape = SHAPES["habits"]) -> Customs:
    """Make a table of declarations with `Fraud` about two in nine."""
    rng = np.random.default_rng(seed)
    when = np.sort(rng.random(n))
    codes = _codes(rng, when)
    price, mass, tax, cheap = _numbers(rng, codes, n)
    leaning = _leaning(codes, when, seed, shape)
    leaning += 1.5 * ((cheap < -0.8) & (tax >= 8)) + 0.8 * ((price > 5_000) & (tax >= 13))
    leaning = SHARPNESS * (leaning - THRESHOLD)
    chance = 1 / (1 + np.exp(-leaning))
    fraud = (rng.random(n) < chance).astype(np.int64)
    _repeat(np.random.default_rng([seed, 1]), codes, fraud, shape.repeated_share)
    dates = [(START + timedelta(days=int(share * DAYS))).date().isoformat() for share in when]
    frame = pl.DataFrame(
        {"Declaration ID": [f"D{number:08d}" for number in range(n)], "Date": dates}
        | {name: _written(name, codes[name]) for name in SIZES}
        | {"Tax Rate": tax, "Net Mass": mass.round(1), "Item Price": price.round(2)}
        | {"Fraud": fraud}
    )
    return Customs(frame, chance)


def _codes(rng: np.random.Generator, when: Numbers) -> dict[str, Codes]:
    n = len(when)
    n_importers = min(max(n // 25, 200), SIZES["Importer"])
    importer = _importers(rng, n_importers, when)
    codes = {"Importer": importer}
    for name, size in SIZES.items():
        if name == "Importer":
            continue
        n_usual = USUAL.get(name, 1)
        usual = _heavy(rng, size, (n_importers, n_usual), 0.9)
        # the first of several is much the most usual
        which = np.minimum(rng.geometric(0.8, n) - 1, n_usual - 1)
        stray = rng.random(n) < STRAY_SHARE
        codes[name] = np.where(stray, _heavy(rng, size, n, 0.9), usual[importer, which])
    senders_home = _heavy(rng, SIZES["Origin"], SIZES["Seller"], 1.0)
    at_home = rng.random(n) < 1 - STRAY_SHARE
    codes["Origin"] = np.where(at_home, senders_home[codes["Seller"]], codes["Origin"])
    direct = rng.random(n) < 0.8
    codes["Departure"] = np.where(direct, codes["Origin"] % SIZES["Departure"], codes["Departure"])
    return codes


def _importers(rng: np.random.Generator, n_importers: int, when: Numbers) -> Codes:
    size = rng.pareto(0.9, n_importers) + 0.15
    starts = rng.uniform(-3.0, 0.95, n_importers)
    lasts = rng.exponential(6.0, n_importers) + 0.2
    chosen = np.empty(len(when), np.int64)
    for part in np.array_split(np.arange(len(when)), 60):
        now = when[part].mean()
        alive = np.minimum(size, 100) * ((starts <= now) & (now <= starts + lasts))
        chosen[part] = rng.choice(n_importers, len(part), p=alive / alive.sum())
    return chosen


def _repeat(rng: np.random.Generator, codes: dict[str, Codes], fraud: Codes, share: float) -> None:
    """Write an earlier row over some rows, in place."""
    for row in np.flatnonzero(rng.random(len(fraud)) < share):
        if not row:
            continue
        source = rng.integers(row)
        kept = rng.random(len(codes)) >= COPIED_WRONGLY_SHARE
        for values, is_kept in zip(codes.values(), kept, strict=True):
            values[row] = values[source] if is_kept else values[row]
        fraud[row] = fraud[source] ^ (rng.random() < RELABELLED_SHARE)


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
