"""The file of an embedded store: for its owner alone, and still the one that was opened."""

import os
import threading
from pathlib import Path

from features.errors import WeirError

_OTHERS = 0o077
_COMPANIONS = ("", "-wal", "-shm")


class StoreUnavailable(WeirError):  # noqa: N818 - what the caller sees
    """The store cannot be read or written just now; nothing of the request was kept.

    Parameters
    ----------
    detail : str
        What callers are told.
    reason : str
        What the driver or the system says, for the operator alone.
    """

    def __init__(self, detail: str, *, reason: str = "") -> None:
        super().__init__(detail)
        self.reason = reason


class StoreFile:
    """The SQLite file of one open store.

    Parameters
    ----------
    path : pathlib.Path
        Where it is, or will be.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None
        self._first = threading.Lock()

    def prepare(self) -> None:
        """Make the file if it was never opened, readable by its owner only.

        SQLite gives the write-ahead log and its index the permissions of the file.

        Raises
        ------
        StoreUnavailable
            If it cannot be made or closed to others, or was moved away since it was opened.
        """
        with self._first:
            if self._opened is not None:
                self.require_in_place()
                return
            try:
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
                self._close_to_others()
                self._opened = self._identity()
            except OSError as failed:
                raise StoreUnavailable(
                    "the store cannot be opened just now; send it again",
                    reason=f"{failed.filename or self._path}: {failed.strerror}",
                ) from failed

    def require_in_place(self) -> None:
        """Refuse to go on with a file that was moved away or replaced after it was opened.

        Raises
        ------
        StoreUnavailable
            If the path no longer leads to the file that was opened.
        """
        if self._opened is not None and self._identity() != self._opened:
            raise StoreUnavailable(
                "the store's file was moved away or replaced; put it back and start again",
                reason=f"{self._path} is not the file that was opened",
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _close_to_others(self) -> None:
        for companion in _COMPANIONS:
            path = self._path.with_name(self._path.name + companion)
            if path.exists() and path.stat().st_mode & _OTHERS:
                path.chmod(0o600)
