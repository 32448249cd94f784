"""Checkpoints: the head of the chain, signed, in the store and in a file beside it."""

import os
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson
import structlog

from features.errors import WeirError
from models.signing import TrustedKeys, load_or_create_key, trusted_keys
from models.state import make_state_dir
from service.clock import Clock
from service.store.chain import (
    Checkpoint,
    add_checkpoint,
    head,
    last_checkpoint,
    lock_chain,
)
from service.store.engine import Store

FOLDER = "audit"
"""Folder of the state folder that holds the key and the copies, apart from keys of bundles."""

COPIES = "checkpoints.jsonl"
_KEY = "notary"


class CopiesDamaged(WeirError):  # noqa: N818 - named after what the operator meets
    """The file of checkpoints beside the store is not what was written to it."""


class Notary:
    """Signs where the chain ends, so that nobody can rewrite what lies before.

    Parameters
    ----------
    state_dir : pathlib.Path
        The state folder. Whoever can write to the store but not here cannot forge.
    """

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / FOLDER
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def trusted(self) -> TrustedKeys:
        """Give the keys whose checkpoints count: those of this folder, past ones included.

        Returns
        -------
        TrustedKeys
            Empty before anything was ever signed here.
        """
        return trusted_keys(None, self._folder / "keys")

    def sign(self, store: Store, now: datetime) -> Checkpoint | None:
        """Sign the head of the chain, unless it is signed already.

        Parameters
        ----------
        store : Store
            Holds the chain.
        now : datetime.datetime
            The present moment.

        Returns
        -------
        Checkpoint or None
            None if nothing was done since the last one.
        """
        with store.read() as connection:
            if head(connection).seq == last_checkpoint(connection):
                return None
        key = load_or_create_key(self._folder, _KEY)
        with store.write() as connection:
            lock_chain(connection)
            seq, digest = head(connection)
            if seq == last_checkpoint(connection):
                return None
            unsigned = Checkpoint(seq, digest, now, key.key_id, "")
            checkpoint = unsigned._replace(signature=key.sign(unsigned.message()).hex())
            add_checkpoint(connection, checkpoint)
        self._copy(checkpoint)
        return checkpoint

    def _copy(self, checkpoint: Checkpoint) -> None:
        make_state_dir(self._folder)
        line = orjson.dumps(checkpoint._asdict(), option=orjson.OPT_UTC_Z) + b"\n"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(self._folder / COPIES, flags, 0o600)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def copies(self) -> Iterator[Checkpoint]:
        """Read the checkpoints that were copied beside the store.

        Yields
        ------
        Checkpoint
            As written; the signature is not verified.

        Raises
        ------
        CopiesDamaged
            If a line is not a checkpoint; names it. A last line that was cut off by a crash is
            left out: its checkpoint is in the store.
        """
        path = self._folder / COPIES
        if not path.exists():
            return
        lines = path.read_bytes().split(b"\n")[:-1]
        for number, line in enumerate(lines, 1):
            try:
                fields = orjson.loads(line)
                fields["at"] = datetime.fromisoformat(fields["at"])
                yield Checkpoint(**fields)
            except (ValueError, TypeError, KeyError):
                raise CopiesDamaged(
                    f"{path} line {number} is not a checkpoint; restore the file from a backup",
                    field=str(path),
                ) from None

    def watch(self, store: Store, clock: Clock, every_seconds: float) -> None:
        """Sign again and again, in a thread of its own.

        Parameters
        ----------
        store : Store
            Holds the chain.
        clock : callable
            Tells the time.
        every_seconds : float
            Time between two looks.
        """

        def look() -> None:
            while not self._stop.wait(every_seconds):
                self.sign_or_log(store, clock())

        self._thread = threading.Thread(target=look, name="weir-notary", daemon=True)
        self._thread.start()

    def sign_or_log(self, store: Store, now: datetime) -> None:
        """Sign, or log why that is not possible now; the next look tries again.

        Parameters
        ----------
        store : Store
            Holds the chain.
        now : datetime.datetime
            The present moment.
        """
        try:
            self.sign(store, now)
        except (WeirError, OSError) as failed:
            structlog.get_logger().error("checkpoint_not_signed", detail=str(failed))

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
