"""The steps by which files take the place of others: each can be done again, and undone again, from wherever it was
left. Each raises OSError."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil

import msgspec


class Move(msgspec.Struct, frozen=True, tag="move"):
    """`target` goes to `aside`, if it is there, and `source` ("": nothing) takes its place. One file system."""

    source: str
    target: str
    aside: str

    def take(self) -> None:
        if not self.source or os.path.lexists(self.source):
            if os.path.lexists(self.target) and not os.path.lexists(self.aside):
                os.rename(self.target, self.aside)  # noqa: PTH104 - paths as the plan has them
            if self.source:
                os.rename(self.source, self.target)  # noqa: PTH104
        sync(self.target)

    def undo(self) -> None:
        if self.source and not os.path.lexists(self.source) and os.path.lexists(self.target):
            os.rename(self.target, self.source)  # noqa: PTH104
        if os.path.lexists(self.aside):
            os.rename(self.aside, self.target)  # noqa: PTH104
        sync(self.target)


class Replace(msgspec.Struct, frozen=True, tag="replace"):
    """`source`, which stands beside `target`, takes its place. `before` is a copy of what was there ("": nothing)."""

    source: str
    target: str
    before: str

    def take(self) -> None:
        if os.path.lexists(self.source):
            os.replace(self.source, self.target)  # noqa: PTH105
        sync(self.target)

    def undo(self) -> None:
        target, source = pathlib.Path(self.target), pathlib.Path(self.source)
        if self.before and not _same(self.before, self.target):
            back = f"{self.source}.undo"
            shutil.copyfile(self.before, back)
            shutil.copystat(self.before, back)
            os.replace(back, self.target)  # noqa: PTH105
        if not self.before and not source.exists():
            target.unlink(missing_ok=True)
        source.unlink(missing_ok=True)
        sync(self.target)


def sync(path: str) -> None:
    """Bring the names in the directory of a path to disk."""
    descriptor = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)  # noqa: PTH120
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _same(one: str, other: str) -> bool:
    with contextlib.suppress(OSError):
        return pathlib.Path(one).read_bytes() == pathlib.Path(other).read_bytes()
    return False
