"""Use case: what a bundle says about itself: its card, its figures, its targets."""

from pathlib import Path
from typing import Any

from models.bundle import CARD, EVALUATION, VerifiedBundle
from models.documents import read_json
from models.errors import BundleRefused
from models.loaded import Loaded
from models.registry import SHIPPED, bundle_path
from models.signing import trusted_keys
from models.targets import read_verdicts, told


def describe_bundle(state_dir: Path, version: str | None, loaded: Loaded) -> dict[str, Any]:
    """Tell what a verified bundle says about itself.

    Parameters
    ----------
    state_dir : pathlib.Path
        The state folder, with installed bundles and trusted keys.
    version : str or None
        An installed bundle, None for the one that Weir ships.
    loaded : Loaded
        Bundles in memory.

    Returns
    -------
    dict
        `version, created_at, fit_window, label_window, code_version, signer, metrics`, its `card`
        as text, and `targets`, each in words with whether it was `met`; where none were put down
        before the fit there are none, and `without_targets` says so.

    Raises
    ------
    UnknownBundle
        If it is not installed.
    BundleRefused
        If it does not verify.
    """
    folder = SHIPPED if version is None else bundle_path(state_dir, version)
    verified = loaded.verify(folder, trusted_keys(state_dir))
    names = {"version", "created_at", "fit_window", "label_window", "code_version", "signer"}
    return {
        **{name: getattr(verified.manifest, name) for name in sorted(names)},
        "metrics": dict(sorted(verified.manifest.metrics.items())),
        "card": verified.contents[CARD].decode("utf-8"),
        **_targets(verified),
    }


def _targets(verified: VerifiedBundle) -> dict[str, Any]:
    evaluation = read_json(verified.contents[EVALUATION], EVALUATION)
    try:
        verdicts = read_verdicts(
            verified.manifest.targets, evaluation if isinstance(evaluation, dict) else {}
        )
    except BundleRefused as refused:
        return {"targets": [], "without_targets": refused.detail}
    return {
        "targets": [{"text": told(verdict), "met": verdict.met} for verdict in verdicts],
        "without_targets": None,
    }
