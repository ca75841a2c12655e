"""What is on disk of one list: `lists/<id>/`.

    meta.json               what is known of it (`sources.Meta`)
    versions/<sha>.<kind>   good versions as they came; the file that was changed last is the one in force
    refused/<sha>.<kind>    the version that was refused, if there is one

`meta.json` is believed as far as the files bear it out. Where it is gone or damaged the files speak for themselves: a
name says what a file must hold and what the list was for. Whatever is interrupted leaves a version that can be used.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pathlib
import re
from typing import Literal, TypeVar

import msgspec

from resolver.errors import ListError
from resolver.lists import disk
from resolver.lists.sources import KEPT, Held, Meta, Sha256, Stamp

META = "meta.json"

log = logging.getLogger(__name__)

_VERSIONS = "versions"
_REFUSED = "refused"
_BEFORE = "list"  # the one version of older Lulls
_STEP = 2_000_000_000  # nanoseconds: the coarsest times that file systems keep
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_FILE = re.compile(r"([0-9a-f]{64})\.(block|allow)")


class _Before(msgspec.Struct, frozen=True):
    """What older Lulls wrote into `meta.json` of their one version."""

    url: str = ""
    kind: Literal["", "block", "allow"] = ""
    fetched: float = 0.0
    sha256: Sha256 = ""
    rules: int = 0
    stored: Stamp | None = None


_M = TypeVar("_M", Meta, _Before)


class Kept:
    """One list's directory. Every method is blocking; those that write raise ListError where nothing else is said."""

    def __init__(self, root: pathlib.Path, id: str) -> None:
        """`root` holds the directories of all lists. Raises ListError for an id that is no safe name."""
        if _ID.fullmatch(id) is None:
            raise ListError(f"list {id!r}: an id is up to 64 small letters, digits and hyphens")
        self.id = id
        self.directory = root / id

    def path(self, held: Held) -> pathlib.Path:
        """The file of a good version."""
        return self.directory / _VERSIONS / _name(held)

    def turned(self, held: Held) -> pathlib.Path:
        """The file of a refused version."""
        return self.directory / _REFUSED / _name(held)

    def load(self) -> Meta:
        """What is known of what is there. Never raises. Versions that are damaged are left out, and what is not known
        of is removed; then, and when `meta.json` is damaged, the source is asked anew."""
        older = False
        with contextlib.suppress(OSError):  # what cannot be read now is missed below
            self._sweep()
            older = (self.directory / _BEFORE).exists()
        meta = self._taken_over() if older else self._read(Meta)
        whole = {held.sha256: held for one in meta.versions if (held := self._whole(one, self.path(one)))}
        usable = [held.sha256 for held in (meta.version, *meta.older) if held and held.sha256 in whole]
        if whole:
            versions = tuple(whole.values()) if usable else ()
        else:
            versions = self._found(meta)
            usable = [held.sha256 for held in versions]
        turned = meta.turned if meta.turned and self._whole(meta.turned.held, self.turned(meta.turned.held)) else None
        meta = msgspec.structs.replace(meta, versions=versions, turned=turned, current=usable[0] if usable else "")
        self.prune(meta)
        return meta if meta.sha256 in {held.sha256 for held in meta.files()} else meta.asked_anew()

    def save(self, meta: Meta) -> bool:
        """Write `meta.json`. A disk that refuses is said in the log and survived: `load` repairs."""
        try:
            for directory in (_VERSIONS, _REFUSED):
                with contextlib.suppress(FileNotFoundError):
                    disk.sync(self.directory / directory)
            disk.replace(self.directory / META, msgspec.json.encode(meta))
        except OSError as error:
            log.warning("list %s: %s cannot be written: %s", self.id, self.directory / META, disk.why(error))
            return False
        return True

    def scratch(self) -> pathlib.Path:
        """A new file for a version on its way in."""
        try:
            return disk.scratch(self.directory)
        except OSError as error:
            raise self._refusal(error) from error

    def adopt(self, new: pathlib.Path, held: Held) -> Held:
        """Make a file that was brought to disk the version in force."""
        return self._move(new, self.path(held), held)

    def refuse(self, new: pathlib.Path, held: Held) -> Held:
        """Keep a file that was brought to disk as the refused version."""
        return self._move(new, self.turned(held), held)

    def go_to(self, held: Held) -> Held:
        """Make one of the versions the one in force."""
        return self._move(self.path(held), self.path(held), held)

    def prune(self, meta: Meta) -> None:
        """Remove the files of all versions that `meta` does not know."""
        spared = {self.path(held) for held in meta.versions}
        spared |= {self.turned(meta.turned.held)} if meta.turned else set()
        for directory in (_VERSIONS, _REFUSED):
            for path in self._files(directory):
                if path not in spared:
                    with contextlib.suppress(OSError):
                        path.unlink()

    def _move(self, path: pathlib.Path, place: pathlib.Path, held: Held) -> Held:
        """Put a file in its place, and make it the last that was changed there."""
        try:
            place.parent.mkdir(mode=0o700, exist_ok=True)
            others = [other.stat().st_mtime_ns for other in self._files(place.parent.name) if other != place]
            if path.stat().st_mtime_ns <= (last := max(others, default=0)):
                os.utime(path, ns=(last, last + _STEP))
            if path != place:
                path.replace(place)
            return msgspec.structs.replace(held, stored=Stamp.of(place.stat()))
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> ListError:
        return ListError(f"{self.directory} cannot be written: {disk.why(error)}")

    def _files(self, directory: str) -> list[pathlib.Path]:
        with contextlib.suppress(OSError):
            return [path for path in (self.directory / directory).iterdir() if _FILE.fullmatch(path.name)]
        return []

    def _whole(self, held: Held, path: pathlib.Path) -> Held | None:
        """A version whose file is what it should be, with the stamp that it has now."""
        try:
            stamp = Stamp.of(path.stat())
            if stamp == held.stored:
                return held
            if disk.sha256(path) == held.sha256:
                return msgspec.structs.replace(held, stored=stamp)
        except OSError:
            return None
        log.warning("list %s: %s is damaged and not used", self.id, path)
        return None

    def _found(self, meta: Meta) -> tuple[Held, ...]:
        """The versions that are there, by their files alone, the one in force first."""
        found = []
        for path in self._files(_VERSIONS):
            digest, _, kind = path.name.partition(".")
            url = meta.url if digest == meta.sha256 else ""
            held = self._whole(Held(digest, "allow" if kind == "allow" else "block", url), path)
            if held is not None and held.stored is not None:
                found.append((held.stored.mtime_ns, held.stored.size, held))
        found.sort(key=lambda one: one[0], reverse=True)
        return tuple(
            msgspec.structs.replace(held, received=changed / 1e9, bytes=size) for changed, size, held in found[:KEPT]
        )

    def _taken_over(self) -> Meta:
        """What an older Lull left: its version becomes one of ours. A kind that is not known is taken for "block": such
        a file never allows."""
        path, before, meta = self.directory / _BEFORE, self._read(_Before), self._read(Meta)
        try:
            stamp = Stamp.of(path.stat())
            digest = before.sha256 if stamp == before.stored else disk.sha256(path)
            received = before.fetched or stamp.mtime_ns / 1e9
            held = Held(digest, before.kind or "block", before.url, received, before.rules, stamp.size)
            held = self.adopt(path, held)
        except (OSError, ListError) as error:
            log.warning("list %s: %s cannot be taken over: %s", self.id, path, error)
            return meta
        changed = meta.changed or held.received
        meta = msgspec.structs.replace(meta, versions=(held,), current=held.sha256, changed=changed)
        self.save(meta)
        return meta

    def _read(self, type: type[_M]) -> _M:
        path = self.directory / META
        try:
            return msgspec.json.decode(path.read_bytes(), type=type)
        except FileNotFoundError:
            return type()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning("list %s: %s is damaged (%s); the list is looked for anew", self.id, path, error)
            return type()

    def _sweep(self) -> None:
        for path in self.directory.glob(disk.UNFINISHED + "*"):
            with contextlib.suppress(OSError):
                path.unlink()


def _name(held: Held) -> str:
    return f"{held.sha256}.{held.kind}"
