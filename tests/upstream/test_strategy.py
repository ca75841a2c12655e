"""The pool: which upstream gets a question, when a second one is asked too, and the fallback."""

from __future__ import annotations

import asyncio

import dns.message
import dns.rcode

from resolver.model import Question
from resolver.upstream.pool import FALLBACK, Pool
from resolver.upstream.upstream import GIVE_UP
from tests.support import wire
from tests.upstream.asked import QUESTION
from tests.upstream.pooled import Some, saying, silence, with_some


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
