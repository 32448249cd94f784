"""Trees laid out as one list of edges with all that does not depend on the row worked out.

For a leaf of value v whose path asks d distinct features, let z be the share of the fit's rows
that a feature's conditions on the path let through when it is unknown, and o (0 or 1) whether
they hold for the row. The Shapley value of feature i at this leaf is [1]_

    v (o_i - z_i) sum over subsets S of the others of |S|! (d - 1 - |S|)! / d!
                  x product of o in S x product of z outside S,

and since |S|! (d - 1 - |S|)! / d! is the integral of t^|S| (1 - t)^(d - 1 - |S|) over 0 to 1, that
sum is the integral of the product over the others of z (1 - t) + o t: a polynomial of degree
d - 1, which Gauss and Legendre's rule with half as many points as there are features integrates
exactly. At each point the products are carried down the tree and the leaves' sums back up, so
that the cost is edges x points, not leaves x depth squared. Where a path asks a feature again,
the edge takes back what the edge above it gave for the leaves below both (as in [2]_).

References
----------
.. [1] Lundberg et al., Consistent individualized feature attribution for tree ensembles,
   arXiv:1802.03888.
.. [2] Yu et al., Linear TreeShap, NeurIPS 2022, arXiv:2209.08192.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.trees import Tree

RIGHT, MISSING_LEFT = 1, 2
"""Bits of `Program.kind`."""

MOST_TABLE_BYTES = 256 << 20
"""Tables bigger than this are not made: such a model is explained by LightGBM itself."""


class Program(NamedTuple):
    """Edges in the order of a walk, parents first; tables by edge and point.

    Parameters
    ----------
    feature, missing, kind : ndarray of uint64, shape (e,)
        What the edge's split asks, what it takes as missing, and bits of `RIGHT` and
        `MISSING_LEFT`.
    threshold : ndarray of float64, shape (e,)
        Of the edge's split.
    level : ndarray of uint64, shape (e,)
        Edges from the root down to this one, itself included.
    earlier : ndarray of uint64, shape (e,)
        Level of the nearest edge above that asks the same feature, 0 if none does.
    ends : ndarray of uint64, shape (e,)
        0 for an edge to a split; for one to a leaf, how many edges of the path end with it.
    share : ndarray of float64, shape (e,)
        Share of the fit's rows at the split that took the edge.
    value : ndarray of float64, shape (e,)
        Log-odds of the leaf, 0 at a split.
    tables : ndarray of float64, shape (sum of 4 x points,)
        For each edge four rows as long as its tree has points, see `_tables`.
    offset : ndarray of uint64, shape (e,)
        Where the edge's table begins.
    tree_end : ndarray of uint64, shape (trees,)
        Edge after the last of each tree.
    n_points : ndarray of uint64, shape (trees,)
        Points of each tree.
    most_levels, most_points : int
        Levels of the deepest tree, the root's place 0 included, and the most points of a tree.
    base : float
        The expected score.
    """

    feature: NDArray[np.uint64]
    missing: NDArray[np.uint64]
    kind: NDArray[np.uint64]
    threshold: NDArray[np.float64]
    level: NDArray[np.uint64]
    earlier: NDArray[np.uint64]
    ends: NDArray[np.uint64]
    share: NDArray[np.float64]
    value: NDArray[np.float64]
    tables: NDArray[np.float64]
    offset: NDArray[np.uint64]
    tree_end: NDArray[np.uint64]
    n_points: NDArray[np.uint64]
    most_levels: int
    most_points: int
    base: float


def compile_trees(trees: Sequence[Tree]) -> Program | None:
    """Lay trees out for the kernel.

    Parameters
    ----------
    trees : sequence of Tree
        The model's trees.

    Returns
    -------
    Program or None
        None if its tables would take more than `MOST_TABLE_BYTES`.
    """
    walks = [list(_walk(tree)) for tree in trees]
    points = [max((edge.n_asked + 1) // 2 for edge in walk) if walk else 0 for walk in walks]
    sizes = [4 * n for walk, n in zip(walks, points, strict=True) for _ in walk]
    if 8 * sum(sizes) > MOST_TABLE_BYTES:
        return None
    edges = [edge for walk in walks for edge in walk]
    tables = [_tables(walk, n) for walk, n in zip(walks, points, strict=True) if walk]
    return Program(
        feature=np.array([edge.feature for edge in edges], np.uint64),
        missing=np.array([edge.missing for edge in edges], np.uint64),
        kind=np.array([edge.kind for edge in edges], np.uint64),
        threshold=np.array([edge.threshold for edge in edges], np.float64),
        level=np.array([edge.level for edge in edges], np.uint64),
        earlier=np.array([edge.earlier for edge in edges], np.uint64),
        ends=np.array([edge.ends for edge in edges], np.uint64),
        share=np.array([edge.share for edge in edges], np.float64),
        value=np.array([edge.value for edge in edges], np.float64),
        tables=np.concatenate([np.empty(0), *tables]),
        offset=np.cumsum([0, *sizes], dtype=np.uint64)[:-1],
        tree_end=np.cumsum([len(walk) for walk in walks], dtype=np.uint64),
        n_points=np.array(points, np.uint64),
        most_levels=1 + max((edge.level for edge in edges), default=0),
        most_points=max(points),
        base=sum(_expected(tree) for tree in trees),
    )


class _Edge(NamedTuple):
    """An edge as `Program` has it, and what its table needs.

    `through` is the share of rows that pass the conditions on its feature from the root down to
    it, `through_earlier` the same down to the earlier edge; `n_asked` the features asked so far.
    """

    feature: int
    missing: int
    kind: int
    threshold: float
    level: int
    earlier: int
    ends: int
    share: float
    value: float
    through: float
    through_earlier: float
    n_asked: int


class _Place(NamedTuple):
    """A split, the level of the edge to it, the edges that end with it, and what was asked above.

    `asked` gives the level and the share let through for each feature.
    """

    split: int
    level: int
    ends: int
    asked: Mapping[int, tuple[int, float]]


def _walk(tree: Tree) -> Iterator[_Edge]:
    waiting = [(_Place(0, 0, 0, {}), bit) for bit in (RIGHT, 0)] if len(tree.feature) else []
    while waiting:
        place, bit = waiting.pop()
        split, level = place.split, place.level + 1
        child = int((tree.right if bit else tree.left)[split])
        cover = tree.leaf_cover[~child] if child < 0 else tree.split_cover[child]
        share = float(cover / tree.split_cover[split])
        feature = int(tree.feature[split])
        earlier, through_earlier = place.asked.get(feature, (0, 1.0))
        asked = {**place.asked, feature: (level, through_earlier * share)}
        # with a right edge ends the edge above it, and what ends with that one
        ends = 1 + (place.ends if bit else 0)
        yield _Edge(
            feature=feature,
            missing=int(tree.missing[split]),
            kind=bit | (MISSING_LEFT if tree.missing_left[split] else 0),
            threshold=float(tree.threshold[split]),
            level=level,
            earlier=earlier,
            ends=ends if child < 0 else 0,
            share=share,
            value=float(tree.leaf_value[~child]) if child < 0 else 0.0,
            through=through_earlier * share,
            through_earlier=through_earlier,
            n_asked=len(asked),
        )
        if child > 0:
            waiting += [(_Place(child, level, ends, asked), each) for each in (RIGHT, 0)]


def _tables(walk: Sequence[_Edge], n_points: int) -> NDArray[np.float64]:
    """Work out what an edge does at each point t of weight w.

    With p the `share`, z the share let through down to the edge and z' the one down to the earlier
    edge (1 if there is none), o and o' whether the conditions hold (o = 1 only if o' = 1): the
    product is multiplied by (z (1 - t) + o t) / (z' (1 - t) + o' t), which is linear in o and o',

        p + o' (z (1 - t) / (z' (1 - t) + t) - p) + o t / (z' (1 - t) + t),

    and each leaf below adds its product times what the edge gives its feature less what the
    earlier edge gave, with g(z, 1) = w (1 - z) / (z (1 - t) + t) and g(z, 0) = -w / (1 - t):

        o' (g(z, 0) - g(z', 1)) + o (g(z, 1) - g(z, 0)).

    Returns
    -------
    ndarray of float64, shape (4 x edges x points,)
        The factors of o' and o in the first, then in the second, edge by edge.
    """
    places, weights = np.polynomial.legendre.leggauss(n_points)
    t, w = (places + 1) / 2, weights / 2
    z = np.array([[edge.through] for edge in walk])
    earlier = np.array([[edge.through_earlier] for edge in walk])
    p = np.array([[edge.share] for edge in walk])
    held, held_earlier = z * (1 - t) + t, earlier * (1 - t) + t
    lost = -w / (1 - t)
    rows = (
        z * (1 - t) / held_earlier - p,
        t / held_earlier,
        lost - w * (1 - earlier) / held_earlier,
        w * (1 - z) / held - lost,
    )
    return np.stack(rows, axis=1).ravel()


def _expected(tree: Tree) -> float:
    if tree.n_leaves == 1:
        return float(tree.leaf_value[0])
    return float(tree.leaf_cover @ tree.leaf_value / tree.split_cover[0])
