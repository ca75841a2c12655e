"""Two upstreams in memory and the pool that asks them, in a loop whose time jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import dns.flags
import dns.message
import dns.rcode

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.asking import LINGER
from resolver.upstream.attempt import Answer
from resolver.upstream.pool import Pool
from resolver.upstream.strategy import Strategy
from resolver.upstream.upstream import Upstream
from tests.scenarios.virtual import VirtualClock, VirtualLoop
from tests.support import MemoryUpstream, run_virtual
from tests.upstream.asked import QUESTION

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


async def turn(some: Some) -> None:
    """Let callbacks that are due run."""
    future = some.loop.create_future()
    some.loop.call_later(0.001, future.set_result, None)
    await future
