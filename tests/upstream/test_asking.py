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
from resolver.upstream.asking import ATTEMPTS, DEADLINE, HEDGE, LINGER, Answer
from resolver.upstream.do53 import Address
from resolver.upstream.pool import Pool
from resolver.upstream.upstream import Upstream
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

    def __init__(self, loop: VirtualLoop, count: int = 2) -> None:
        self.loop = loop
        self.began = loop.time()
        self.udp = [MemoryUpstream(ZONE.format(n), delay=0.01) for n in range(count)]
        self.tcp = [MemoryUpstream(ZONE.format(100 + n), delay=0.02) for n in range(count)]
        clock = VirtualClock(loop)
        upstreams = [
            Upstream(f"udp://{n}", Address(str(n), 53), (udp, tcp), clock)
            for n, (udp, tcp) in enumerate(zip(self.udp, self.tcp, strict=True))
        ]
        self.pool = Pool(upstreams, loop, lambda: 7)

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


def with_some(main: Callable[[Some], Coroutine[Any, Any, None]], count: int = 2) -> None:
    async def run(loop: VirtualLoop) -> None:
        some = Some(loop, count)
        await main(some)
        await asyncio.sleep(LINGER)  # for what has been silent for long
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
        assert some.passed == HEDGE + 0.01
        assert (some.times(0), some.times(1)) == ([0], [HEDGE])
        await asyncio.sleep(LINGER)

    with_some(main)


def test_a_name_that_is_slow_everywhere_is_nobodys_fault() -> None:
    async def main(some: Some) -> None:
        some.udp[0].delay = HEDGE + 0.1
        for _ in range(3):
            assert (await some.ask()).upstream == "udp://1"
            await asyncio.sleep(0.2)
            assert some.pool.upstreams[0].up

    with_some(main)


def test_a_slow_one_may_still_win() -> None:
    async def main(some: Some) -> None:
        some.udp[0].delay = HEDGE + 0.005
        assert await some.address() == ("udp://0", 0)
        assert some.times(1) == [HEDGE]
        assert some.pool.upstreams[0].up

    with_some(main)


def test_when_nobody_answers_it_ends_at_the_deadline() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.udp[1].result = silence
        with pytest.raises(UpstreamTimeout):
            await some.ask()
        assert some.passed == DEADLINE
        assert (some.times(0), some.times(1)) == ([0, 2 * HEDGE], [HEDGE])
        for upstream in some.pool.upstreams:
            assert upstream.failed == upstream.asked

    with_some(main)


def test_a_single_silent_upstream_is_asked_three_times() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        with pytest.raises(UpstreamTimeout):
            await some.ask()
        assert some.times(0) == [0, HEDGE, 2 * HEDGE]
        assert (some.pool.upstreams[0].asked, some.pool.upstreams[0].failed) == (ATTEMPTS, ATTEMPTS)

    with_some(main, count=1)


@pytest.mark.parametrize("failure", [unreachable, garbage])
def test_failures_are_not_waited_for(failure: Callable[[dns.message.Message], bytes | UpstreamError]) -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = failure
        assert await some.address() == ("udp://1", 1)
        assert some.passed == 0.02
        assert some.pool.upstreams[0].failed == 1
        assert some.pool.upstreams[0].health().reason

    with_some(main)


@pytest.mark.parametrize("failure", [unreachable, garbage])
def test_when_all_fail_it_ends_at_once(failure: Callable[[dns.message.Message], bytes | UpstreamError]) -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.udp[1].result = failure
        with pytest.raises(UpstreamUnreachable, match="udp://"):
            await some.ask()
        assert some.passed == 0.03
        assert len(some.udp[0].asked + some.udp[1].asked) == ATTEMPTS

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
        some.udp[0].delay = some.udp[1].delay = 2.0
        with pytest.raises(UpstreamUnreachable):
            await some.ask()
        assert some.passed == 2 * HEDGE + 2.0
        assert all(upstream.failed <= upstream.asked for upstream in some.pool.upstreams)

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
