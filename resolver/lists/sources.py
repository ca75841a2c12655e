"""What is known of a list: the versions that are kept, the one that was refused, and how the checks went."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import msgspec

KEPT = 3
"""How many good versions of a list are kept."""


Sha256 = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
"""In hex; files are named so."""


class Stamp(msgspec.Struct, frozen=True):
    """By what a file is known to be unchanged without reading it."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


class Held(msgspec.Struct, frozen=True):
    """A version on disk: the SHA-256 and `bytes` of its file, the `kind` that the list had when it came, the `url` (or
    a file's path) it came from, when it was `received` (Unix time), its `rules` (0: not counted yet), and the `stored`
    file's stamp."""

    sha256: Sha256
    kind: Literal["block", "allow"]
    url: str = ""
    received: float = 0.0
    rules: int = 0
    bytes: int = 0
    stored: Stamp | None = None


class Turned(msgspec.Struct, frozen=True):
    """A version that was refused: why, and when (Unix time). `terms` are what it was judged by: by others it is judged
    anew. What is `passing` is no list at all, but a sign-in page or the like: the list itself is likely back soon."""

    held: Held
    reason: str
    at: float
    terms: str = ""
    passing: bool = False


class Meta(msgspec.Struct, frozen=True):
    """What is known of a list. Times are Unix times, 0.0 for never.

    Of what the source gave last, good or refused: the `url` (or file's path) it came from, its `etag` and
    `last_modified` (RFC 9110 section 8.8), its `sha256` (empty: what it gave is not here, and it is asked without
    conditions), `fetched` (when it was received), and `seen`, the stamp of the file that it was copied from.
    Of the versions: `versions`, newest first; `current`, the SHA-256 of the one in force (empty: none); `changed`, when
    another one last came into force; `turned`, the one that was refused; `note`, why people or the watchdog went back
    to the version in force (empty: they did not).
    Of the checks: `checked`, `failures` in a row, the last `error` (empty: all is well) and `next_try`.
    """

    url: str = ""
    etag: str = ""
    last_modified: str = ""
    sha256: str = ""
    fetched: float = 0.0
    seen: Stamp | None = None
    versions: tuple[Held, ...] = ()
    current: str = ""
    changed: float = 0.0
    turned: Turned | None = None
    note: str = ""
    checked: float = 0.0
    failures: int = 0
    error: str = ""
    next_try: float = 0.0

    @property
    def version(self) -> Held | None:
        """The version in force."""
        return next((held for held in self.versions if held.sha256 == self.current), None)

    @property
    def left(self) -> tuple[Held, ...]:
        """The versions that were in force and left for an older one, newest first: they are not taken again when the
        source gives them."""
        return self.versions[: self._place()]

    @property
    def older(self) -> tuple[Held, ...]:
        """The versions before the one in force, newest first."""
        return self.versions[self._place() + 1 :]

    def _place(self) -> int:
        places = (place for place, held in enumerate(self.versions) if held.sha256 == self.current)
        return next(places, 0)

    def files(self) -> tuple[Held, ...]:
        """All that is to be on disk."""
        return (*self.versions, *([self.turned.held] if self.turned else []))

    def taken(self, held: Held, now: float) -> Meta:
        """With a new version in force; those that were left are forgotten."""
        before = () if self.version is None else (self.version, *self.older)
        rest = tuple(one for one in before if one.sha256 != held.sha256)
        turned = None if self.turned and self.turned.held.sha256 == held.sha256 else self.turned
        return msgspec.structs.replace(
            self, versions=(held, *rest)[:KEPT], current=held.sha256, changed=now, turned=turned, note=""
        )

    def moved(self, held: Held, now: float, note: str = "") -> Meta:
        """With another of its versions in force, and the reason to go back to it."""
        versions = tuple(held if one.sha256 == held.sha256 else one for one in self.versions)
        return msgspec.structs.replace(self, versions=versions, current=held.sha256, changed=now, note=note)

    def counted(self, sha256: str, rules: int) -> Meta:
        """With the number of rules of a version."""
        versions = tuple(
            msgspec.structs.replace(held, rules=rules) if held.sha256 == sha256 else held for held in self.versions
        )
        return msgspec.structs.replace(self, versions=versions)

    def asked_anew(self) -> Meta:
        """So that the source is asked at once, and without conditions."""
        return msgspec.structs.replace(self, sha256="", etag="", last_modified="", seen=None, next_try=0.0)
