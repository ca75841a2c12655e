"""The pool: equal questions asked once, upstreams that go and come back, and the whole over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from random import SystemRandom

import dns.message
import dns.rcode
import pytest

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Question
from resolver.process import SystemClock
from resolver.upstream.asking import DEADLINE
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed, read
from resolver.upstream.pool import FALLBACK, PATIENCE, Pool
from resolver.upstream.strategy import ATTEMPTS
from resolver.upstream.upstream import GIVE_UP, State, Upstream
from tests.scenarios.virtual import VirtualLoop
from tests.support import run_virtual, wire
from tests.upstream.servers import Address, closed_port, descriptors, right, serving, settled, silent, truncated
from tests.upstream.test_asking import QUESTION, Some, _turn, saying, silence, with_some

GIVE_UP_PROBES = 5  # while there is doubt


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
        some.tcp[0].result = silence
        results = await asyncio.gather(*[some.ask() for _ in range(3)], return_exceptions=True)
        assert [type(result).__name__ for result in results] == ["UpstreamTimeout"] * 3
        assert len(some.udp[0].asked + some.tcp[0].asked) == ATTEMPTS

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
        await _turn(some)
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


def test_a_late_first_is_hedged_after_its_95th_percentile() -> None:
    async def main(some: Some) -> None:
        for n in range(40):
            question = Question(wire(f"n{n}.example"), 1)
            await some.pool.ask(question, do=False, cd=False)
        assert all(upstream.latency.p95 for upstream in some.pool.upstreams)
        began, asked = some.loop.time(), len(some.udp[0].asked + some.udp[1].asked)
        for upstream in some.udp:
            upstream.delays["www.example."] = 0.1
        await some.ask()
        assert len(some.udp[0].asked + some.udp[1].asked) == asked + 2
        times = sorted(time - began for upstream in some.udp for time in upstream.times[-1:])
        assert 0.02 <= times[1] - times[0] < 0.04

    with_some(main, strategy="fastest")


def test_the_fastest_gets_most_questions_and_the_other_some() -> None:
    async def main(some: Some) -> None:
        some.udp[1].delay = 0.03
        for n in range(400):
            await some.pool.ask(Question(wire(f"n{n}.example"), 1), do=False, cd=False)
        assert 5 < len(some.udp[1].asked) < 100
        assert len(some.udp[0].asked) > 300

    with_some(main, strategy="fastest")


def test_upstreams_that_are_all_slow_are_not_given_twice_as_much() -> None:
    async def main(some: Some) -> None:
        for n in range(40):
            await some.pool.ask(Question(wire(f"n{n}.example"), 1), do=False, cd=False)
        asked = len(some.udp[0].asked + some.udp[1].asked)
        some.udp[0].delay = some.udp[1].delay = 0.3
        questions = [Question(wire(f"m{n}.example"), 1) for n in range(300)]
        await asyncio.gather(*[some.pool.ask(question, do=False, cd=False) for question in questions])
        assert len(some.udp[0].asked + some.udp[1].asked) - asked <= 300 * 1.1 + 20

    with_some(main, strategy="fastest")


def test_parallel_asks_all_at_once() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = silence
        assert (await some.ask()).upstream == "udp://1"
        assert some.passed == 0.01
        assert some.times(0) == some.times(1) == [0]
        await asyncio.sleep(GIVE_UP + 0.3)
        assert not some.pool.upstreams[0].up

    with_some(main, strategy="parallel")


def test_sticky_tells_a_site_to_one_of_them_alone() -> None:
    async def main(some: Some) -> None:
        for n in range(60):
            for host in ("a", "b"):
                await some.pool.ask(Question(wire(f"{host}.n{n}.example"), 1), do=False, cd=False)
        sites = [{name.split(".", 1)[1] for name in upstream.asked} for upstream in some.udp]
        assert not sites[0] & sites[1]
        assert all(15 < len(one) < 45 for one in sites)

    with_some(main, strategy="sticky")


def test_the_fallback_is_asked_when_the_others_say_nothing() -> None:
    async def main(some: Some) -> None:
        first, second = some.pool.upstreams
        pool = Pool([first], some.loop, lambda: 7, fallback=[second])
        assert (await pool.ask(QUESTION, do=False, cd=False)).upstream == "udp://0"
        some.udp[0].result = silence
        began = some.loop.time()
        assert (await pool.ask(QUESTION, do=False, cd=False)).upstream == "udp://1"
        assert round(some.loop.time() - began, 3) == FALLBACK + 0.01
        await asyncio.sleep(GIVE_UP)
        began = some.loop.time()
        assert (await pool.ask(QUESTION, do=False, cd=False)).upstream == "udp://1"
        assert some.loop.time() - began < 0.1  # now that the others are known to be down
        some.udp[0].result = some.udp[0].reply
        await asyncio.sleep(4.1)
        assert (await pool.ask(QUESTION, do=False, cd=False)).upstream == "udp://0"
        pool.close()

    with_some(main)


def test_what_an_upstream_refuses_its_fallback_is_not_asked() -> None:
    async def main(some: Some) -> None:
        first, second = some.pool.upstreams
        pool = Pool([first], some.loop, lambda: 7, fallback=[second])
        some.udp[0].result = saying(dns.rcode.SERVFAIL)
        assert (await pool.ask(QUESTION, do=False, cd=False)).reply.rcode == 2
        assert some.udp[1].asked == []
        pool.close()

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


def test_nobody_waits_for_one_that_is_asked_to_see_whether_it_is_still_slow() -> None:
    async def main(some: Some) -> None:
        some.udp[0].delay = 0.1
        waits = []
        for n in range(1500):
            began = some.loop.time()
            await some.pool.ask(Question(wire(f"n{n}.example"), 1), do=False, cd=False)
            waits.append(some.loop.time() - began)
        assert len(some.udp[0].asked) > 1
        assert max(waits[1:]) < 0.06

    with_some(main, strategy="fastest")


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
