"""Jobs: what they tell while they go on, how they end, and how many there are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from resolver.admin.jobbodies import Failure, Job
from resolver.admin.jobs import AT_ONCE, KEPT, Jobs, Report
from resolver.errors import ApiError, ListError
from tests.admin.parts import NOON, StillClock, until


def may(_: str) -> bool:
    return True


def run(scenario: Callable[[Jobs, StillClock], Awaitable[None]]) -> None:
    """A scenario while what is begun is done."""

    async def whole() -> None:
        clock = StillClock()
        found = Jobs(clock)
        keeping = asyncio.create_task(found.keep())
        async with asyncio.timeout(5):
            await scenario(found, clock)
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping

    asyncio.run(whole())


async def over(found: Jobs, id: str) -> Job[msgspec.Raw]:
    while (job := await found.one(id, may, 1.0)).state == "running":
        pass
    return job


def test_from_its_beginning_to_its_end() -> None:
    async def scenario(found: Jobs, clock: StillClock) -> None:
        go = asyncio.Event()

        async def work(report: Report) -> list[int]:
            report.say("begun")
            report.progress(50)
            await go.wait()
            report.say("nearly done")
            return [1, 2]

        begun = found.begin("kind", "what it is", work)
        assert (begun.kind, begun.title, begun.state, begun.began) == ("kind", "what it is", "running", NOON)
        assert (begun.progress, begun.said, begun.result, begun.error, begun.ended) == (None, [], None, None, None)
        await until(lambda: found.every(may)[0].said == ["begun"])
        assert found.running("kind") == 1
        assert (await found.one(begun.id, may)).progress == 50
        clock.now += 9
        go.set()
        done = await over(found, begun.id)
        assert (done.state, done.progress, done.said) == ("done", 100.0, ["begun", "nearly done"])
        assert (bytes(done.result or b""), done.error, done.ended) == (b"[1,2]", None, NOON + 9)
        assert found.running("kind") == 0
        assert [one.result for one in found.every(may)] == [None], "results are not listed"

    run(scenario)


@pytest.mark.parametrize(
    ("error", "code", "message", "path", "logged"),
    [
        (ApiError(422, "list", "it is no list", "url"), "list", "it is no list", "url", False),
        (ListError("the disk is full"), "failed", "the disk is full", None, False),
        (ZeroDivisionError("secret"), "internal", "it failed: the log of the daemon says why", None, True),
    ],
)
def test_how_it_fails(
    caplog: pytest.LogCaptureFixture, error: Exception, code: str, message: str, path: str | None, logged: bool
) -> None:
    async def work(_: Report) -> None:
        raise error

    async def scenario(found: Jobs, _: StillClock) -> None:
        failed = await over(found, found.begin("kind", "what", work).id)
        assert (failed.state, failed.result) == ("failed", None)
        assert failed.error == Failure(code, message, path)

    run(scenario)
    assert ("ZeroDivisionError: secret" in caplog.text) is logged


def test_what_cannot_be_json_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def work(_: Report) -> object:
        return object()

    async def scenario(found: Jobs, _: StillClock) -> None:
        assert (await over(found, found.begin("kind", "what", work).id)).state == "failed"

    run(scenario)
    assert "the job 'what' failed" in caplog.text


async def forever(_: Report) -> None:
    await asyncio.Event().wait()


async def nothing(_: Report) -> None:
    pass


def test_one_is_ended_and_forgotten() -> None:
    ended: list[bool] = []

    async def work(_: Report) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def scenario(found: Jobs, _: StillClock) -> None:
        begun = found.begin("kind", "what", work)
        await asyncio.sleep(0)
        waiting = asyncio.create_task(found.one(begun.id, may, 5.0))
        await asyncio.sleep(0.01)
        found.end(begun.id, may)
        told = await waiting
        assert (told.state, told.error and told.error.code) == ("failed", "ended")
        await until(lambda: bool(ended))
        for gone in (begun.id, "none"):
            with pytest.raises(ApiError) as missing:
                found.end(gone, may)
            assert missing.value.status == 404
        done = found.begin("kind", "what", nothing)
        await over(found, done.id)
        found.end(done.id, may)
        assert found.every(may) == []

    run(scenario)


def test_one_that_has_not_begun_never_does() -> None:
    async def scenario() -> None:
        found, did = Jobs(StillClock()), []

        async def work(_: Report) -> None:
            did.append(True)

        found.end(found.begin("kind", "what", work).id, may)
        keeping = asyncio.create_task(found.keep())
        await asyncio.sleep(0.01)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        assert did == []

    asyncio.run(scenario())


def test_so_many_at_once_and_no_more() -> None:
    async def scenario(found: Jobs, _: StillClock) -> None:
        begun = [found.begin("kind", f"number {n}", forever) for n in range(AT_ONCE)]
        with pytest.raises(ApiError, match="10 jobs are under way") as busy:
            found.begin("kind", "one more", forever)
        assert (busy.value.status, busy.value.code) == (429, "busy")
        assert found.begin("kind", "number 3", forever, alone=True).id == begun[3].id
        found.end(begun[0].id, may)
        found.begin("kind", "one more", forever)

    run(scenario)


def test_alone_is_one_of_its_kind_and_title() -> None:
    async def scenario(found: Jobs, _: StillClock) -> None:
        one = found.begin("kind", "what", forever, alone=True)
        assert found.begin("kind", "what", forever, alone=True).id == one.id
        assert found.begin("kind", "other", forever, alone=True).id != one.id
        assert found.begin("other", "what", forever, alone=True).id != one.id
        assert found.begin("kind", "what", forever).id != one.id
        found.end(one.id, may)
        assert found.begin("kind", "what", nothing, alone=True).id != one.id

    run(scenario)


def test_so_many_are_remembered() -> None:
    async def scenario(found: Jobs, _: StillClock) -> None:
        first = found.begin("kind", "goes on", forever)
        ids = [found.begin("kind", f"number {n}", nothing) for n in range(5)]
        for n in range(KEPT + 9):
            ids.append(found.begin("kind", f"more {n}", nothing))
            await over(found, ids[-1].id)
        every = found.every(may)
        assert len(every) == KEPT
        assert every[0].id == ids[-1].id, "the latest first"
        assert every[-1].id == first.id, "what goes on is not forgotten"

    run(scenario)


def test_whoever_may_not_begin_it_does_not_see_it() -> None:
    async def scenario(found: Jobs, _: StillClock) -> None:
        open_one = found.begin("kind", "for readers", forever)
        hidden = found.begin("kind", "for admins", forever, needs="admin")

        def reader(needs: str) -> bool:
            return needs == "read"

        assert [one.id for one in found.every(reader)] == [open_one.id]
        assert [one.id for one in found.every(may)] == [hidden.id, open_one.id]
        with pytest.raises(ApiError):
            await found.one(hidden.id, reader)
        with pytest.raises(ApiError):
            found.end(hidden.id, reader)
        assert (await found.one(hidden.id, may)).state == "running"

    run(scenario)


def test_waiting_ends_with_the_next_news_or_in_time() -> None:
    async def scenario(found: Jobs, _: StillClock) -> None:
        reports: list[Report] = []

        async def work(report: Report) -> None:
            reports.append(report)
            await asyncio.Event().wait()

        begun = found.begin("kind", "what", work)
        assert (await found.one(begun.id, may, 0.01)).said == []
        waiting = asyncio.create_task(found.one(begun.id, may, 5.0))
        await asyncio.sleep(0.01)
        reports[0].say("x" * 9999)
        assert (await waiting).said == ["x" * 300]
        for n in range(999):
            reports[0].say(str(n))
        said = (await found.one(begun.id, may)).said
        assert (len(said), said[0], said[-1]) == (200, "x" * 300, "998")

    run(scenario)


def test_a_meter_tells_how_far_it_is() -> None:
    async def scenario(found: Jobs, _: StillClock) -> None:
        share: list[float | None] = [None]
        begun = found.begin("kind", "what", nothing, meter=lambda: share[0])
        assert begun.progress is None
        share[0] = 42.0
        assert found.every(may)[0].progress == 42.0
        assert (await over(found, begun.id)).progress == 100.0

    run(scenario)
