"""One question on its way: who is asked when, and what it comes to. In a loop whose time jumps."""

from __future__ import annotations

import asyncio

import pytest

from resolver.errors import UpstreamTimeout, UpstreamUnreachable
from resolver.model import Question
from resolver.upstream.asking import DEADLINE, LINGER
from resolver.upstream.pool import PATIENCE
from resolver.upstream.strategy import ATTEMPTS
from resolver.upstream.upstream import State
from tests.support import wire
from tests.upstream.asked import QUESTION
from tests.upstream.pooled import Some, silence, turn, unreachable, with_some


def test_the_first_is_asked_and_nobody_else() -> None:
    async def main(some: Some) -> None:
        assert await some.address() == ("udp://0", 0)
        assert some.udp[0].asked == ["www.example. A"]
        assert some.udp[1].asked == []

    with_some(main)


def test_silence_is_hedged_and_the_first_to_answer_wins() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        assert await some.address() == ("udp://1", 1)
        assert some.passed == round(PATIENCE + 0.01, 3)
        assert (some.times(0), some.times(1)) == ([0], [PATIENCE])
        await asyncio.sleep(LINGER)

    with_some(main)


def test_a_name_that_is_slow_everywhere_is_nobodys_fault() -> None:
    async def main(some: Some) -> None:
        some.udp[0].delays["www.example."] = 1.5
        for _ in range(5):
            assert (await some.ask()).upstream == "udp://1"
            await asyncio.sleep(1.0)
            assert some.pool.upstreams[0].state == State.WELL
        assert some.udp[0].probes

    with_some(main)


def test_a_slow_one_may_still_win() -> None:
    async def main(some: Some) -> None:
        some.udp[0].delay = PATIENCE + 0.005
        assert await some.address() == ("udp://0", 0)
        assert some.times(1) == [PATIENCE]
        assert some.pool.upstreams[0].up

    with_some(main)


def test_when_nobody_answers_it_ends_at_the_deadline() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.udp[1].result = some.tcp[0].result = silence
        with pytest.raises(UpstreamTimeout):
            await some.ask()
        assert some.passed == DEADLINE
        assert (some.times(0), some.times(1)) == ([0], [PATIENCE])
        assert some.tcp[0].asked == ["www.example. A"]
        assert [(upstream.asked, upstream.failed) for upstream in some.pool.upstreams] == [(2, 1), (1, 1)]

    with_some(main)


def test_a_single_silent_upstream_is_asked_three_times() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.tcp[0].result = silence
        with pytest.raises(UpstreamTimeout):
            await some.ask()
        assert (some.times(0), len(some.tcp[0].asked)) == ([0, PATIENCE], 1)
        assert (some.pool.upstreams[0].asked, some.pool.upstreams[0].failed) == (ATTEMPTS, ATTEMPTS - 1)

    with_some(main, count=1)


def test_the_last_query_goes_over_tcp_which_repeats_what_is_lost() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        assert await some.address() == ("udp://0", 100)
        assert some.passed == round(2 * PATIENCE + 0.02, 3)
        assert some.pool.upstreams[0].latency.mean == 0  # which says nothing of UDP

    with_some(main, count=1)


def test_where_there_is_no_tcp_that_is_held_against_nobody() -> None:
    async def main(some: Some) -> None:
        some.udp[0].delays["www.example."] = 1.0
        some.tcp[0].result = unreachable
        assert await some.address() == ("udp://0", 0)
        assert some.passed == 1.0
        assert some.pool.upstreams[0].state == State.WELL

    with_some(main, count=1)


def test_a_late_failure_of_the_one_that_is_waited_for_ends_it() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.udp[1].result = unreachable
        some.tcp[0].result = unreachable
        some.udp[0].delay = some.udp[1].delay = 2.0
        with pytest.raises(UpstreamUnreachable):
            await some.ask()
        assert some.passed == PATIENCE + 2.0

    with_some(main)


def test_cancelled_means_nothing_stays_open() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.udp[1].result = silence
        future = some.pool.ask(QUESTION, do=False, cd=False)
        await turn(some)
        assert some.open == 1
        future.cancel()
        await turn(some)
        assert some.open == 0
        await asyncio.sleep(2 * DEADLINE)
        await turn(some)
        assert len(some.udp[0].asked + some.udp[1].asked) == 1

    with_some(main)


def test_a_late_answer_is_what_is_known_of_the_one_that_gave_it() -> None:
    async def main(some: Some) -> None:
        some.udp[0].delay = 1.0
        assert (await some.ask()).upstream == "udp://1"
        await asyncio.sleep(1)
        latency = some.pool.upstreams[0].latency
        assert round(latency.mean, 3) == 1.0
        assert 0 < latency.loss < 0.05

    with_some(main)


def test_whoever_was_asked_later_is_not_waited_for() -> None:
    async def main(some: Some) -> None:
        some.udp[0].delay = PATIENCE + 0.005
        some.udp[1].result = silence
        await some.ask()
        await turn(some)
        assert some.open == 0
        assert some.pool.upstreams[1].latency.loss == 0

    with_some(main)


def test_more_than_some_questions_are_not_listened_to_once_they_are_answered() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        questions = [Question(wire(f"n{n}.example"), 1) for n in range(200)]
        await asyncio.gather(*[some.pool.ask(question, do=False, cd=False) for question in questions])
        assert 32 <= some.open <= 66

    with_some(main)
