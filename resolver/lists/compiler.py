"""Compiling in a child process, and the compiled sets that are kept: `compiled/<n>/`, the last two."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pathlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Literal

import msgspec

import resolver
from resolver.errors import BundleError, ListError
from resolver.lists import disk
from resolver.lists.running import Say, run
from resolver.rules import files
from resolver.rules.child import COMMAND, Job, encode_job
from resolver.rules.compile import Source
from resolver.rules.report import SourceReport
from resolver.rules.ruleset import RuleSet

LISTS = "lists.json"

_KEPT = 2
_INPUTS = "inputs"


class Input(msgspec.Struct, frozen=True):
    """A list as it goes into a compile: how it is read, and which version of it."""

    id: str
    kind: Literal["block", "allow"]
    syntax: str
    subdomains: bool
    sha256: str


class _Lists(msgspec.Struct, frozen=True):
    """`lists.json`. Sets that another version of Lull made are not used again: it may have read lines differently."""

    made_by: str
    format: int
    inputs: tuple[Input, ...]
    reports: tuple[SourceReport, ...]


class Compiled(msgspec.Struct, frozen=True):
    """A compiled set: its directory (names.trie, names.sets, sets.msgpack), what went into it in index order, and what
    became of each."""

    directory: pathlib.Path
    inputs: tuple[Input, ...]
    reports: tuple[SourceReport, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The lists' ids by index."""
        return tuple(one.id for one in self.inputs)

    @property
    def kinds(self) -> tuple[Literal["block", "allow"], ...]:
        """The lists' kinds by index."""
        return tuple(one.kind for one in self.inputs)

    @classmethod
    def load(cls, directory: pathlib.Path) -> Compiled:
        """The set in `directory`, once all its files are known to be whole. Blocking. Raises ListError."""
        try:
            held = msgspec.json.decode((directory / LISTS).read_bytes(), type=_Lists)
            if (held.made_by, held.format) != _maker():
                raise ListError(f"{directory}: made by another version of Lull")
            RuleSet.open(directory, [one.id for one in held.inputs]).close()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, BundleError) as error:
            raise ListError(f"{directory}: {error}") from error
        return cls(directory, held.inputs, held.reports)


class Alone(msgspec.Struct, frozen=True):
    """One list compiled by itself: what became of its lines, and a set of which it is list 0."""

    report: SourceReport
    names: RuleSet


def _maker() -> tuple[str, int]:
    return resolver.__version__, files.FORMAT


class Compiler:
    """Makes compiled sets below a directory and keeps the last two. One child at a time."""

    def __init__(self, root: pathlib.Path, timeout: float, command: Sequence[str] = COMMAND) -> None:
        """`timeout` is how many seconds a compile may take; `command` takes a job as `rules.child` does."""
        self._root = root.absolute()
        self._timeout = timeout
        self._command = command
        self._one = asyncio.Lock()
        self._workplaces: set[pathlib.Path] = set()

    def sets(self) -> list[Compiled]:
        """The sets that can be used, newest first. What an unfinished compile has left is removed. Blocking."""
        for left in self._root.glob(disk.UNFINISHED + "*"):
            if left not in self._workplaces:
                shutil.rmtree(left, ignore_errors=True)
        found = []
        for number in self._numbers():
            with contextlib.suppress(ListError):
                found.append(Compiled.load(self._root / str(number)))
        return found

    def prune(self, spared: Collection[pathlib.Path]) -> None:
        """Remove all but the newest two and those spared. Blocking."""
        for number in self._numbers()[_KEPT:]:
            directory = self._root / str(number)
            if directory not in spared:
                shutil.rmtree(directory, ignore_errors=True)

    def stage(self, inputs: Sequence[tuple[Input, pathlib.Path]]) -> Staged:
        """Hold fast the files that inputs are in, so that a newer version can take their place meanwhile. Blocking,
        but short. Raises ListError."""
        number = 1 + max(self._numbers(), default=0)
        work = self._root / f"{disk.UNFINISHED}{number}"
        try:
            shutil.rmtree(work, ignore_errors=True)
            (work / _INPUTS).mkdir(mode=0o700, parents=True)
            sources = []
            for index, (one, path) in enumerate(inputs):
                place = work / _INPUTS / str(index)
                _link(path, place)
                sources.append(_source(index, one, place))
        except OSError as error:
            shutil.rmtree(work, ignore_errors=True)
            raise _refused(self._root, error) from error
        return Staged(work, self._root / str(number), tuple(one for one, _ in inputs), sources)

    async def compile(self, staged: Staged, say: Say) -> Compiled:
        """Compile what is staged. Raises ListError with the reason, and leaves nothing behind then."""
        try:
            reports = await self._run(Job(staged.sources, staged.work), say)
            return await asyncio.to_thread(_finish, staged, tuple(reports))
        except OSError as error:
            raise _refused(self._root, error) from error
        finally:
            shutil.rmtree(staged.work, ignore_errors=True)

    @contextlib.asynccontextmanager
    async def alone(self, one: Input, path: pathlib.Path) -> AsyncIterator[Alone]:
        """One list, which is at `path`, compiled by itself, for as long as it is looked at. Raises ListError."""
        async with self.workplace() as work:
            (report,) = await self._run(Job([_source(0, one, path)], work), lambda _: None)
            names = await asyncio.to_thread(_opened, work, one.id)
            try:
                yield Alone(report, names)
            finally:
                names.close()

    @contextlib.asynccontextmanager
    async def workplace(self) -> AsyncIterator[pathlib.Path]:
        """A directory for what is soon gone again. Raises ListError."""
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            work = pathlib.Path(tempfile.mkdtemp(prefix=disk.UNFINISHED, dir=self._root))
        except OSError as error:
            raise _refused(self._root, error) from error
        self._workplaces.add(work)
        try:
            yield work
        finally:
            self._workplaces.discard(work)
            shutil.rmtree(work, ignore_errors=True)

    async def _run(self, job: Job, say: Say) -> list[SourceReport]:
        try:
            async with self._one, asyncio.timeout(self._timeout):
                return await run(self._command, encode_job(job), say)
        except TimeoutError as error:
            raise ListError(f"compiling the lists took longer than {self._timeout:g} seconds") from error

    def _numbers(self) -> list[int]:
        try:
            return sorted((int(path.name) for path in self._root.iterdir() if path.name.isdecimal()), reverse=True)
        except OSError:
            return []


class Staged(msgspec.Struct, frozen=True):
    """A compile that can begin: where it works, where the set will be, and what goes into it."""

    work: pathlib.Path
    target: pathlib.Path
    inputs: tuple[Input, ...]
    sources: list[Source]


def _finish(staged: Staged, reports: tuple[SourceReport, ...]) -> Compiled:
    """Bring a set to disk and give it its number: it is there wholly or not at all. Raises OSError."""
    shutil.rmtree(staged.work / _INPUTS)
    held = _Lists(*_maker(), staged.inputs, reports)
    (staged.work / LISTS).write_bytes(msgspec.json.encode(held))
    for path in (*staged.work.iterdir(), staged.work):
        disk.sync(path)
    staged.work.rename(staged.target)
    disk.sync(staged.target.parent)
    return Compiled(staged.target, staged.inputs, reports)


def _source(index: int, one: Input, path: pathlib.Path) -> Source:
    return Source(index, one.id, path, one.syntax, one.kind, one.subdomains)


def _opened(directory: pathlib.Path, id: str) -> RuleSet:
    try:
        return RuleSet.open(directory, [id])
    except BundleError as error:
        raise ListError(f"compiling the lists failed: {error}") from error


def _link(path: pathlib.Path, place: pathlib.Path) -> None:
    try:
        os.link(path, place)
    except OSError:
        shutil.copyfile(path, place)


def _refused(root: pathlib.Path, error: OSError) -> ListError:
    return ListError(f"compiling the lists failed: {error.filename or root}: {disk.why(error)}")
