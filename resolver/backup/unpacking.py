"""A backup that was checked, as files in a directory: each member under its own name."""

from __future__ import annotations

import hashlib
import os
import pathlib
from collections.abc import Callable

from resolver.backup.format import MANIFEST
from resolver.backup.reading import Checked, Reading
from resolver.errors import BackupError

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def unpack(path: pathlib.Path, checked: Checked, out: pathlib.Path, say: Callable[[float], None]) -> None:
    """Write every member that `checked` has below `out`, a directory that is empty; `say` is told how much is done,
    from 0.0 to 1.0. Raises BackupError when the file is another by now; OSError."""
    done = 0
    with path.open("rb") as file:
        reading = Reading(file)
        for header in reading.members():
            if header.name == MANIFEST:
                continue
            known = checked.members.get(header.name)
            if known is None:
                raise BackupError("the file was changed while it was read")
            target = out / header.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with open(os.open(target, _FLAGS, 0o600), "wb") as new:  # noqa: PTH123 - nobody else may read it
                for data in reading.chunks():
                    digest.update(data)
                    new.write(data)
            if digest.hexdigest() != known.sha256:
                raise BackupError("the file was changed while it was read")
            done += known.size
            say(done / max(checked.size, 1))
