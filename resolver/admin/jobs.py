"""Work that takes longer than a request: begun, looked at while it goes on, and kept for a while when it is over."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import NoReturn

import msgspec
from msgspec.structs import replace

from resolver.admin.jobbodies import Failure, Job
from resolver.admin.routing import Needs
from resolver.errors import ApiError, LullError
from resolver.model import Clock

log = logging.getLogger(__name__)

AT_ONCE = 10
"""Jobs under way."""

KEPT = 50
"""Jobs that are remembered, those under way included."""

LONGEST_WAIT = 20.0
"""Seconds that somebody may wait for a job to go on."""

_MOST_SAID = 200
_LONGEST_LINE = 300
_ENDED = Failure("ended", "somebody ended this job")
_FAILED = Failure("internal", "it failed: the log of the daemon says why")


class Report:
    """What work tells of itself while it goes on."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.percent: float | None = None
        self.news = asyncio.Event()

    def say(self, line: str) -> None:
        """Say something for people to read. Of very many lines the first and the latest are kept."""
        if len(self.said) >= _MOST_SAID:
            del self.said[_MOST_SAID // 2]
        self.said.append(line[:_LONGEST_LINE])
        self.changed()

    def progress(self, percent: float | None) -> None:
        """How much is done, from 0 to 100; None if that is not known."""
        self.percent = percent
        self.changed()

    def changed(self) -> None:
        """Wake all who wait; the next wait for the next change."""
        self.news.set()
        self.news = asyncio.Event()


Work = Callable[[Report], Awaitable[object]]
"""What is to be done, and returns what came of it: a value that can be JSON. It may raise ApiError, and is cancelled
when somebody ends the job."""

Meter = Callable[[], float | None]
"""Tells how much is done, where the work does not tell that by itself."""


class _Job:
    """A job and what is needed to go on with it; `needs` is what whoever looks at it must be allowed."""

    def __init__(self, job: Job[msgspec.Raw], work: Work, needs: Needs, meter: Meter | None) -> None:
        self._job = job
        self.work = work
        self.needs = needs
        self._meter = meter
        self.report = Report()
        self.task: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        return self._job.ended is not None

    @property
    def what(self) -> tuple[str, str]:
        return self._job.kind, self._job.title

    def end(self, now: float, result: msgspec.Raw | None, error: Failure | None) -> None:
        state = "failed" if error else "done"
        self._job = replace(self._job, state=state, result=result, error=error, ended=now)
        if not error:
            self.report.percent = 100.0
        self.report.changed()

    def shown(self, *, whole: bool = True) -> Job[msgspec.Raw]:
        """The job as it is now, with its result only if it is to be `whole`."""
        percent = self._meter() if self._meter and not self.over else self.report.percent
        job = replace(self._job, progress=percent, said=list(self.report.said))
        return job if whole else replace(job, result=None)


class Jobs:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, _Job] = {}
        self._waiting: asyncio.Queue[_Job] = asyncio.Queue()

    async def keep(self) -> NoReturn:
        """Do what was begun, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                job = await self._waiting.get()
                if not job.over:  # somebody may have ended it already
                    job.task = tasks.create_task(self._do(job))

    def begin(
        self,
        kind: str,
        title: str,
        work: Work,
        *,
        needs: Needs = "read",
        meter: Meter | None = None,
        alone: bool = False,
    ) -> Job[msgspec.Raw]:
        """Begin a job: `kind` is a stable word for what it is, `title` says it for people. With `alone`, a job of the
        same kind and title that is under way is given instead of a second one. ApiError 429 when too much goes on."""
        under_way = [one for one in self._jobs.values() if not one.over]
        same = next((one for one in under_way if one.what == (kind, title)), None) if alone else None
        if same is not None:
            return same.shown()
        if len(under_way) >= AT_ONCE:
            raise ApiError(429, "busy", f"{AT_ONCE} jobs are under way already: wait for one to end")
        over = [id for id, one in self._jobs.items() if one.over]
        for id in over[: max(0, len(self._jobs) - KEPT + 1)]:
            del self._jobs[id]
        new: Job[msgspec.Raw] = Job(
            secrets.token_hex(8), kind, title, "running", None, [], None, None, self._clock.time(), None
        )
        job = _Job(new, work, needs, meter)
        self._jobs[new.id] = job
        self._waiting.put_nowait(job)
        return job.shown()

    def running(self, kind: str) -> int:
        """How many jobs of a kind are under way."""
        return sum(not one.over and one.what[0] == kind for one in self._jobs.values())

    def every(self, may: Callable[[Needs], bool]) -> list[Job[msgspec.Raw]]:
        """The jobs that somebody who `may` do what they need may see, the latest first, without their results."""
        return [one.shown(whole=False) for one in reversed(self._jobs.values()) if may(one.needs)]

    async def one(self, id: str, may: Callable[[Needs], bool], wait: float = 0.0) -> Job[msgspec.Raw]:
        """A job; if it is under way, when it has gone on, if that is within so many seconds."""
        job = self._job(id, may)
        if wait > 0 and not job.over:
            await _within(job.report.news, min(wait, LONGEST_WAIT))
        return job.shown()

    def end(self, id: str, may: Callable[[Needs], bool]) -> None:
        """End a job if it is under way, and forget it."""
        job = self._job(id, may)
        del self._jobs[id]
        if not job.over:
            job.end(self._clock.time(), None, _ENDED)
            if job.task is not None:
                job.task.cancel()

    def _job(self, id: str, may: Callable[[Needs], bool]) -> _Job:
        job = self._jobs.get(id)
        if job is None or not may(job.needs):
            raise ApiError(404, "not-found", "there is no such job any more", "id")
        return job

    async def _do(self, job: _Job) -> None:
        result, error = None, None
        try:
            result = msgspec.Raw(msgspec.json.encode(await job.work(job.report)))
        except ApiError as refusal:
            error = Failure(refusal.code, str(refusal), refusal.path)
        except LullError as failure:
            error = Failure("failed", str(failure))
        except Exception:
            log.exception("the job %r failed", job.what[1])
            error = _FAILED
        if not job.over:
            job.end(self._clock.time(), result, error)


async def _within(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
