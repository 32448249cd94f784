"""Where keys, bundles and the embedded store live on this machine."""

import os
from pathlib import Path

from features.errors import WeirError

_OTHERS = 0o077
_OURS = ("audit", "bundles", "keys", "promotions", "weir.sqlite")


class StateExposed(WeirError):  # noqa: N818 - named after what the operator meets
    """A folder for state that others can look into, and that is not ours to close."""


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


def make_state_dir(folder: Path) -> None:
    """Make the folder for state, for its owner alone; close one that holds nothing but state.

    Parameters
    ----------
    folder : pathlib.Path
        Where; parents are made with the usual permissions.

    Raises
    ------
    StateExposed
        If others can look into it and it holds other things as well.
    OSError
        If it cannot be made or closed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    # not by mkdir's parents: those would ignore the mode
    folder.mkdir(mode=0o700, exist_ok=True)
    if not folder.stat().st_mode & _OTHERS:
        return
    if not all(path.name.startswith(_OURS) for path in folder.iterdir()):
        raise StateExposed(
            f"{folder} holds keys and can be read by others; run chmod 700 on it, or name a "
            "folder of its own as WEIR_STATE_DIR",
            field=str(folder),
        )
    folder.chmod(0o700)
