"""Random numbers that nobody can guess and an auditor can repeat."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

from features.encoding import Numbers
from models.errors import InvalidPlan

FEWEST_KEY_BYTES, MOST_KEY_BYTES = 16, 64
_UNIT = 2.0**-53


class Draws:
    """Uniform numbers by counter: each is a keyed hash of who draws it and on what occasion.

    There is no order and no state, so the same key gives the same draw for the same item on the
    same occasion, in any process and years later. Without the key a draw cannot be foreseen,
    which is why it is not the simulator's generator: an item could pick its own id.

    Parameters
    ----------
    key : bytes
        Secret of 16 to 64 bytes.
    occasion : str
        What is drawn for: the shift, and the number of the plan in it.

    Raises
    ------
    InvalidPlan
        If the key is too short or too long.

    References
    ----------
    .. [1] RFC 7693, BLAKE2, section 2.9 (keyed hashing).

    Examples
    --------
    >>> Draws(b"0123456789abcdef", "shift-1/plan-1").uniform("item", "V1")
    0.539...
    """

    def __init__(self, key: bytes, occasion: str) -> None:
        if not FEWEST_KEY_BYTES <= len(key) <= MOST_KEY_BYTES:
            raise InvalidPlan(
                f"a draw key has {FEWEST_KEY_BYTES} to {MOST_KEY_BYTES} bytes, not {len(key)}",
                field="key",
            )
        self._hash = blake2b(_framed(occasion), digest_size=8, key=key)

    def within(self, label: str) -> "Draws":
        """Give draws of a part of this occasion, which have nothing in common with it.

        Parameters
        ----------
        label : str
            The part.

        Returns
        -------
        Draws
            With the same key.
        """
        child = object.__new__(Draws)
        child._hash = self._hash.copy()
        child._hash.update(_framed(label))
        return child

    def uniform(self, label: str, who: str = "") -> float:
        """Draw one number.

        Parameters
        ----------
        label : str
            What is drawn.
        who : str
            The item or cluster that draws.

        Returns
        -------
        float
            In [0, 1), a multiple of 2^-53.
        """
        hashed = self._hash.copy()
        hashed.update(_framed(label) + who.encode())
        return (int.from_bytes(hashed.digest(), "little") >> 11) * _UNIT

    def uniforms(self, label: str, who: Iterable[str]) -> Numbers:
        """Draw one number for each.

        Parameters
        ----------
        label : str
            What is drawn.
        who : iterable of str
            The n who draw.

        Returns
        -------
        array of float, shape (n,)
            In [0, 1).
        """
        return np.array([self.uniform(label, each) for each in who], np.float64)


def _framed(text: str) -> bytes:
    # the length tells ("a", "bc") and ("ab", "c") apart
    encoded = text.encode()
    return len(encoded).to_bytes(4, "little") + encoded
