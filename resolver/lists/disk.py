"""Files that are whole or not there, and what is said when the disk refuses."""

from __future__ import annotations

import errno
import hashlib
import os
import pathlib
import tempfile

_FULL = {errno.ENOSPC, errno.EDQUOT}

UNFINISHED = "new-"
"""How the names of files and directories begin that are not finished; what is left of them may be removed."""


def why(error: OSError) -> str:
    """The reason of a failure, for a person."""
    if error.errno in _FULL:
        return "the disk is full; make room and it is tried again"
    return error.strerror or str(error)


def sync(path: pathlib.Path) -> None:
    """Bring a file, or a directory's entries, to disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def scratch(directory: pathlib.Path) -> pathlib.Path:
    """A new empty file (mode 0600) in `directory`, which is made if need be. Raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=UNFINISHED, dir=directory)
    os.close(descriptor)
    return pathlib.Path(name)


def replace(path: pathlib.Path, data: bytes) -> None:
    """Make `data` what `path` holds: wholly, or not at all. Raises OSError."""
    new = scratch(path.parent)
    try:
        new.write_bytes(data)
        sync(new)
        new.replace(path)
        sync(path.parent)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def sha256(path: pathlib.Path) -> str:
    """The SHA-256 of a file in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
