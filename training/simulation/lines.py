"""Lines of a shipment: headings, values, weights and words, honest or not quite."""

from dataclasses import dataclass

import numpy as np

from training.simulation.draws import (
    Flags,
    Integers,
    Keys,
    Numbers,
    chance,
    fold,
    geometric,
    integer,
    lognormal,
    pick,
    uniform,
)
from training.simulation.goods import (
    ARMS_HEADINGS,
    FAMILY_HEADINGS,
    VEHICLE_HEADING,
    goods,
)
from training.simulation.world import Mode, World

LARGE, SMALL, FAMILY, SELLER, VEHICLES, LICENSED, PAPERS = range(7)

_LINES_MEAN = (1.9, 1.6, 2.6, 1.25, 1.15, 1.6, 1.05)
_MOST_LINES = 8
_SIGMA = 1.2
_MEDIAN_USD = {"truck": 5610.0, "air": 3970.0, "ocean": 8670.0, "express": 721.0, "mail": 262.0}
"""Medians at which a lognormal of sigma 1.2 leaves the share of A-eei_exempt under $2,500."""

_ROLE_FACTOR = np.array([1.6, 0.8, 0.12, 0.7, 1.0, 1.3, 0.2])
_SHORT_SHARE = {"truck": 0.05, "air": 0.08, "ocean": 0.1, "express": 0.35, "mail": 0.6}
_LOW_CENTS, _HIGH_CENTS = 200_000, 250_000
_EXTRA_WEIGHT = 0.08
_ON_PURPOSE = {"truck": 0.6, "air": 0.6, "ocean": 0.6, "express": 0.9, "mail": 1.0}
"""How much of the share of A-just_under_2500 is bunched; the rest lies there by chance."""

_HABIT_SHARE, _HABITUAL = 0.15, 0.8
"""Honest shippers who value just under the threshold again and again, and how much of all
honest bunching is theirs: choices of this project, so that repeating it is no sign of guilt."""


@dataclass(frozen=True)
class Lines:
    """Lines of many shipments, one array element each, in the order of their shipments.

    Parameters
    ----------
    owner : array of int, shape (m,)
        Position of the shipment.
    heading : array of int, shape (m,)
        Declared heading, a position in `goods()`.
    number : array of int, shape (m,)
        Declared number, a position in `goods().schedule_b`.
    text : array of int, shape (m,)
        Description, a position in `goods().texts`.
    cents : array of int, shape (m,)
        Declared value in US cents.
    quantity : array of int, shape (m,)
        Units.
    grams : array of int, shape (m,)
        Weight in grams.
    """

    owner: Integers
    heading: Integers
    number: Integers
    text: Integers
    cents: Integers
    quantity: Integers
    grams: Integers


@dataclass(frozen=True)
class Senders:
    """Who declares, one array element per shipment or per line.

    Parameters
    ----------
    key, shipper : array of uint64, shape (n,)
        Keys of shipments or lines, and of who sends them.
    role : array of int, shape (n,)
        What kind of shipper.
    tilted : array of bool, shape (n,)
        Whether the shares of traffickers apply instead of those of honest traders.
    """

    key: Keys
    shipper: Keys
    role: Integers
    tilted: Flags


def make_lines(mode: Mode, world: World, senders: Senders) -> Lines:
    """Write what shippers declare.

    Parameters
    ----------
    mode : str
        A mode of shipments.
    world : World
        Parameters.
    senders : Senders
        The shipments.

    Returns
    -------
    Lines
        One to eight lines for each shipment.
    """
    n_lines = _n_lines(senders.key, senders.role)
    owner = np.repeat(np.arange(len(n_lines)), n_lines)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(n_lines) - n_lines, n_lines)
    line, role = fold(senders.key[owner], number), senders.role[owner]
    each = Senders(line, senders.shipper[owner], role, senders.tilted[owner])
    heading = _heading(mode, each)
    cents, quantity = _value(mode, world, each, heading)
    grams = _weight(line, heading, quantity, each.tilted)
    declared = _declared_heading(mode, world, each, heading)
    table = goods()
    traffic, lawful = world.trafficking, world.lawful
    vague_share = np.where(each.tilted, traffic.vague_share, lawful.vague_share)
    vague = chance(line, "vague", vague_share) & (role != LICENSED)
    return Lines(
        owner=owner,
        heading=declared,
        number=table.declared_number(line, declared, _SHORT_SHARE[mode]),
        text=table.description(line, heading, vague),
        cents=cents,
        quantity=quantity,
        grams=grams,
    )


def _n_lines(key: Keys, role: Integers) -> Integers:
    n_lines = np.ones(len(key), dtype=np.int64)
    for kind, mean in enumerate(_LINES_MEAN):
        here = role == kind
        n_lines[here] = geometric(key[here], "lines", mean)
    return np.minimum(n_lines, _MOST_LINES)


def _heading(mode: Mode, each: Senders) -> Integers:
    line, role = each.key, each.role
    table = goods()
    usual = table.travelling(mode)
    portfolio = fold(fold(each.shipper, "portfolio"), pick(line, "portfolio", (6, 3, 1)))
    heading = usual[integer(portfolio, "heading", len(usual))]
    other = chance(line, "elsewhere", 0.15)
    heading = np.where(other, usual[integer(line, "heading", len(usual))], heading)
    for kind, numbers in (
        (FAMILY, FAMILY_HEADINGS),
        (LICENSED, ARMS_HEADINGS),
        (VEHICLES, (VEHICLE_HEADING,)),
    ):
        own = table.positions(numbers)
        heading = np.where(role == kind, own[integer(line, "own heading", len(own))], heading)
    return heading


def _value(mode: Mode, world: World, each: Senders, heading: Integers) -> tuple[Integers, Integers]:
    line, role, tilted = each.key, each.role, each.tilted
    low, high = goods().unit_usd[heading].T
    unit = low * (high / low) ** uniform(line, "unit value")
    wanted = lognormal(line, "value", _MEDIAN_USD[mode] * _ROLE_FACTOR[role], _SIGMA)
    quantity = np.maximum(1, np.round(wanted / unit)).astype(np.int64)
    quantity = np.where(role == VEHICLES, 1, quantity)
    cents = np.round(100 * unit * quantity)
    under = np.where(tilted, world.trafficking.undervalued_share, world.lawful.undervalued_share)
    cut = np.where(chance(line, "undervalued", under), 0.7 + 0.1 * uniform(line, "cut"), 1.0)
    cents = np.round(cents * cut).astype(np.int64)
    bunched = chance(line, "just under", _bunching(mode, world, each))
    goal = _LOW_CENTS + integer(line, "just under value", _HIGH_CENTS - _LOW_CENTS)
    quantity = np.where(bunched, np.maximum(1, np.round(goal / 100 / unit)), quantity)
    return np.where(bunched, goal, np.maximum(cents, 100)), quantity.astype(np.int64)


def _bunching(mode: Mode, world: World, each: Senders) -> Numbers:
    on_purpose = world.lawful.just_under_share * _ON_PURPOSE[mode]
    habitual = min(1.0, on_purpose * _HABITUAL / _HABIT_SHARE)
    now_and_then = (on_purpose - habitual * _HABIT_SHARE) / (1.0 - _HABIT_SHARE)
    habit = chance(each.shipper, "values just under", _HABIT_SHARE)
    honest = np.where(habit, habitual, now_and_then)
    share = np.where(each.tilted, world.trafficking.just_under_share, honest)
    return np.where(np.isin(each.role, (VEHICLES, LICENSED)), 0.0, share)


def _weight(line: Keys, heading: Integers, quantity: Integers, tilted: Flags) -> Integers:
    low, high = goods().unit_kg[heading].T
    unit = low + (high - low) * uniform(line, "unit weight")
    extra = np.where(tilted, 1.0 + _EXTRA_WEIGHT, 1.0)
    kilograms = quantity * unit * extra * lognormal(line, "weighing", 1.0, 0.12)
    grams: Integers = np.maximum(10, np.round(100 * kilograms) * 10).astype(np.int64)
    return grams


def _declared_heading(mode: Mode, world: World, each: Senders, heading: Integers) -> Integers:
    line, role = each.key, each.role
    usual = goods().travelling(mode)
    wrong = chance(line, "wrong heading", world.lawful.wrong_heading_share)
    wrong &= ~np.isin(role, (LICENSED, VEHICLES))
    return np.where(wrong, usual[integer(line, "wrong", len(usual))], heading)
