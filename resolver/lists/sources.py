"""What is kept on disk of one list: `lists/<id>/list`, its last good version as it came, and `meta.json` about it."""

from __future__ import annotations

import contextlib
import logging
import os
import pathlib
import re

import msgspec

from resolver.errors import ListError
from resolver.lists import disk

LIST = "list"
META = "meta.json"

log = logging.getLogger(__name__)

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Stamp(msgspec.Struct, frozen=True):
    """By what a file is known to be unchanged without reading it."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


class Meta(msgspec.Struct, frozen=True):
    """What is known of a list. Times are Unix times, 0.0 for never.

    Of the version that is kept: `url` (or a file's path) it came from and the `kind` that the list had then, its `etag`
    and `last_modified` (RFC 9110 section 8.8), `fetched` (when it was last received), `changed` (when it last became
    another), `sha256` (empty: there is no version), `bytes`, `rules`, and the `stored` file's stamp. `seen` is the
    stamp of the file that it was copied from.
    Of the checks: `checked`, `failures` in a row, the last `error` (empty: all is well) and `next_try`.
    """

    url: str = ""
    kind: str = ""
    etag: str = ""
    last_modified: str = ""
    fetched: float = 0.0
    changed: float = 0.0
    sha256: str = ""
    bytes: int = 0
    rules: int = 0
    stored: Stamp | None = None
    seen: Stamp | None = None
    checked: float = 0.0
    failures: int = 0
    error: str = ""
    next_try: float = 0.0


class Kept:
    """One list's directory. Every method is blocking."""

    def __init__(self, root: pathlib.Path, id: str) -> None:
        """`root` holds the directories of all lists. Raises ListError for an id that is no safe name."""
        if _ID.fullmatch(id) is None:
            raise ListError(f"list {id!r}: an id is up to 64 small letters, digits and hyphens")
        self.id = id
        self.directory = root / id
        self.path = self.directory / LIST

    def load(self) -> Meta:
        """What is known of the version that is there. Never raises.

        The file itself is believed before `meta.json`: when they do not belong together, or that is damaged, the file
        is taken as it is and looked for anew. What unfinished downloads have left is removed.
        """
        self._sweep()
        meta = self._read()
        try:
            stamp = self.stamp()
            if stamp == meta.stored:
                return meta
            digest = disk.sha256(self.path)
        except OSError:
            return Meta(url=meta.url, failures=meta.failures, error=meta.error, checked=meta.checked)
        seconds = stamp.mtime_ns / 1e9
        return Meta(
            url=meta.url,
            kind=meta.kind,
            fetched=meta.fetched or seconds,
            changed=meta.changed or seconds,
            sha256=digest,
            bytes=stamp.size,
            rules=meta.rules,
            stored=stamp,
        )

    def save(self, meta: Meta) -> None:
        """Write `meta.json`. A disk that refuses is said in the log and survived: `load` repairs."""
        try:
            disk.replace(self.directory / META, msgspec.json.encode(meta))
        except OSError as error:
            log.warning("list %s: %s cannot be written: %s", self.id, self.directory / META, disk.why(error))

    def scratch(self) -> pathlib.Path:
        """A new file for a version on its way in. Raises ListError."""
        try:
            return disk.scratch(self.directory)
        except OSError as error:
            raise ListError(f"{self.directory} cannot be written: {disk.why(error)}") from error

    def adopt(self, new: pathlib.Path) -> Stamp:
        """Make a file of `scratch`, already brought to disk, the version that is kept. Raises ListError."""
        try:
            new.replace(self.path)
            return self.stamp()
        except OSError as error:
            raise ListError(f"{self.path} cannot be written: {disk.why(error)}") from error

    def stamp(self) -> Stamp:
        """The stamp of the version that is kept. Raises OSError when there is none."""
        return Stamp.of(self.path.stat())

    def _read(self) -> Meta:
        path = self.directory / META
        try:
            return msgspec.json.decode(path.read_bytes(), type=Meta)
        except FileNotFoundError:
            return Meta()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning("list %s: %s is damaged (%s); the list is looked for anew", self.id, path, error)
            return Meta()

    def _sweep(self) -> None:
        for path in self.directory.glob(disk.UNFINISHED + "*"):
            with contextlib.suppress(OSError):
                path.unlink()
