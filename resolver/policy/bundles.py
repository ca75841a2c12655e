"""Bundles on disk: `bundles/<generation>/` with a manifest, and `bundles/current` that names the one in force.

Whatever moment a writer is killed at, `current` names a whole bundle, the old one or the new one: files are synced
before their directory is renamed into place, and the pointer is replaced by a rename after that.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pathlib
import shutil
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from resolver.errors import BundleError
from resolver.policy.anchor import stepped
from resolver.policy.bundle import DOCUMENT, OWN, Bundle
from resolver.policy.document import Document
from resolver.policy.overlay import lines_of
from resolver.rules.own import Line, compile_lines, mark

log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
CURRENT = "current"
NAMES = ("names.trie", "names.sets", "sets.msgpack")
_OWN_NAMES = tuple(f"{OWN}/{file}" for file in NAMES)
_KEPT = 3
_UNFINISHED = "new-"
_COMPILING = f"{_UNFINISHED}own"


class Manifest(msgspec.Struct, frozen=True):
    """What a bundle consists of: SHA-256 by file name, and when it was made (Unix time). `own` tells of which lines of
    people's own rules the files below `own/` were made ("": there are none), `refused` which of these rules are not in
    force, as they are written, and why."""

    generation: str
    created: float
    files: dict[str, str]
    own: str = ""
    refused: dict[str, str] = {}


class Bundles:
    """The bundle directory of a state directory: one writer (control), many readers (workers)."""

    def __init__(self, state: pathlib.Path) -> None:
        self.root = state / "bundles"
        self._last = 0  # a number is never given twice, even if somebody empties the directory

    def current(self) -> str | None:
        """The generation in force; None before the first, and when the pointer is damaged."""
        try:
            generation = (self.root / CURRENT).read_text("ascii").strip()
        except (OSError, ValueError):
            return None
        return generation if generation.isdecimal() else None

    def generations(self) -> list[str]:
        """What is there, newest first."""
        try:
            found = [path.name for path in self.root.iterdir() if path.name.isdecimal()]
        except OSError:
            return []
        return sorted(found, key=int, reverse=True)

    def open(self, generation: str) -> Bundle:
        """Check every file of a generation against its manifest and map it. Raises BundleError."""
        self._whole(generation)
        return Bundle.open(self.root / generation)

    def refused(self, generation: str) -> Mapping[str, str]:
        """People's own rules, as they are written, that a generation holds but that are not in force: why not. Raises
        BundleError."""
        return self._manifest(generation).refused

    def made(self, generation: str) -> float:
        """When a generation was written (Unix time). Raises BundleError."""
        return self._manifest(generation).created

    def _manifest(self, generation: str) -> Manifest:
        path = self.root / generation / MANIFEST
        try:
            return msgspec.json.decode(path.read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError) as error:
            raise BundleError(f"{path}: {error}") from error

    def _whole(self, generation: str) -> Manifest:
        """The manifest of a generation, every file of which is as it says. Raises BundleError."""
        directory = self.root / generation
        manifest = self._manifest(generation)
        try:
            for file in (*NAMES, DOCUMENT, *(_OWN_NAMES if manifest.own else ())):
                if _digest(directory / file) != manifest.files.get(file):
                    raise BundleError(f"{directory / file}: damaged: its SHA-256 is not the manifest's")
        except OSError as error:
            raise BundleError(f"{directory}: {error}") from error
        return manifest

    def open_best(self, complain: Callable[[str], None]) -> Bundle | None:
        """The current bundle, or else the newest whole one; None when there is none. Says what it passed over."""
        current = self.current()
        for generation in dict.fromkeys([current, *self.generations()] if current else self.generations()):
            try:
                return self.open(generation)
            except BundleError as error:
                complain(str(error))
        return None

    def publish(self, document: Document, names: pathlib.Path, now: float) -> str:
        """Write a bundle from a policy and the directory that holds compiled names, and make it the current one.

        Files of `names` are linked, not copied, where the file system can. Raises OSError and changes nothing when it
        cannot be written. Returns the new generation, or the current one when it is the same already.
        """
        before = self._manifest_in_force()
        if before is not None:
            document = self._steady(document, before.generation)
        files = {file: _digest(names / file) for file in NAMES}
        policy = msgspec.msgpack.encode(document)
        files[DOCUMENT] = hashlib.sha256(policy).hexdigest()
        lines = lines_of(document.rules)
        own = mark(lines) if lines else ""
        links = {file: names / file for file in NAMES}
        refused: dict[str, str] = {}
        try:
            if own and before is not None and before.own == own:
                refused = before.refused
                links |= {file: self.root / before.generation / file for file in _OWN_NAMES}
            elif own:
                refused = self._compile(lines)
                links |= {file: self.root / _COMPILING / file for file in _OWN_NAMES}
            files |= {file: _digest(path) for file, path in links.items() if file not in files}
            if before is not None and (before.files, before.own) == (files, own):
                return before.generation
            return self._write(Manifest(self._next(), now, files, own, refused), policy, links)
        finally:
            shutil.rmtree(self.root / _COMPILING, ignore_errors=True)

    def _steady(self, document: Document, generation: str) -> Document:
        """The document with the clock's offset of a generation unless the clock was set since: it always moves a
        little, and that makes no other policy."""
        try:
            before = msgspec.msgpack.decode((self.root / generation / DOCUMENT).read_bytes(), type=Document)
        except (OSError, msgspec.MsgspecError):
            return document
        same = before.boot == document.boot and not stepped(before.offset, document.offset)
        return replace(document, offset=before.offset) if same else document

    def _next(self) -> str:
        self._last = 1 + max([self._last, *map(int, self.generations())])
        return str(self._last)

    def _write(self, manifest: Manifest, policy: bytes, links: Mapping[str, pathlib.Path]) -> str:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        generation = manifest.generation
        work, pointer = self.root / f"{_UNFINISHED}{generation}", self.root / f"{CURRENT}.new"
        shutil.rmtree(work, ignore_errors=True)
        try:
            work.mkdir(mode=0o700)
            for file, source in links.items():
                _link(source, work / file)
            _write(work / DOCUMENT, policy)
            _write(work / MANIFEST, msgspec.json.encode(manifest))
            _write(pointer, generation.encode())
            for directory in {(work / file).parent for file in links} | {work}:
                _sync(directory)
        except OSError:
            shutil.rmtree(work, ignore_errors=True)
            pointer.unlink(missing_ok=True)
            raise
        # Everything that needs room on the disk is done.
        work.rename(self.root / generation)
        pointer.replace(self.root / CURRENT)
        _sync(self.root)
        self._prune()
        return generation

    def _compile(self, lines: Sequence[Line]) -> dict[str, str]:
        """Make the files of people's own lines; returns what cannot be used, and why. Raises OSError."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        work = self.root / _COMPILING
        shutil.rmtree(work, ignore_errors=True)
        out = work / OWN
        for directory in (work, out):
            directory.mkdir(mode=0o700)
        refused = {f"{action} {text}": reason for (action, text), reason in compile_lines(lines, out)}
        for rule, reason in refused.items():
            log.warning("the rule %a is not in force: %s", rule, reason)
        return refused

    def _manifest_in_force(self) -> Manifest | None:
        """The manifest of the generation in force; None when there is none, or it is damaged."""
        current = self.current()
        try:
            return None if current is None else self._whole(current)
        except BundleError:
            return None

    def _prune(self) -> None:
        """Keep the last three; a worker that still maps an older one keeps its files until it lets go."""
        for generation in self.generations()[_KEPT:]:
            shutil.rmtree(self.root / generation, ignore_errors=True)
        for half_made in self.root.glob(_UNFINISHED + "*"):
            shutil.rmtree(half_made, ignore_errors=True)


def _digest(path: pathlib.Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _link(source: pathlib.Path, target: pathlib.Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    _sync(target)


def _write(path: pathlib.Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: pathlib.Path) -> None:
    """Bring a file or a directory's entries to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
