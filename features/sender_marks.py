"""The declared category of content, against what else the item says of who sends it."""

import numpy as np

from features.encoding import CONTENTS, Encoded, Flags, Numbers
from features.line_sums import highest

MANY_PACKAGES = 10
"""More packages than this are more than a family's parcel (a convention of this project)."""

_PRIVATE = np.isin(
    np.arange(len(CONTENTS) + 1),
    [CONTENTS[content] for content in ("gift", "personal_effects", "household_goods")],
)
_MARKS = ("has_forwarder", "has_container", "has_itn", "routed")


def is_private(encoded: Encoded) -> Flags:
    """Tell which items declare what private people send.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of bool, shape (n,)
        True for gifts, personal effects and household goods.
    """
    return _PRIVATE[encoded.items["content"]]


def n_business_marks(encoded: Encoded) -> Numbers:
    """Count what speaks for a business behind a content that private people send.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Of five: a forwarder, a container of its own, a filing, a routed transaction, more than
        `MANY_PACKAGES` packages. NaN for other contents.
    """
    marks = (encoded.items["packages"] > MANY_PACKAGES).astype(np.int64)
    for name in _MARKS:
        marks += encoded.items[name] > 0
    return np.where(encoded.shared(is_private), marks, np.nan)


def most_private_units(encoded: Encoded) -> Numbers:
    """Give the quantity of the largest line of a content that private people send.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Units; NaN for other contents.
    """
    units = highest(encoded, encoded.lines["quantity"].astype(np.float64))
    return np.where(encoded.shared(is_private), units, np.nan)
