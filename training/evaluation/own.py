"""Somebody's own policy, from a file of theirs."""

import importlib.util
from pathlib import Path

from features.errors import WeirError
from training.evaluation.policy import Policy


class UnknownPolicy(WeirError):  # noqa: N818 - named after the user's mistake
    """A policy that is not where the caller says it is."""


def read_policy(place: str) -> Policy:
    """Import a policy. This runs the file, as the caller who names it asks for.

    Parameters
    ----------
    place : str
        `FILE.py:NAME`, the name of a class that is made without arguments.

    Returns
    -------
    Policy
        A new one.

    Raises
    ------
    UnknownPolicy
        If there is no such file or name, or what it names is no policy.
    """
    path, _, name = place.rpartition(":")
    if not path or not Path(path).is_file():
        raise UnknownPolicy(f"--policy {place}: write it as FILE.py:NAME", field="policy")
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    if spec is None or spec.loader is None:
        raise UnknownPolicy(f"{path} is no Python file; name a .py", field="policy")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = getattr(module, name, None)
    policy = made() if isinstance(made, type) else None
    if policy is None or not hasattr(policy, "choose") or not hasattr(policy, "name"):
        raise UnknownPolicy(
            f"{path} has no class {name} with a name and a method choose", field="policy"
        )
    own: Policy = policy
    return own
