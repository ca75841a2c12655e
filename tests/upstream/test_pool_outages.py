"""The pool: upstreams that are down, what is sent to them meanwhile, and how they come back."""

from __future__ import annotations

import asyncio
import itertools

import dns.message
import dns.rcode
import pytest

from resolver.errors import UpstreamError
from resolver.upstream.asking import DEADLINE
from resolver.upstream.pool import PATIENCE
from resolver.upstream.strategy import ATTEMPTS
from resolver.upstream.upstream import GIVE_UP, State
from tests.upstream.pooled import Some, saying, silence, turn, with_some

GIVE_UP_PROBES = 5  # while there is doubt


def test_one_that_is_down_is_passed_over_and_comes_back_though_it_is_slower() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        assert (await some.ask()).upstream == "udp://1"
        await asyncio.sleep(GIVE_UP + 0.3)
        assert not some.pool.upstreams[0].up
        began = some.loop.time()
        for _ in range(5):
            assert (await some.ask()).upstream == "udp://1"
        assert some.loop.time() - began < 0.1  # nobody waits for the one that is down
        assert len(some.udp[0].asked) == 1
        some.udp[0].result = some.udp[0].reply
        some.udp[0].delay = 0.3
        await asyncio.sleep(4.3)
        assert some.pool.upstreams[0].up
        assert some.open == 0
        assert (await some.ask()).upstream == "udp://0"

    with_some(main)


def test_down_is_known_within_two_seconds_of_the_first_question() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        began = some.loop.time()
        await some.ask()
        while some.pool.upstreams[0].up:
            await asyncio.sleep(0.01)
        assert some.loop.time() - began <= 2.0

    with_some(main)


def test_one_in_doubt_is_asked_after_the_others() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        await some.ask()
        await asyncio.sleep(0.3)
        assert some.pool.upstreams[0].state == State.DOUBTFUL
        asked = len(some.udp[0].asked)
        assert (await some.ask()).upstream == "udp://1"
        assert len(some.udp[0].asked) == asked

    with_some(main)


def test_one_lost_query_is_no_outage() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        asking = asyncio.ensure_future(some.ask())
        await turn(some)
        some.udp[0].result = some.udp[0].reply
        assert (await asking).upstream == "udp://1"
        await asyncio.sleep(1)
        assert some.pool.upstreams[0].state == State.WELL
        assert len(some.udp[0].probes) == 1
        assert some.pool.upstreams[0].latency.loss > 0

    with_some(main)


def test_one_that_stays_down_is_looked_at_every_four_seconds_whatever_is_asked() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        for _ in range(1000):
            assert (await some.ask()).upstream == "udp://1"
            await asyncio.sleep(0.1)
        assert len(some.udp[0].asked) <= 2
        pauses = [after - before for before, after in itertools.pairwise(some.udp[0].probes)]
        settled = [round(pause, 1) for pause in pauses[GIVE_UP_PROBES - 1 :]]
        assert settled[:3] == [1.0, 2.0, 4.0]
        assert set(settled[2:]) == {4.0}

    with_some(main)


def test_what_nobody_wants_is_left_alone_and_found_again_when_somebody_does() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        await some.ask()
        await asyncio.sleep(600)
        assert len(some.udp[0].probes) < 20
        some.udp[0].result = some.udp[0].reply
        await some.ask()
        await asyncio.sleep(0.1)
        assert some.pool.upstreams[0].up
        assert (await some.ask()).upstream == "udp://0"

    with_some(main)


def test_one_that_was_back_for_a_moment_is_looked_at_at_once() -> None:
    """A pause of when it was down says nothing of a new doubt."""

    async def main(some: Some) -> None:
        some.udp[0].result = some.tcp[0].result = silence
        with pytest.raises(UpstreamError):
            await some.ask()
        (upstream,) = some.pool.upstreams
        assert not upstream.up
        probes = some.udp[0].probes
        before = len(probes)
        while len(probes) < before + 1 or some.loop.time() - probes[-1] < 0.1 or probes[-1] - probes[-2] < 3.9:
            await asyncio.sleep(0.05)
            upstream.wanted = some.loop.time()
        some.udp[0].result = some.udp[0].reply  # answers a client before the next probe, which is 4 s away
        await some.ask()
        assert upstream.up
        some.udp[0].result = silence
        await turn(some)
        silent = some.loop.time()
        asking = asyncio.ensure_future(some.ask())
        while upstream.up:
            await asyncio.sleep(0.01)
        assert some.loop.time() - silent < 2.0
        asking.cancel()

    with_some(main, count=1)


def test_at_most_three_are_sent() -> None:
    async def main(some: Some) -> None:
        upstreams = (*some.udp, *some.tcp)
        for upstream in upstreams:
            upstream.result = silence
        for _ in range(6):
            before = sum(len(upstream.asked) for upstream in upstreams)
            with pytest.raises(UpstreamError):
                await some.ask()
            assert sum(len(upstream.asked) for upstream in upstreams) - before == ATTEMPTS
            await asyncio.sleep(40)

    with_some(main)


def test_when_all_are_down_the_first_to_come_back_is_found() -> None:
    async def main(some: Some) -> None:
        for upstream in (*some.udp, *some.tcp):
            upstream.result = silence
        with pytest.raises(UpstreamError):
            await some.ask()
        assert not any(upstream.up for upstream in some.pool.upstreams)
        some.udp[1].result = some.udp[1].reply
        assert (await some.ask()).upstream == "udp://1"
        assert some.pool.upstreams[1].up

    with_some(main)


def test_the_first_answer_after_an_outage_is_enough_for_both() -> None:
    async def main(some: Some) -> None:
        for upstream in (*some.udp, *some.tcp):
            upstream.result = silence
        with pytest.raises(UpstreamError):
            await some.ask()
        for upstream in some.udp:
            upstream.result = upstream.reply
        await asyncio.sleep(4.1)
        assert all(upstream.up for upstream in some.pool.upstreams)

    with_some(main)


def test_one_that_refuses_what_others_answer_is_down_until_it_does_not() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = saying(dns.rcode.REFUSED)
        for _ in range(5):
            assert (await some.ask()).upstream == "udp://1"
            await asyncio.sleep(0.1)
        health = some.pool.upstreams[0].health()
        assert (health.up, health.reason) == (False, "it answers REFUSED to what others answer")
        asked = len(some.udp[0].asked)
        for _ in range(5):
            await some.ask()
            await asyncio.sleep(1)
        assert len(some.udp[0].asked) == asked
        some.udp[0].result = some.udp[0].reply
        await asyncio.sleep(4)
        assert some.pool.upstreams[0].up

    with_some(main)


def test_a_query_over_tcp_that_nobody_answers_is_not_sent_again() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.tcp[0].result = silence
        asking = asyncio.ensure_future(some.ask())
        await asyncio.sleep(2 * PATIENCE + 0.1)
        assert len(some.tcp[0].open) == 1
        await asyncio.sleep(1.9)  # a connection that is silent for two seconds is given up, and all on it asked again
        assert not some.tcp[0].open
        with pytest.raises(UpstreamError):
            await asking
        assert some.passed == DEADLINE

    with_some(main, count=1)
