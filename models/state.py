"""Where keys, bundles and the embedded store live on this machine."""

import os
from pathlib import Path


def default_state_dir() -> Path:
    """Give the folder for state where `WEIR_STATE_DIR` does not say.

    Returns
    -------
    pathlib.Path
        `$XDG_STATE_HOME/weir`, or `~/.local/state/weir` where that variable is not set.

    References
    ----------
    .. [1] XDG Base Directory Specification 0.8, `XDG_STATE_HOME`.
    """
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "weir"


def state_dir() -> Path:
    """Give the folder for state that this process was told to use.

    Returns
    -------
    pathlib.Path
        `WEIR_STATE_DIR`, or the default where it is not set. It may not exist yet.
    """
    told = os.environ.get("WEIR_STATE_DIR")
    return Path(told) if told else default_state_dir()
