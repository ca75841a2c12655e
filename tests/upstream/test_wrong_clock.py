"""When the clock of this machine is wrong: names of time servers, and no others, are asked for undated (pool)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import dns.message
import pytest

from resolver.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable, UpstreamUntimely
from resolver.model import Question
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed, read
from resolver.upstream.pool import Pool
from resolver.upstream.upstream import Upstream
from tests.scenarios.virtual import VirtualClock, VirtualLoop
from tests.support import MemoryUpstream, StillClock, run_virtual, wire
from tests.upstream.authority import NAME, Authority
from tests.upstream.streamed import streaming

ZONE = "pool.ntp.example. 60 A 192.0.2.1\n2.pool.ntp.example. 60 A 192.0.2.2\nwww.example. 60 A 192.0.2.3"
UNTIMELY = UpstreamUntimely("its certificate is not valid yet")


def _failing(failure: UpstreamError, _: dns.message.Message) -> UpstreamError:
    return failure


class Encrypted:
    """Encrypted upstreams, each failing as it should, and one plain upstream, if any."""

    def __init__(self, loop: VirtualLoop, *failures: UpstreamError | None, plain: UpstreamError | None = None) -> None:
        clock = VirtualClock(loop)
        self.undated = [MemoryUpstream(ZONE) for _ in failures]
        upstreams = []
        for n, failure in enumerate(failures):
            dated = MemoryUpstream(ZONE)
            if failure is not None:
                dated.result = partial(_failing, failure)
            upstreams.append(Upstream(f"tls://{n}", (dated,), clock, (self.undated[n],)))
        if plain is not None:
            transport = MemoryUpstream(ZONE)
            transport.result = partial(_failing, plain)
            upstreams.append(Upstream("udp://plain", (transport,), clock))
        self.pool = Pool(upstreams, loop, lambda: 7, (wire("pool.ntp.example"),))

    async def ask(self, name: str) -> str:
        """The last byte of the address, or the type of the failure."""
        try:
            answer = await self.pool.ask(Question(wire(name), 1), do=False, cd=False)
        except UpstreamError as error:
            return type(error).__name__
        return str(answer.reply.answer[0].rdatas[0][3])

    @property
    def asked_undated(self) -> list[str]:
        return [question for undated in self.undated for question in undated.asked]


def with_encrypted(main: Callable[[VirtualLoop], Coroutine[Any, Any, None]]) -> None:
    run_virtual(main)


def test_names_of_time_servers_are_found_and_no_others() -> None:
    async def main(loop: VirtualLoop) -> None:
        house = Encrypted(loop, UNTIMELY, UNTIMELY)
        assert await house.ask("pool.ntp.example") == "1"
        assert await house.ask("2.pool.ntp.example") == "2"
        assert await house.ask("www.example") == "UpstreamUntimely"
        assert await house.ask("ntp.example") == "UpstreamUntimely"
        assert set(house.asked_undated) == {"pool.ntp.example. A", "2.pool.ntp.example. A"}
        assert house.pool.untimely
        assert not any(upstream.up for upstream in house.pool.upstreams)  # an undated answer makes nobody well

    with_encrypted(main)


@pytest.mark.parametrize("other", [None, UpstreamUnreachable("Connection refused"), UpstreamTimeout("silent")])
def test_one_that_fails_for_another_reason_speaks_against_the_clock(other: UpstreamError | None) -> None:
    async def main(loop: VirtualLoop) -> None:
        house = Encrypted(loop, UNTIMELY, other)
        await house.ask("pool.ntp.example")
        assert house.asked_undated == []
        assert not house.pool.untimely

    with_encrypted(main)


def test_a_plain_upstream_that_is_dead_does_not_count() -> None:
    async def main(loop: VirtualLoop) -> None:
        house = Encrypted(loop, UNTIMELY, plain=UpstreamUnreachable("Connection refused"))
        await house.ask("www.example")  # after which it is known how each is
        assert await house.ask("pool.ntp.example") == "1"

    with_encrypted(main)


def test_plain_upstreams_have_no_clock() -> None:
    async def main(loop: VirtualLoop) -> None:
        house = Encrypted(loop, plain=UNTIMELY)
        assert await house.ask("pool.ntp.example") == "UpstreamUntimely"
        assert not house.pool.untimely

    with_encrypted(main)


def test_once_the_clock_is_right_dates_count_again() -> None:
    async def main(loop: VirtualLoop) -> None:
        house = Encrypted(loop, UNTIMELY)
        assert await house.ask("pool.ntp.example") == "1"
        dated = house.pool.upstreams[0].transports[0]
        assert isinstance(dated, MemoryUpstream)
        dated.result = dated.reply
        assert await house.ask("www.example") == "3"
        assert not house.pool.untimely
        before = len(house.asked_undated)
        assert await house.ask("pool.ntp.example") == "1"
        assert len(house.asked_undated) == before

    with_encrypted(main)


def test_over_real_sockets(authority: Authority) -> None:
    issued = authority.issue(NAME, begins=1, ends=9)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with streaming(tls=issued.server("dot")) as server, asyncio.TaskGroup() as tasks:
            carriers = Carriers(loop, Addressed(), tasks.create_task)
            endpoint = read(f"{server.address.url('tls')}#{NAME}")
            upstream = Upstream("tls", carriers.to(endpoint), StillClock(), carriers.to(endpoint, dated=False))
            pool = Pool([upstream], loop, lambda: 7, (wire("ntp.example"),))
            with pytest.raises(UpstreamUntimely, match="is not valid yet, if this machine's clock is right"):
                await pool.ask(Question(wire("www.example"), 1), do=False, cd=False)
            answer = await pool.ask(Question(wire("ntp.example"), 1), do=False, cd=False)
            assert answer.reply.answer
            carriers.close()

    asyncio.run(main())
