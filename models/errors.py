"""What can be wrong with a bundle, a key, a plan or a rule, in words that say what to do."""

from features.errors import WeirError


class BundleRefused(WeirError):  # noqa: N818 - named after what happened
    """A bundle that must not be loaded.

    Parameters
    ----------
    file : str
        The bundle file at fault (`model.txt`), or the folder itself.
    reason : str
        What is wrong with it and, where something can be done, what.

    Attributes
    ----------
    check : str
        The line of defence that stopped it, in a word or two; empty where none is named.
    """

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}", field=file)
        self.reason = reason
        self.check = ""


class KeyRefused(WeirError):  # noqa: N818 - named after what happened
    """A key file that is damaged, readable by others, or not trusted."""


class InvalidTargets(WeirError):  # noqa: N818 - named after the user's mistake
    """A file of targets that cannot be read, or asks for nothing."""


class CalibrationFailed(WeirError):  # noqa: N818 - named after what happened
    """Scores and outcomes from which no calibration can be fitted."""


class UnknownBundle(WeirError):  # noqa: N818 - named after the user's mistake
    """A bundle version that is not installed."""


class InvalidPlan(WeirError):  # noqa: N818 - named after the user's mistake
    """A shift, a budget or candidates from which nothing can be chosen with known chances."""


class NoOverlap(WeirError):  # noqa: N818 - named after what is missing
    """A policy that was never run, and would have chosen what the one that ran could not."""
