"""Whether a daemon runs on a state directory, and keeping one from starting meanwhile."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
from collections.abc import Iterator


@contextlib.contextmanager
def alone(state: pathlib.Path) -> Iterator[bool]:
    """Hold the lock of a state directory, as the supervisor does; False if somebody else has it, or it is not ours to
    hold. Raises FileNotFoundError when there is no such directory."""
    owner = state.stat()
    try:
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        yield False
        return
    try:
        if os.geteuid() == 0:
            os.fchown(lock, owner.st_uid, owner.st_gid)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
            return
    finally:
        os.close(lock)
    yield False
