"""Capture of what carried, and risks held against what a random exam finds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.metrics import capture

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

N_BINS = 10


@dataclass(frozen=True)
class Calibrated:
    """Risks beside findings of items that were drawn without regard to their risk.

    Parameters
    ----------
    n_exams, n_finds : int
        Exams and what they found.
    observed_over_expected : float
        Finds over the sum of risks.
    low, high : float
        95 % interval of it, exact for a Poisson number of finds.
    slope : float
        Log-odds of a find per unit of log-odds of the risk; 1 is calibrated, less is
        overconfident. NaN without finds.
    slope_low, slope_high : float
        Its 95 % interval.
    bins : list of dict of str to float
        `mean_risk`, `find_share`, `n_exams` and `n_finds` of tenths by rank of risk.
    """

    n_exams: int
    n_finds: int
    observed_over_expected: float
    low: float
    high: float
    slope: float
    slope_low: float
    slope_high: float
    bins: list[dict[str, float]]


def captured(score: Numbers, wanted: Flags, share: float) -> float:
    """Give the share of wanted items among those with the highest scores.

    Parameters
    ----------
    score : array of float, shape (n,)
        Any score that ranks; items tied at the edge count in proportion.
    wanted : array of bool, shape (n,)
        What is to be captured.
    share : float
        Share of the items that is taken, 0 to 1.

    Returns
    -------
    float
        0 to 1; NaN if nothing is wanted.
    """
    return capture(score, wanted.astype(np.int8), np.ones(len(score)), share)


def normalised(policy: float, ceiling: float, share: float) -> float:
    """Place a capture between that of a random order and that of the ceiling.

    Parameters
    ----------
    policy, ceiling : float
        Captures, 0 to 1.
    share : float
        Share of items taken, which is what a random order captures.

    Returns
    -------
    float
        (policy - random) / (ceiling - random); NaN where the ceiling is no better than random.

    Examples
    --------
    >>> normalised(0.25, 0.45, 0.05)
    0.5
    """
    if ceiling <= share:
        return float("nan")
    return (policy - share) / (ceiling - share)


def judge_calibration(risk: Numbers, finds: Flags) -> Calibrated:
    """Hold risks against what exams of the same items found.

    Parameters
    ----------
    risk : array of float, shape (n,)
        Above 0 and below 1.
    finds : array of bool, shape (n,)
        What an exam of each found.

    Returns
    -------
    Calibrated
        Figures with intervals.

    References
    ----------
    .. [1] Garwood (1936), Biometrika 28, 437-442, for the interval of a Poisson count.
    .. [2] Cox (1958), Biometrika 45, 562-565, for the slope.
    """
    from scipy.stats import chi2  # noqa: PLC0415 - costs a second

    n_finds, expected = int(finds.sum()), float(risk.sum())
    low = chi2.ppf(0.025, 2 * n_finds) / 2 if n_finds else 0.0
    high = chi2.ppf(0.975, 2 * n_finds + 2) / 2
    slope, error = _slope(np.log(risk / (1 - risk)), finds)
    return Calibrated(
        n_exams=len(finds),
        n_finds=n_finds,
        observed_over_expected=n_finds / expected,
        low=float(low / expected),
        high=float(high / expected),
        slope=slope,
        slope_low=slope - 1.96 * error,
        slope_high=slope + 1.96 * error,
        bins=_bins(risk, finds),
    )


def _slope(log_odds: Numbers, finds: Flags, n_steps: int = 50) -> tuple[float, float]:
    """Fit a + b log-odds to the finds by Newton's method; give b and its standard error."""
    if not finds.any() or finds.all() or np.ptp(log_odds) == 0:
        return float("nan"), float("nan")
    columns = np.column_stack([np.ones(len(log_odds)), log_odds])
    at = np.array([0.0, 1.0])
    information = np.eye(2)
    for _ in range(n_steps):
        p = 1 / (1 + np.exp(-np.clip(columns @ at, -30, 30)))
        information = (columns * (p * (1 - p))[:, None]).T @ columns
        step = np.linalg.solve(information, columns.T @ (finds - p))
        # far from the maximum a whole step can overshoot
        at = at + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:  # noqa: PLR2004 - converged
            break
    return float(at[1]), float(np.sqrt(np.linalg.inv(information)[1, 1]))


def _bins(risk: Numbers, finds: Flags) -> list[dict[str, float]]:
    order = np.argsort(risk, kind="stable")
    return [
        {
            "mean_risk": float(risk[part].mean()),
            "find_share": float(finds[part].mean()),
            "n_exams": float(len(part)),
            "n_finds": float(finds[part].sum()),
        }
        for part in np.array_split(order, N_BINS)
        if len(part)
    ]
