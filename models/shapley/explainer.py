"""Shapley values for any number of rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.shapley.program import Program, compile_trees
from models.trees import Tree

_MOST_ALONE = 3
"""Up to so many rows go through one by one; a block costs what four cost."""


class Explainer:
    """Splits scores over features. Immutable; any thread may call it.

    Its machine code is made for the processor at the first call in an installation, which takes
    seconds, and kept in `NUMBA_CACHE_DIR`, by default beside the source, else in the user's cache
    folder. Where none of them can be written it is made anew in each process.

    Parameters
    ----------
    program : Program
        The trees, from `compile_trees`.

    Examples
    --------
    >>> stump = Tree(
    ...     feature=np.array([0]), threshold=np.array([0.5]), missing=np.array([0]),
    ...     missing_left=np.array([False]), left=np.array([-1]), right=np.array([-2]),
    ...     split_cover=np.array([4]), leaf_cover=np.array([1, 3]),
    ...     leaf_value=np.array([1.0, -1.0]), depth=1)
    >>> explain = Explainer.of([stump])
    >>> explain.contributions(np.array([[0.0], [1.0]], np.float32)).round(9)
    array([[ 1.5, -0.5],
           [-0.5, -0.5]])
    """

    def __init__(self, program: Program) -> None:
        self._program = program

    @classmethod
    def of(cls, trees: Sequence[Tree]) -> "Explainer | None":
        """Make one for a model.

        Parameters
        ----------
        trees : sequence of Tree
            The model's trees.

        Returns
        -------
        Explainer or None
            None for a model whose tables would be too big, see `compile_trees`.
        """
        program = compile_trees(trees)
        return None if program is None else cls(program)

    def contributions(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Split each raw score exactly over the features.

        Parameters
        ----------
        X : ndarray of float32, shape (n, f)
            Rows; NaN where missing. Columns must be those of the trees.

        Returns
        -------
        ndarray of float64, shape (n, f + 1)
            Path-dependent Shapley values in log-odds, as LightGBM's `pred_contrib` gives them,
            the base (expected score) last. A row's values are the same bits in any batch.
        """
        from models.shapley.kernel import ALONE, BLOCK, add_contributions  # noqa: PLC0415 - costs a second

        n_rows, n_features = X.shape
        out = np.zeros((n_rows, n_features + 1))
        out[:, -1] = self._program.base
        lanes = ALONE if n_rows <= _MOST_ALONE else BLOCK
        # one layout, so that the compiler is never asked for another
        add_contributions(np.require(X, np.float32, ["C", "W"]), self._program, lanes, out)
        return out
