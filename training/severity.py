"""What to expect of a find: firearms, parts and rounds on the scale of severity."""

import numpy as np
import numpy.typing as npt

from training.dataset import Dataset

PSEUDO_FINDS = 10.0
"""So many finds of the overall mean are added to those of each mode."""


def expected_severity(data: Dataset) -> tuple[dict[str, float], float]:
    """Estimate the severity of a find, by mode and overall.

    Means of few and heavy-tailed finds are drawn towards the overall mean by `PSEUDO_FINDS`
    finds of it, `(sum + k m) / (n + k)`, so that a mode with two finds says little and one with
    a hundred speaks for itself.

    Parameters
    ----------
    data : Dataset
        Inspected items, finds among them.

    Returns
    -------
    by_mode : dict of str to float
        Mode to firearm equivalents, for the modes that were inspected.
    overall : float
        Mean over all finds.

    References
    ----------
    .. [1] Efron and Morris (1975), J. Am. Stat. Assoc. 70, 311-319.
    """
    found = data.y == 1
    overall = float(data.severity[found].mean())
    by_mode = {
        mode: _drawn(data.severity[found & (data.mode == mode)], overall)
        for mode in sorted(np.unique(data.mode).tolist())
    }
    return by_mode, overall


def _drawn(severity: npt.NDArray[np.float64], overall: float) -> float:
    total = severity.sum() + PSEUDO_FINDS * overall
    return float(total / (len(severity) + PSEUDO_FINDS))
