"""Files that are whole or absent: written aside, flushed, renamed; read without following links."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from models.errors import BundleRefused

_MANIFEST = "manifest.json"


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk, so that a rename in it survives a power cut.

    Parameters
    ----------
    folder : Path
        An existing folder.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Create a file and flush it; the name must be free.

    Parameters
    ----------
    path : Path
        Where; must not exist.
    data : bytes
        The content.
    mode : int
        Permissions, before the umask.

    Raises
    ------
    FileExistsError
        If the name is taken.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def folder_aside(target: Path, contents: Mapping[str, bytes]) -> Iterator[Path]:
    """Write files, flushed, into a hidden folder beside their target; it goes unless renamed.

    Parameters
    ----------
    target : Path
        The folder they will become; its parents are made.
    contents : Mapping of str to bytes
        File name to content.

    Yields
    ------
    Path
        The hidden folder.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        aside.chmod(0o755)
        for name, data in contents.items():
            write_file(aside / name, data)
        sync_folder(aside)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def read_folder(
    folder: Path, sizes: Mapping[str, int], optional: Mapping[str, int] | None = None
) -> dict[str, bytes]:
    """Read a folder that holds exactly the named regular files, each once, links refused.

    Parameters
    ----------
    folder : Path
        The folder; must not be a link itself.
    sizes : Mapping of str to int
        File name to the most bytes it may have.
    optional : Mapping of str to int, optional
        The same for files that may be there.

    Returns
    -------
    dict of str to bytes
        Every file's content, read once: what is checked later is what was read here.

    Raises
    ------
    BundleRefused
        If the folder is no folder, a file is missing, unknown, linked, special or too big.
    """
    if folder.is_symlink():
        raise BundleRefused(str(folder), "it is a link; name the folder that it leads to")
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise BundleRefused(
            str(folder), f"it is not a folder that can be read ({error.strerror})"
        ) from error
    try:
        names = set(os.listdir(descriptor))  # noqa: PTH208 - the folder that was opened, whatever its name now means
        if _MANIFEST in sizes and _MANIFEST not in names:
            raise BundleRefused(str(folder), f"this is not a bundle: no {_MANIFEST}")
        allowed = {**sizes, **(optional or {})}
        for name in sorted(names - allowed.keys()):
            raise BundleRefused(name, "it is no part of a bundle; remove it")
        for name in sorted(sizes.keys() - names):
            raise BundleRefused(name, "it is missing from the bundle")
        return {
            name: _read_file(descriptor, name, most)
            for name, most in allowed.items()
            if name in names
        }
    finally:
        os.close(descriptor)


def _read_file(folder: int, name: str, most: int) -> bytes:
    # O_NONBLOCK: opening a named pipe must not wait for a writer
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(name, flags, dir_fd=folder)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise BundleRefused(name, "it is not a regular file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data = file.read(most + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise BundleRefused(name, f"it cannot be read as a file ({error.strerror})") from error
    if len(data) > most:
        raise BundleRefused(name, f"it is bigger than {most} bytes")
    return data
