"""The pool: equal questions asked once, those who give up, failures that all hear of, and its end."""

from __future__ import annotations

import asyncio

import dns.message
import dns.rcode
import pytest

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Question
from resolver.upstream.pool import Pool
from resolver.upstream.strategy import ATTEMPTS
from tests.scenarios.virtual import VirtualLoop
from tests.support import run_virtual, wire
from tests.upstream.asked import QUESTION
from tests.upstream.pooled import Some, silence, turn, with_some


def test_equal_questions_are_asked_once() -> None:
    async def main(some: Some) -> None:
        first = some.pool.ask(QUESTION, do=False, cd=False)
        same = some.pool.ask(Question(wire("www.example"), 1), do=False, cd=False)
        others = [
            some.pool.ask(QUESTION, do=True, cd=False),
            some.pool.ask(QUESTION, do=False, cd=True),
            some.pool.ask(Question(wire("www.example"), 28), do=False, cd=False),
            some.pool.ask(Question(wire("other.example"), 1), do=False, cd=False),
        ]
        await asyncio.gather(first, same, *others)
        assert first.result() is same.result()
        assert len(some.udp[0].asked) == 5
        await some.ask()
        assert len(some.udp[0].asked) == 6

    with_some(main)


def test_all_who_asked_hear_of_the_failure() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        some.tcp[0].result = silence
        results = await asyncio.gather(*[some.ask() for _ in range(3)], return_exceptions=True)
        assert [type(result).__name__ for result in results] == ["UpstreamTimeout"] * 3
        assert len(some.udp[0].asked + some.tcp[0].asked) == ATTEMPTS

    with_some(main, count=1)


def test_one_who_gives_up_in_a_task_of_its_own_does_not_stop_the_next_question() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        task = some.loop.create_task(some.ask())
        await turn(some)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await turn(some)
        some.udp[0].result = some.udp[0].reply
        assert (await some.ask()).upstream == "udp://0"

    with_some(main, count=1)


def test_without_upstreams_it_fails_at_once_and_every_time() -> None:
    async def main(loop: VirtualLoop) -> None:
        pool = Pool((), loop, lambda: 7)
        for _ in range(2):
            with pytest.raises(UpstreamUnreachable, match="no upstream is configured"):
                await pool.ask(QUESTION, do=False, cd=False)

    run_virtual(main)


def test_a_transport_that_breaks_does_not_leave_others_waiting() -> None:
    async def main(some: Some) -> None:
        def broken(_: dns.message.Message) -> bytes:
            raise RuntimeError("a bug")

        some.udp[0].result = broken
        with pytest.raises(RuntimeError):
            some.pool.ask(QUESTION, do=False, cd=False)
        some.udp[0].result = some.udp[0].reply
        some.udp[0].open.clear()
        assert (await some.ask()).upstream == "udp://0"

    with_some(main)


def test_probes_end_when_stopping() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        await some.ask()
        await asyncio.sleep(0.5)
        assert some.open > 0
        some.pool.close()
        assert some.open == 0
        probes = len(some.udp[0].probes)
        await asyncio.sleep(10)
        assert len(some.udp[0].probes) == probes

    with_some(main)


def test_stopping_fails_what_is_being_asked() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        future = some.pool.ask(QUESTION, do=False, cd=False)
        some.pool.close()
        with pytest.raises(UpstreamError, match="stopping"):
            await future
        assert some.open == 0

    with_some(main)
