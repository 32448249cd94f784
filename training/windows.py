"""Stretches of time: each part of a fit sees only what came before the next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.errors import InvalidTable
from training.dataset import Dataset

SHARES = (0.45, 0.57, 0.70, 0.85)
"""Where the five stretches meet, as shares of the finds in order of time."""

_NAMES = ("fit", "stop", "choose", "calibrate", "test")


@dataclass(frozen=True)
class Split:
    """Five stretches of time, each later than the one before.

    Parameters
    ----------
    fit : Dataset
        Trees are fitted on it while the learners are compared.
    stop : Dataset
        Says how many rounds each learner needs.
    choose : Dataset
        Says which learner wins.
    calibrate : Dataset
        Turns the winner's scores into risks.
    test : Dataset
        Judges the result.
    """

    fit: Dataset
    stop: Dataset
    choose: Dataset
    calibrate: Dataset
    test: Dataset


def split_by_time(data: Dataset) -> Split:
    """Cut a dataset so that each part holds later items than the one before.

    The cuts are moments, chosen so that the parts hold 45, 12, 13, 15 and 15 percent of the
    finds; finds are what is scarce.

    Parameters
    ----------
    data : Dataset
        Inspected items.

    Returns
    -------
    Split
        Its five parts.

    Raises
    ------
    InvalidTable
        If a part would hold no find or no clear inspection.
    """
    parts = cut(data, SHARES)
    for name, rows in zip(_NAMES, parts, strict=True):
        if len(set(rows.y.tolist())) < 2:  # noqa: PLR2004 - both outcomes
            raise InvalidTable(
                f"inspections: the {name} part holds {int(rows.y.sum())} finds among"
                f" {len(rows.y)}; both outcomes are needed, give a longer period",
                field="inspections",
            )
    return Split(*parts)


def cut(data: Dataset, shares: Sequence[float]) -> list[Dataset]:
    """Cut a dataset at moments.

    Parameters
    ----------
    data : Dataset
        Inspected items.
    shares : sequence of float
        Shares of the finds in order of time, ascending: a part begins with the find there.

    Returns
    -------
    list of Dataset
        One part more than there are shares; a part may be empty.
    """
    finds = data.presented_at[data.y == 1]
    cuts = [int(finds[int(share * len(finds))]) for share in shares]
    part = np.searchsorted(cuts, data.presented_at, side="right")
    return [data.rows(part == number) for number in range(len(shares) + 1)]


def joined(parts: Sequence[Dataset]) -> Dataset:
    """Put stretches that follow each other together again.

    Parameters
    ----------
    parts : sequence of Dataset
        One or more, in order of time.

    Returns
    -------
    Dataset
        All their items.
    """
    return Dataset(
        [item_id for part in parts for item_id in part.item_ids],
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in list(Dataset.__dataclass_fields__)[1:]
        ),
    )


def recent(data: Dataset, share: float) -> Dataset:
    """Keep the latest stretch that holds a share of the finds.

    Parameters
    ----------
    data : Dataset
        Inspected items.
    share : float
        Share of the finds to keep, above 0 and up to 1.

    Returns
    -------
    Dataset
        Items from the first of those finds on.
    """
    finds = data.presented_at[data.y == 1]
    first = finds[min(int((1 - share) * len(finds)), len(finds) - 1)]
    return data.rows(data.presented_at >= first)
