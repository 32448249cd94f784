"""Loops over integers, compiled: plain Python that runs at the speed of C."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a loop over arrays; threads run it side by side.

    The machine code is kept beside the source or in the user's cache, so that only the first
    process compiles. Where neither can be written, every process compiles for itself.

    Parameters
    ----------
    function : callable
        Takes arrays and numbers, and nothing else.

    Returns
    -------
    callable
        The same function, compiled at its first call; `py_func` is the plain one.
    """
    try:
        return cast("Function", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba finds no folder that it may write
        return cast("Function", njit(nogil=True)(function))
