"""Upstreams that misbehave, on real sockets and in real time: what clients get, how soon, and what health says."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable

import dns.message
import dns.rcode
import pytest

from resolver.errors import UpstreamError
from resolver.model import Question
from resolver.process import SystemClock
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed, read
from resolver.upstream.pool import Pool
from resolver.upstream.strategy import Strategy
from resolver.upstream.upstream import State, Upstream
from tests.support import until, wire
from tests.upstream.servers import Replies, Server, framed, right, serving, silent, truncated


class Pair:
    """Two servers, and a pool that asks them; `ask` gives the seconds that an answer took, or None."""

    def __init__(self, first: Server, second: Server, pool: Pool) -> None:
        self.first, self.second, self.pool = first, second, pool
        self._number = 0

    @property
    def upstream(self) -> Upstream:
        return self.pool.upstreams[0]

    async def ask(self) -> float | None:
        self._number += 1
        began = time.monotonic()
        try:
            await self.pool.ask(Question(wire(f"n{self._number}.example"), 1), do=False, cd=False)
        except UpstreamError:
            return None
        return time.monotonic() - began

    async def steadily(self, until: Callable[[], bool], seconds: float = 8.0) -> list[float | None]:
        """Ask every 10 ms until that is so; what each got."""
        asking = []
        async with asyncio.timeout(seconds):
            while not until():
                asking.append(asyncio.ensure_future(self.ask()))
                await asyncio.sleep(0.01)
        return await asyncio.gather(*asking)


@contextlib.asynccontextmanager
async def pair(strategy: Strategy = "ordered") -> AsyncIterator[Pair]:
    loop = asyncio.get_running_loop()
    async with serving() as (first, one), serving() as (second, other), asyncio.TaskGroup() as tasks:
        carriers = Carriers(loop, Addressed(), tasks.create_task)
        clock = SystemClock()
        upstreams = [Upstream(at.url("udp"), carriers.to(read(at.url("udp"))), clock) for at in (one, other)]
        chance = random.SystemRandom()
        pool = Pool(upstreams, loop, lambda: chance.getrandbits(16), strategy=strategy)
        try:
            yield Pair(first, second, pool)
        finally:
            pool.close()
            carriers.close()


@pytest.mark.parametrize("strategy", ["ordered", "fastest"])
def test_the_primary_of_two_dies_and_comes_back(strategy: Strategy) -> None:
    async def main() -> None:
        async with pair(strategy) as two:
            await two.steadily(lambda: len(two.first.queries) > 20)
            two.first.udp = two.first.tcp = silent
            died = time.monotonic()
            took = await two.steadily(lambda: not two.upstream.up)
            assert time.monotonic() - died <= 2.1  # seconds from the first question
            assert None not in took
            before, others = len(two.first.queries), len(two.second.queries)
            took = await two.steadily(lambda: len(two.second.queries) > others + 50)
            assert max(one or 9 for one in took) < 0.3  # nobody waits for the one that is down
            two.first.udp = lambda query: [right(query)]
            back = time.monotonic()
            took = await two.steadily(lambda: two.upstream.up)
            assert time.monotonic() - back <= 5
            assert None not in took
            assert len(two.first.queries) - before < 10  # probes, and no stampede

    asyncio.run(main())


def lame(rcode: dns.rcode.Rcode) -> Replies:
    def replies(query: bytes) -> list[bytes]:
        response = dns.message.make_response(dns.message.from_wire(query))
        response.set_rcode(rcode)
        return [response.to_wire()]

    return replies


def wrong(query: bytes) -> list[bytes]:
    """Another ID, another name, the query itself, and no DNS at all."""
    good = right(query)
    return [bytes((good[0] ^ 1,)) + good[1:], good[:12] + b"\1x" + good[14:], query, b"garbage"]


def broken(query: bytes) -> list[bytes]:
    return [query[:2] + b"\x81\x80\0\1\0\x09\0\0\0\0" + query[12:-11] + b"\xff" * 9]


@pytest.mark.parametrize(
    ("udp", "tcp", "reason"),
    [
        (wrong, silent, "no answer in time"),
        (broken, silent, "a malformed answer"),
        (lame(dns.rcode.REFUSED), silent, "it answers REFUSED to what others answer"),
        (lame(dns.rcode.SERVFAIL), silent, "it answers SERVFAIL to what others answer"),
    ],
)
def test_what_is_no_help_is_passed_over(udp: Replies, tcp: Replies, reason: str) -> None:
    async def main() -> None:
        async with pair() as two:
            two.first.udp, two.first.tcp = udp, tcp
            took = await two.steadily(lambda: not two.upstream.up)
            assert None not in took
            assert two.upstream.health().reason.startswith(reason)
            two.first.udp = lambda query: [right(query)]
            await two.steadily(lambda: two.upstream.up)
            assert two.upstream.health().reason == ""

    asyncio.run(main())


def test_one_that_is_truncated_for_ever_is_no_answer_and_the_other_is() -> None:
    async def main() -> None:
        async with pair() as two:
            two.first.udp, two.first.tcp = lambda query: [truncated(query)], lambda query: [framed(truncated(query))]
            assert None not in await two.steadily(lambda: not two.upstream.up)
            assert two.upstream.health().reason == "it cuts short what others answer"
            before = len(two.first.queries)
            await two.steadily(lambda: len(two.first.queries) > before + 2)  # probes, over UDP and then over TCP
            assert not two.upstream.up
            two.first.tcp = lambda query: [framed(right(query))]
            await two.steadily(lambda: two.upstream.up)

    asyncio.run(main())


def test_where_udp_is_lost_tcp_gets_through() -> None:
    async def main() -> None:
        async with pair() as two:
            two.first.udp = two.second.udp = silent
            took = await two.ask()
            assert took is not None
            assert took < 1.5

    asyncio.run(main())


def test_loss_and_jitter_cost_time_and_no_answers() -> None:
    """20 % of datagrams lost both ways; replies held back for up to 200 ms."""
    chance = random.Random(3)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with pair("fastest") as two:
            for server in (two.first, two.second):

                def lossy(query: bytes, server: Server = server) -> list[bytes]:
                    if chance.random() < 0.64:
                        transport, to = server._transport, ("127.0.0.1", server.ports_now)
                        assert transport is not None
                        loop.call_later(0.2 * chance.random(), transport.sendto, right(query), to)
                    return []

                server.udp = lossy
            took = await two.steadily(lambda: two._number >= 150)
            assert None not in took
            assert max(one or 9 for one in took) < 3
            assert sum(upstream.asked for upstream in two.pool.upstreams) <= 3 * 150
            assert all(upstream.up for upstream in two.pool.upstreams)
            assert all(upstream.latency.loss > 0.05 for upstream in two.pool.upstreams)

    asyncio.run(main())


def test_one_that_flaps_costs_nobody_an_answer() -> None:
    async def main() -> None:
        async with pair() as two:
            took: list[float | None] = []
            for dead in (True, False, True, False):
                two.first.udp = silent if dead else lambda query: [right(query)]
                end = time.monotonic() + 0.7
                took += await two.steadily(lambda end=end: time.monotonic() > end)  # type: ignore[misc]
            assert None not in took
            assert max(one or 9 for one in took) < 0.8
            await until(lambda: two.upstream.state == State.WELL, 5)

    asyncio.run(main())


def test_both_dead_is_known_and_ends_when_one_is_back() -> None:
    async def main() -> None:
        async with pair() as two:
            for server in (two.first, two.second):
                server.udp = server.tcp = silent
            asking = asyncio.ensure_future(two.ask())
            await until(lambda: not any(upstream.up for upstream in two.pool.upstreams), 2.6)
            two.second.udp = lambda query: [right(query)]
            back = time.monotonic()
            await until(lambda: two.pool.upstreams[1].up, 5)
            assert time.monotonic() - back < 5
            assert await two.ask() is not None
            two.pool.close()
            await asking

    asyncio.run(main())
