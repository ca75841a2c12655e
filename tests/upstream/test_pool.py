"""The pool: equal questions asked once, upstreams that go and come back, and the whole over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from random import SystemRandom

import dns.message
import pytest

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Question
from resolver.process import SystemClock
from resolver.upstream.asking import ATTEMPTS, DEADLINE, HEDGE
from resolver.upstream.do53 import Address, Tcp, Udp
from resolver.upstream.pool import Pool
from resolver.upstream.upstream import Upstream
from tests.scenarios.virtual import VirtualLoop
from tests.support import run_virtual, wire
from tests.upstream.servers import closed_port, descriptors, right, serving, settled, silent, truncated
from tests.upstream.test_asking import QUESTION, Some, _turn, silence, with_some


def test_equal_questions_are_asked_once() -> None:
    async def main(some: Some) -> None:
        first = some.pool.ask(QUESTION, do=False, cd=False)
        assert some.pool.ask(Question(wire("www.example"), 1), do=False, cd=False) is first
        others = [
            some.pool.ask(QUESTION, do=True, cd=False),
            some.pool.ask(QUESTION, do=False, cd=True),
            some.pool.ask(Question(wire("www.example"), 28), do=False, cd=False),
            some.pool.ask(Question(wire("other.example"), 1), do=False, cd=False),
        ]
        await asyncio.gather(first, *others)
        assert len(some.udp[0].asked) == 5
        await _turn(some)
        assert some.pool.ask(QUESTION, do=False, cd=False) is not first
        await some.ask()
        assert len(some.udp[0].asked) == 6

    with_some(main)


def test_all_who_asked_hear_of_the_failure() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        results = await asyncio.gather(*[some.ask() for _ in range(3)], return_exceptions=True)
        assert [type(result).__name__ for result in results] == ["UpstreamTimeout"] * 3
        assert len(some.udp[0].asked) == ATTEMPTS

    with_some(main, count=1)


def test_one_who_gives_up_in_a_task_of_its_own_does_not_stop_the_next_question() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        task = some.loop.create_task(some.ask())
        await _turn(some)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await _turn(some)
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


def test_one_that_is_down_is_passed_over_and_comes_back_though_it_is_slower() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        for _ in range(2):
            assert (await some.ask()).upstream == "udp://1"
        assert not some.pool.upstreams[0].up
        began = some.loop.time()
        for _ in range(5):
            assert (await some.ask()).upstream == "udp://1"
        assert some.loop.time() - began < 0.1  # nobody waits for the one that is down
        assert len(some.udp[0].asked) == 2
        some.udp[0].result = some.udp[0].reply
        some.udp[0].delay = 0.3
        await asyncio.sleep(1.1)
        assert (await some.ask()).upstream == "udp://1"
        await asyncio.sleep(0.5)
        assert some.pool.upstreams[0].up
        assert some.open == 0
        assert (await some.ask()).upstream == "udp://0"

    with_some(main)


def test_one_that_stays_down_is_tried_ever_less_often() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        for _ in range(2):
            await some.ask()
        for _ in range(1000):
            assert (await some.ask()).upstream == "udp://1"
            await asyncio.sleep(0.1)
        tries = some.udp[0].times
        pauses = [after - before for before, after in itertools.pairwise(tries[1:])]
        assert 1 + HEDGE <= pauses[0] < 2 + HEDGE  # it was down once the second query had been silent for HEDGE
        assert [round(pause) for pause in pauses[1:6]] == [2, 4, 8, 16, 30]
        await asyncio.sleep(DEADLINE + 1)
        assert some.pool.upstreams[0].failed == some.pool.upstreams[0].asked

    with_some(main)


def test_at_most_three_are_sent_with_a_probe_too() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.udp[1].result = silence
        for _ in range(6):
            before = len(some.udp[0].asked + some.udp[1].asked)
            with pytest.raises(UpstreamError):
                await some.ask()
            assert len(some.udp[0].asked + some.udp[1].asked) - before <= ATTEMPTS
            await asyncio.sleep(40)

    with_some(main)


def test_when_all_are_down_the_first_to_come_back_is_found() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.udp[1].result = silence
        for _ in range(2):
            with pytest.raises(UpstreamError):
                await some.ask()
        assert not any(upstream.up for upstream in some.pool.upstreams)
        some.udp[1].result = some.udp[1].reply
        assert (await some.ask()).upstream == "udp://1"
        assert some.pool.upstreams[1].up

    with_some(main)


def test_a_probe_is_closed_in_the_end_and_when_stopping() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        for _ in range(2):
            await some.ask()
        await asyncio.sleep(2.1)
        assert some.open == 0
        await some.ask()
        await _turn(some)
        assert some.open == 1
        await asyncio.sleep(DEADLINE)
        assert some.open == 0
        await asyncio.sleep(2.1)
        await some.ask()
        await _turn(some)
        assert some.open == 1
        some.pool.close()
        assert some.open == 0

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


@contextlib.asynccontextmanager
async def real(*addresses: Address, schemes: str = "udp") -> AsyncIterator[Pool]:
    """A pool over real sockets, and a check that it leaves nothing open."""
    loop = asyncio.get_running_loop()
    before = descriptors()
    async with asyncio.TaskGroup() as tasks:
        udp, tcp = Udp(loop), Tcp(tasks)
        transports = (udp, tcp) if schemes == "udp" else (tcp,)
        upstreams = [Upstream(f"{schemes}://{address}", address, transports, SystemClock()) for address in addresses]
        random = SystemRandom()
        pool = Pool(upstreams, loop, lambda: random.getrandbits(16))
        yield pool
        pool.close()
        udp.close()
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
                assert answer.upstream.endswith(f"{alive}")
                assert HEDGE <= loop.time() - began < HEDGE + 0.5
            assert descriptors() == before

    asyncio.run(main())


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


async def _ask(pool: Pool) -> None:
    await pool.ask(QUESTION, do=False, cd=False)


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
