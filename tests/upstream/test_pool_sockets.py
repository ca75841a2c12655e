"""The pool over real sockets, which it leaves none of open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from random import SystemRandom

import pytest

from resolver.errors import UpstreamUnreachable
from resolver.model import Question
from resolver.process import SystemClock
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed, read
from resolver.upstream.pool import PATIENCE, Pool
from resolver.upstream.upstream import Upstream
from tests.support import wire
from tests.upstream.asked import QUESTION
from tests.upstream.servers import Address, closed_port, descriptors, right, serving, settled, silent, truncated


@contextlib.asynccontextmanager
async def real(*addresses: Address, schemes: str = "udp") -> AsyncIterator[Pool]:
    """A pool over real sockets, and a check that it leaves nothing open."""
    loop = asyncio.get_running_loop()
    before = descriptors()
    async with asyncio.TaskGroup() as tasks:
        carriers = Carriers(loop, Addressed(), tasks.create_task)
        urls = [address.url(schemes) for address in addresses]
        upstreams = [Upstream(url, carriers.to(read(url)), SystemClock()) for url in urls]
        random = SystemRandom()
        pool = Pool(upstreams, loop, lambda: random.getrandbits(16), strategy="ordered")
        yield pool
        pool.close()
        carriers.close()
    await settled(before)


def test_truncation_over_real_sockets() -> None:
    async def main() -> None:
        async with serving(lambda query: [truncated(query)]) as (server, address), real(address) as pool:
            answer = await pool.ask(QUESTION, do=False, cd=False)
            assert answer.reply.answer[0].rdatas == (bytes((192, 0, 2, 1)),)
            assert server.over_tcp == 1
            assert server.queries[0][:2] != server.queries[1][:2]  # a fresh ID

    asyncio.run(main())


def test_nobody_over_real_sockets() -> None:
    async def main() -> None:
        async with real(closed_port(), closed_port()) as pool:
            with pytest.raises(UpstreamUnreachable, match="refused"):
                await pool.ask(QUESTION, do=False, cd=False)

    asyncio.run(main())


@pytest.mark.parametrize("scheme", ["udp", "tcp"])
def test_failover_over_real_sockets(scheme: str) -> None:
    async def main() -> None:
        async with serving(silent, silent) as (_, dead), serving() as (_, alive):
            before = descriptors()
            async with real(dead, alive, schemes=scheme) as pool:
                loop = asyncio.get_running_loop()
                began = loop.time()
                answer = await pool.ask(QUESTION, do=False, cd=False)
                assert answer.upstream == alive.url(scheme)
                assert PATIENCE <= loop.time() - began < PATIENCE + 0.5
            await settled(before)

    asyncio.run(main())


async def _ask(pool: Pool) -> None:
    await pool.ask(QUESTION, do=False, cd=False)


def test_cancelled_over_real_sockets() -> None:
    async def main() -> None:
        async with serving(silent, silent) as (server, address), real(address) as pool:
            before = descriptors()
            task = asyncio.create_task(_ask(pool))
            await server.asked()
            assert descriptors() == before + 1
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await settled(before)

    asyncio.run(main())


def test_ids_and_ports_cannot_be_guessed() -> None:
    async def main() -> None:
        async with serving() as (server, address), real(address) as pool:
            for n in range(200):
                await pool.ask(Question(wire(f"n{n}.example"), 1), do=False, cd=False)
            ids = [int.from_bytes(query[:2], "big") for query in server.queries]
            for numbers, least in ((ids, 40_000), (server.ports, 10_000)):
                assert len(set(numbers)) > 180
                assert max(numbers) - min(numbers) > least
                assert numbers != sorted(numbers)
            assert 60 < sum(id & 1 for id in ids) < 140

    asyncio.run(main())


def test_forged_replies_do_not_answer() -> None:
    """Whoever guesses the port still has to know the ID and the question."""

    async def main() -> None:
        def flood(query: bytes) -> list[bytes]:
            forged = [bytes((query[0], query[1] ^ n)) + right(query, "192.0.2.66")[2:] for n in range(1, 100)]
            return [*forged, right(query, "192.0.2.1")]

        async with serving(flood) as (_, address), real(address) as pool:
            answer = await pool.ask(QUESTION, do=False, cd=False)
            assert answer.reply.answer[0].rdatas == (bytes((192, 0, 2, 1)),)

    asyncio.run(main())
