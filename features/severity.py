"""Severity: firearms and what makes them shoot, on one scale."""

SEVERITY_PER_FIREARM = 1.0
SEVERITY_PER_PART = 0.1
SEVERITY_PER_ROUND = 0.001


def severity(n_firearms: int, n_parts: int, n_rounds: int) -> float:
    """Weigh what an item carried in firearm equivalents.

    A finished firearm counts 1, a part or magazine 0.1, a round 0.001. The weights are a
    convention of this project, not a measured harm: ten parts or a thousand rounds are
    ranked like one firearm.

    Parameters
    ----------
    n_firearms, n_parts, n_rounds : int
        Firearms, parts and magazines, and rounds of ammunition.

    Returns
    -------
    float
        Severity in firearm equivalents, 0 for nothing.

    Examples
    --------
    >>> severity(2, 5, 500)
    3.0
    """
    return (
        SEVERITY_PER_FIREARM * n_firearms
        + SEVERITY_PER_PART * n_parts
        + SEVERITY_PER_ROUND * n_rounds
    )
