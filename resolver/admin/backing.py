"""Backups of the running daemon, and taking one back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pathlib
import secrets
import shutil
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Literal

import msgspec

from resolver.admin.backupbodies import Restored, Restoring
from resolver.admin.jobbodies import Job
from resolver.admin.jobs import Jobs, Report
from resolver.admin.parts import Parts
from resolver.admin.whereabouts import Whereabouts
from resolver.backup import gathering, running, taking
from resolver.backup.asked import Order, Staged
from resolver.backup.gathering import Moment
from resolver.backup.schemas import Schemas
from resolver.backup.schemas import name as schema_of
from resolver.config.schema import Config
from resolver.errors import ApiError, BackupError, StoreError

KIND, CHECK = "restore", "check-backup"
"""The kinds of jobs."""

_GZIP = b"\x1f\x8b"
_WAITING = 8  # pieces of a backup that wait for whoever receives it
_SPARE = 64 << 20  # bytes of the disk that are left alone
_SPACE = 16 << 20  # bytes between two looks at how much of it is free
_LOOK = 0.05  # seconds between two looks at a thread that is to end
_TOLD = 0.5  # seconds that whoever asked has to hear that it is done


class Backing:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], jobs: Jobs) -> None:
        self._parts = parts
        self._config = config
        self._jobs = jobs

    # Out

    async def begin(self, *, log: bool) -> AsyncGenerator[bytes, None]:
        """A backup of this moment, in pieces. What is wrong from the beginning is raised before the first; what comes
        between, by the iterator: what was given until then is no backup."""
        parts = self._parts
        source = gathering.source(parts.database, parts.state, self._config(), self._there().config())
        try:
            moment = await asyncio.to_thread(gathering.gather, source, self._parts.clock.time(), log=log)
        except StoreError as error:
            raise ApiError(503, "store", f"the database cannot be used now: {error}") from error
        except (BackupError, OSError) as error:
            raise ApiError(503, "backup", f"no backup can be made: {error}") from error
        return _pieces(moment)

    # In

    async def restore(
        self, pieces: AsyncIterator[bytes], *, config: bool, only_check: bool = False
    ) -> Job[msgspec.Raw]:
        """Begin to restore a backup that comes in pieces: a job, whose result is what is being taken (`Restoring`); or,
        with `only_check`, what would be: nothing is changed then."""
        there = self._there()
        self._check_alone()
        order = self._order(there, config=config)
        kind, title = (CHECK, "check a backup") if only_check else (KIND, "restore a backup")
        work = self._check if only_check else self._take
        try:
            await _receive(pieces, pathlib.Path(order.backup))
            self._check_alone()  # another may have come meanwhile
            return self._jobs.begin(kind, title, lambda report: work(order, there, report), needs="admin")
        except OSError as error:
            shutil.rmtree(order.work, ignore_errors=True)
            raise ApiError(507, "full", f"the backup cannot be kept here: {error.strerror or error}") from error
        except BaseException:
            shutil.rmtree(order.work, ignore_errors=True)
            raise

    def _check_alone(self) -> None:
        if self._jobs.running(KIND) or self._jobs.running(CHECK) or taking.pending(self._parts.state) is not None:
            raise ApiError(409, "conflict", "another restore is under way: wait for it to end")

    def _order(self, there: Whereabouts, *, config: bool) -> Order:
        now, state = self._config(), self._parts.state
        id = secrets.token_hex(8)
        work = taking.root(state) / f"{taking.WORK}{id}"
        for directory in (work.parent, work):
            directory.mkdir(mode=0o700, exist_ok=True)
        files = {source.id: str(source.file) for source in now.lists if source.file is not None}
        places = (str(work / "backup"), str(work), str(state), str(there.file))
        return Order(id, *places, config, now.store.url, there.config() or b"", there.overrides, files)

    async def _check(self, order: Order, there: Whereabouts, report: Report) -> Restoring:  # noqa: ARG002 - as `_take`
        """Make everything ready as for a restore, and then nothing of it."""
        try:
            staged = await self._staged(order, report)
        except (BackupError, OSError) as error:
            raise ApiError(422, "backup", f"it cannot be restored: {error}") from error
        finally:
            taking.abandon(pathlib.Path(order.work))
            if order.store:
                with contextlib.suppress(StoreError, BackupError):
                    await asyncio.to_thread(Schemas(order.store, self._parts.state).drop, schema_of(order.id))
        return _told(staged)

    async def _staged(self, order: Order, report: Report) -> Staged:
        def say(what: str, percent: float | None) -> None:
            if not report.said or report.said[-1] != what:
                report.say(what)
            report.progress(percent)

        staged = (await running.run(order, say)).staged
        assert staged is not None
        return staged

    async def _take(self, order: Order, there: Whereabouts, report: Report) -> Restoring:
        work = pathlib.Path(order.work)
        try:
            staged = await self._staged(order, report)
            os.unlink(order.backup)  # noqa: PTH108 - it may be large
            taking.commit(work)  # at once: from here on it will be taken, and nobody can end the job between
        except (BackupError, OSError) as error:
            taking.abandon(work)
            raise ApiError(422, "backup", f"nothing was changed: {error}") from error
        except BaseException:
            taking.abandon(work)
            raise
        report.say("everything is ready: control starts again to take it")
        asyncio.get_running_loop().call_later(_TOLD, there.restart)
        return _told(staged)

    def last(self) -> Restored:
        """What came of the last restore."""
        state = self._parts.state
        with contextlib.suppress(BackupError):
            if (plan := taking.pending(state)) is not None:
                return Restored(plan.id, "waiting", self._parts.clock.time(), plan.config, plan.notes)
        outcome = taking.last(state)
        if outcome is None:
            raise ApiError(404, "not-found", "nothing was restored here")
        came: Literal["taken", "undone"] = "undone" if outcome.reason else "taken"
        return Restored(outcome.id, came, outcome.at, outcome.config, outcome.notes, outcome.reason)

    def _there(self) -> Whereabouts:
        if self._parts.there is None:
            raise ApiError(503, "backup", "this is not a daemon that can be backed up")
        return self._parts.there


async def _pieces(moment: Moment) -> AsyncGenerator[bytes, None]:
    """What a thread writes, as fast as it is taken from here. The thread ends with whoever takes it. To be closed."""
    loop, gone = asyncio.get_running_loop(), threading.Event()
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING)

    def out(data: bytes) -> None:
        asyncio.run_coroutine_threadsafe(queue.put(data), loop).result()
        if gone.is_set():
            raise BackupError("nobody receives it any more")

    def work() -> None:
        try:
            gathering.write(moment, out)
        finally:
            moment.close()

    async def whole() -> None:
        try:
            await asyncio.to_thread(work)
        finally:
            await queue.put(None)

    task = asyncio.create_task(whole())
    try:
        while (data := await queue.get()) is not None:
            yield data
        await task
    finally:
        gone.set()
        while not task.done():
            while not queue.empty():
                queue.get_nowait()
            await asyncio.wait([task], timeout=_LOOK)
        if not task.cancelled():
            task.exception()  # whoever waited for it has heard of it


async def _receive(pieces: AsyncIterator[bytes], path: pathlib.Path) -> None:
    """Write what comes to a file, as long as there is room. Raises ApiError, OSError."""
    left = 0
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:  # noqa: ASYNC230, PTH123
        async for data in pieces:
            left -= len(data)
            if left < 0:
                left = _SPACE
                if shutil.disk_usage(path.parent).free < _SPARE + _SPACE:
                    raise ApiError(507, "full", "there is too little room on the disk for this backup: make room")
            await asyncio.to_thread(file.write, data)
        file.seek(0)
        first = file.read(len(_GZIP))
    if first != _GZIP:
        raise ApiError(422, "backup", "that is no backup: it is not even packed by gzip")


def _told(staged: Staged) -> Restoring:
    return Restoring(
        staged.id,
        staged.made,
        staged.version,
        staged.rows,
        staged.log,
        staged.lists,
        staged.config,
        staged.notes,
    )
