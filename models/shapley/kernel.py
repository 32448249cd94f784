"""The walk over the edges, compiled for the machine it runs on.

Rows go through in blocks, one lane each: the same few operations on every lane, and no branch that
depends on a row. The order of operations does not depend on the number of lanes, so that a row's
values are the same bits alone and among others.

All indices are unsigned: a signed one might count from the end, and asking costs a third. numba
keeps machine code as long as this file stays as it is: change it with the fields of `Program`.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from models.shapley.program import MISSING_LEFT, RIGHT, Program

BLOCK = (0.0,) * 32
"""Lanes of the kernel for many rows: a tuple, since the compiler knows its length."""

ALONE = (0.0,)
"""The one lane of the kernel for single rows."""

Lanes = tuple[float, ...]
_Function = TypeVar("_Function", bound=Callable[..., Any])

_NEARLY_ZERO = float(np.float32(1e-35))
_MISSING_ZERO, _MISSING_NAN = 1, 2
_0, _1, _2, _3 = (np.uint64(number) for number in range(4))


def _inlined(function: _Function) -> _Function:
    return cast(
        "_Function", numba.njit(nogil=True, error_model="numpy", forceinline=True)(function)
    )


def _cached(function: _Function) -> _Function:
    try:
        compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:
        # neither the installation nor the user's cache folder can be written
        compiled = numba.njit(nogil=True, error_model="numpy")(function)
    return cast("_Function", compiled)


@_inlined
def _take_in(X: NDArray[np.float32], first: int, values: NDArray[np.float64]) -> None:
    # three views of a row, for splits that take nothing, zero, or NaN as missing; missing is NaN
    _, n_features, n_lanes = values.shape
    for lane in range(n_lanes):
        row = min(first + lane, len(X) - 1)
        for feature in range(n_features):
            given = np.float64(X[row, feature])
            value = 0.0 if abs(given) <= _NEARLY_ZERO else given
            values[0, feature, lane] = 0.0 if np.isnan(value) else value
            values[_MISSING_ZERO, feature, lane] = np.nan if value == 0.0 else value
            values[_MISSING_NAN, feature, lane] = value


@_inlined
def _ask(  # noqa: PLR0913, PLR0917 - buffers are handed through
    program: Program,
    edge: np.uint64,
    level: np.uint64,
    values: NDArray[np.float64],
    holds: NDArray[np.float64],
    lanes: Lanes,
) -> None:
    earlier, threshold = program.earlier[edge], program.threshold[edge]
    missing, feature, kind = program.missing[edge], program.feature[edge], program.kind[edge]
    missing_left, right = kind & MISSING_LEFT != 0, kind & RIGHT != 0
    for each in range(len(lanes)):
        lane = np.uint64(each)
        value = values[missing, feature, lane]
        left = (value <= threshold) | (missing_left & np.isnan(value))
        holds[level, lane] = holds[earlier, lane] if left != right else 0.0


@_inlined
def _go_down(  # noqa: PLR0913, PLR0917 - buffers are handed through
    program: Program,
    edge: np.uint64,
    level: np.uint64,
    points: np.uint64,
    holds: NDArray[np.float64],
    product: NDArray[np.float64],
    below: NDArray[np.float64],
    lanes: Lanes,
) -> None:
    earlier, above = program.earlier[edge], level - _1
    share, table = program.share[edge], program.offset[edge]
    for point in range(points):
        factor_earlier = program.tables[table + point]
        factor = program.tables[table + points + point]
        for each in range(len(lanes)):
            lane = np.uint64(each)
            product[level, point, lane] = product[above, point, lane] * (
                share + holds[earlier, lane] * factor_earlier + holds[level, lane] * factor
            )
        for each in range(len(lanes)):
            below[level, point, np.uint64(each)] = 0.0


@_inlined
def _end(  # noqa: PLR0913, PLR0917 - buffers are handed through
    program: Program,
    edge: np.uint64,
    level: np.uint64,
    points: np.uint64,
    holds: NDArray[np.float64],
    product: NDArray[np.float64],
    below: NDArray[np.float64],
    phi: NDArray[np.float64],
    lanes: Lanes,
) -> None:
    # a leaf: down and up at once
    earlier, above = program.earlier[edge], level - _1
    share, value = program.share[edge], program.value[edge]
    feature, table = program.feature[edge], program.offset[edge]
    for point in range(points):
        factor_earlier = program.tables[table + point]
        factor = program.tables[table + points + point]
        gain_earlier = program.tables[table + _2 * points + point]
        gain = program.tables[table + _3 * points + point]
        for each in range(len(lanes)):
            lane = np.uint64(each)
            leaf = (
                value
                * product[above, point, lane]
                * (share + holds[earlier, lane] * factor_earlier + holds[level, lane] * factor)
            )
            phi[feature, lane] += leaf * (
                holds[earlier, lane] * gain_earlier + holds[level, lane] * gain
            )
            below[above, point, lane] += leaf


@_inlined
def _go_up(  # noqa: PLR0913, PLR0917 - buffers are handed through
    program: Program,
    edge: np.uint64,
    level: np.uint64,
    points: np.uint64,
    holds: NDArray[np.float64],
    below: NDArray[np.float64],
    phi: NDArray[np.float64],
    lanes: Lanes,
) -> None:
    earlier, above = program.earlier[edge], level - _1
    feature, table = program.feature[edge], program.offset[edge] + _2 * points
    for point in range(points):
        gain_earlier = program.tables[table + point]
        gain = program.tables[table + points + point]
        for each in range(len(lanes)):
            lane = np.uint64(each)
            leaves = below[level, point, lane]
            phi[feature, lane] += leaves * (
                holds[earlier, lane] * gain_earlier + holds[level, lane] * gain
            )
            below[above, point, lane] += leaves


@_cached
def add_contributions(
    X: NDArray[np.float32], program: Program, lanes: Lanes, out: NDArray[np.float64]
) -> None:
    """Write the Shapley values of rows, block by block.

    Parameters
    ----------
    X : ndarray of float32, shape (n, f), contiguous
        Rows.
    program : Program
        The trees.
    lanes : tuple of float
        `BLOCK` or `ALONE`.
    out : ndarray of float64, shape (n, f + 1)
        All but its last column is written.
    """
    n_lanes = len(lanes)
    n_rows, n_features = X.shape
    values = np.empty((3, n_features, n_lanes))
    phi = np.empty((n_features, n_lanes))
    holds = np.ones((program.most_levels, n_lanes))
    product = np.ones((program.most_levels, program.most_points, n_lanes))
    below = np.zeros((program.most_levels, program.most_points, n_lanes))
    path = np.zeros(program.most_levels, np.uint64)
    for first in range(0, n_rows, n_lanes):
        _take_in(X, first, values)
        phi[:] = 0.0
        edge = _0
        for tree in range(len(program.tree_end)):
            points = program.n_points[tree]
            while edge < program.tree_end[tree]:
                level = program.level[edge]
                path[level] = edge
                _ask(program, edge, level, values, holds, lanes)
                if program.ends[edge] == _0:
                    _go_down(program, edge, level, points, holds, product, below, lanes)
                else:
                    _end(program, edge, level, points, holds, product, below, phi, lanes)
                    for _ in range(program.ends[edge] - _1):
                        level -= _1
                        _go_up(program, path[level], level, points, holds, below, phi, lanes)
                edge += _1
        for lane in range(min(n_lanes, n_rows - first)):
            for feature in range(n_features):
                out[first + lane, feature] = phi[feature, lane]
