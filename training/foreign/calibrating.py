"""From scores to risks, bent no more than the calibrate window has evidence for."""

import numpy as np
import numpy.typing as npt

from models.calibration import FEWEST_FINDS_FOR_ISOTONIC, Calibration, fit_calibration

Numbers = npt.NDArray[np.float64]

N_FOLDS = 5
_NEVER = 2**62


def calibrate(score: Numbers, y: Numbers) -> Calibration:
    """Fit a sigmoid or isotonic regression, whichever foretells held-out rows better.

    With some hundreds of rows isotonic regression follows chance; with many it follows what a
    sigmoid cannot. Folds are every fifth row, so that both see the whole window.

    Parameters
    ----------
    score : array of float, shape (n,)
        Raw scores of the calibrate window.
    y : array of float, shape (n,)
        1 for a find.

    Returns
    -------
    Calibration
        Fitted on all rows.

    Raises
    ------
    CalibrationFailed
        If the window has one outcome only.
    """
    fewest = (_NEVER, FEWEST_FINDS_FOR_ISOTONIC)
    losses = [_held_out_loss(score, y, least) for least in fewest]
    return _fit(score, y, fewest[int(np.argmin(losses))])


def _fit(score: Numbers, y: Numbers, fewest_finds: int) -> Calibration:
    return fit_calibration(score, y.astype(np.int64), fewest_finds_to_bend=fewest_finds)


def _held_out_loss(score: Numbers, y: Numbers, fewest_finds: int) -> float:
    fold = np.arange(len(y)) % N_FOLDS
    loss = 0.0
    for held in range(N_FOLDS):
        there = fold != held
        if len(np.unique(y[there])) < 2:  # noqa: PLR2004 - both outcomes
            return 0.0
        risk = _fit(score[there], y[there], fewest_finds).apply(score[~there])
        loss -= float(np.log(np.where(y[~there] == 1, risk, 1 - risk)).sum())
    return loss
