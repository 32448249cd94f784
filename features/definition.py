"""What every feature must say of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from features.encoding import Encoded, Numbers

Group = Literal["item", "filing", "history", "link", "signal"]


@dataclass(frozen=True)
class Feature:
    """One column of the matrix X.

    Parameters
    ----------
    name : str
        Name of the column; the unit ends it where there is one.
    unit : str
        Unit of the number, or `code`, `count`, `ratio`, `flag`.
    group : str
        What it is made from: item, filing, history, link or signal.
    meaning : str
        One sentence for the person who reads the catalogue.
    source : str
        The fields, records or legal rule it is made from.
    reason : str
        Code of the reason that an inspector reads when it moves the risk.
    default : str
        What the column holds when there is nothing to compute it from.
    """

    name: str
    unit: str
    group: Group
    meaning: str
    source: str
    reason: str
    default: str = "NaN"


@dataclass(frozen=True)
class ItemFeature:
    """A feature and the function of encoded items that computes it.

    Parameters
    ----------
    feature : Feature
        Its entry in the catalogue.
    compute : callable
        Takes `Encoded` of n items, returns float64 of shape (n,), NaN where it does not apply.
    """

    feature: Feature
    compute: Callable[[Encoded], Numbers]


def item_feature(  # noqa: PLR0913, PLR0917 - one row of a table of features
    name: str,
    unit: str,
    group: Group,
    reason: str,
    source: str,
    meaning: str,
    compute: Callable[[Encoded], Numbers],
) -> ItemFeature:
    """Write one row of a table of item features.

    Parameters
    ----------
    name, unit, group, reason, source, meaning : str
        The fields of `Feature`.
    compute : callable
        Takes `Encoded` of n items, returns float64 of shape (n,).

    Returns
    -------
    ItemFeature
        The feature with its function.
    """
    return ItemFeature(Feature(name, unit, group, meaning, source, reason), compute)
