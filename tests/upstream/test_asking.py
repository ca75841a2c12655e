"""One question on its way: who is asked when, and what it comes to. In a loop whose time jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import pytest

from resolver.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable
from resolver.model import Question, Rcode
from resolver.upstream.asking import DEADLINE, LINGER, Answer
from resolver.upstream.pool import PATIENCE, Pool
from resolver.upstream.strategy import ATTEMPTS, Strategy
from resolver.upstream.upstream import State, Upstream
from tests.scenarios.virtual import VirtualClock, VirtualLoop
from tests.support import MemoryUpstream, run_virtual, wire

QUESTION = Question(wire("www.example"), 1)
ZONE = "www.example. 60 A 192.0.2.{}"


def silence(_: dns.message.Message) -> None:
    return None


def unreachable(_: dns.message.Message) -> UpstreamError:
    return UpstreamUnreachable("Connection refused")


def saying(rcode: dns.rcode.Rcode) -> Callable[[dns.message.Message], bytes]:
    def reply(query: dns.message.Message) -> bytes:
        response = dns.message.make_response(query)
        response.set_rcode(rcode)
        return response.to_wire()

    return reply


def truncated(query: dns.message.Message) -> bytes:
    response = dns.message.make_response(query)
    response.flags |= dns.flags.TC
    return response.to_wire()


def garbage(query: dns.message.Message) -> bytes:
    response = bytearray(dns.message.make_response(query).to_wire())
    response[7] = 9  # answers that are not there
    return bytes(response)


class Some:
    """Two upstreams (each with UDP and TCP) and the pool that asks them."""

    def __init__(self, loop: VirtualLoop, count: int = 2, strategy: Strategy = "ordered") -> None:
        self.loop = loop
        self.began = loop.time()
        self.udp = [MemoryUpstream(ZONE.format(n), delay=0.01) for n in range(count)]
        self.tcp = [MemoryUpstream(ZONE.format(100 + n), delay=0.02) for n in range(count)]
        clock = VirtualClock(loop)
        upstreams = [
            Upstream(f"udp://{n}", (udp, tcp), clock)
            for n, (udp, tcp) in enumerate(zip(self.udp, self.tcp, strict=True))
        ]
        self.pool = Pool(upstreams, loop, lambda: 7, strategy=strategy)

    async def ask(self) -> Answer:
        return await self.pool.ask(QUESTION, do=False, cd=False)

    async def address(self) -> tuple[str, int]:
        """Who answered, and the last byte of the address."""
        answer = await self.ask()
        return answer.upstream, answer.reply.answer[0].rdatas[0][3]

    def times(self, n: int) -> list[float]:
        """When an upstream was asked over UDP, in seconds from the start."""
        return [round(time - self.began, 3) for time in self.udp[n].times]

    @property
    def passed(self) -> float:
        return round(self.loop.time() - self.began, 3)

    @property
    def open(self) -> int:
        return sum(len(upstream.open) for upstream in (*self.udp, *self.tcp))


def with_some(
    main: Callable[[Some], Coroutine[Any, Any, None]], count: int = 2, strategy: Strategy = "ordered"
) -> None:
    async def run(loop: VirtualLoop) -> None:
        some = Some(loop, count, strategy)
        await main(some)
        await asyncio.sleep(LINGER)  # for what has been silent for long
        assert not some.pool.busy
        some.pool.close()
        assert some.open == 0

    run_virtual(run)


async def _turn(some: Some) -> None:
    """Let callbacks that are due run."""
    future = some.loop.create_future()
    some.loop.call_later(0.001, future.set_result, None)
    await future


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


@pytest.mark.parametrize("failure", [unreachable, garbage])
def test_failures_are_not_waited_for(failure: Callable[[dns.message.Message], bytes | UpstreamError]) -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = failure
        assert await some.address() == ("udp://1", 1)
        assert some.passed == 0.02
        assert some.pool.upstreams[0].failed == 2  # with the look that followed
        assert some.pool.upstreams[0].health().reason

    with_some(main)


@pytest.mark.parametrize("failure", [unreachable, garbage])
def test_when_all_fail_it_ends_at_once(failure: Callable[[dns.message.Message], bytes | UpstreamError]) -> None:
    async def main(some: Some) -> None:
        for upstream in (*some.udp, *some.tcp):
            upstream.result = failure
        with pytest.raises(UpstreamUnreachable, match="udp://"):
            await some.ask()
        assert some.passed <= 0.04
        assert len(some.udp[0].asked + some.udp[1].asked + some.tcp[0].asked) == ATTEMPTS

    with_some(main)


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP, dns.rcode.FORMERR])
def test_useless_answers_are_taken_to_the_next(rcode: dns.rcode.Rcode) -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = saying(rcode)
        assert await some.address() == ("udp://1", 1)
        assert some.passed == 0.02
        assert some.pool.upstreams[0].failed == 0  # it did answer

    with_some(main)


def test_when_all_say_servfail_that_is_the_answer() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.udp[1].result = saying(dns.rcode.SERVFAIL)
        answer = await some.ask()
        assert (answer.upstream, answer.reply.rcode) == ("udp://0", Rcode.SERVFAIL)
        assert len(some.udp[0].asked + some.udp[1].asked) <= ATTEMPTS

    with_some(main)


def test_servfail_of_one_outranks_the_silence_of_others() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = saying(dns.rcode.SERVFAIL)
        some.udp[1].result = silence
        assert (await some.ask()).reply.rcode == Rcode.SERVFAIL
        assert some.passed <= DEADLINE

    with_some(main)


@pytest.mark.parametrize("rcode", [dns.rcode.NOERROR, dns.rcode.NXDOMAIN])
def test_denials_are_answers(rcode: dns.rcode.Rcode) -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = saying(rcode)
        answer = await some.ask()
        assert (answer.upstream, answer.reply.rcode) == ("udp://0", rcode)
        assert some.udp[1].asked == []

    with_some(main)


def test_a_truncated_reply_is_followed_over_tcp() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = truncated
        assert await some.address() == ("udp://0", 100)
        assert some.passed == 0.03
        assert some.udp[1].asked == []

    with_some(main)


def test_where_tcp_fails_the_next_is_asked() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = truncated
        some.tcp[0].result = unreachable
        assert await some.address() == ("udp://1", 1)

    with_some(main)


def test_tc_over_tcp_is_no_answer() -> None:
    async def main(some: Some) -> None:
        for upstream in (*some.udp, *some.tcp):
            upstream.result = truncated
        with pytest.raises(UpstreamUnreachable, match="truncated"):
            await some.ask()

    with_some(main)


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
        await _turn(some)
        assert some.open == 1
        future.cancel()
        await _turn(some)
        assert some.open == 0
        await asyncio.sleep(2 * DEADLINE)
        await _turn(some)
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
        await _turn(some)
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
