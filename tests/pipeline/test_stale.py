"""Old answers while no upstream answers: when, for how long, and what it costs the upstreams (RFC 8767)."""

from __future__ import annotations

import asyncio
from typing import Any

import dns.message
import dns.rcode
import pytest

from resolver.errors import UpstreamUnreachable
from resolver.model import Query, Response
from resolver.pipeline import forward
from resolver.policy.document import OwnRule, SiteEntry
from resolver.policy.truth import Truth
from tests.pipeline.house import ME, SOA, House, at_home, made
from tests.support import errors, texts

NAMES = [f"n{n}.example" for n in range(200)]
ZONE = "\n".join([SOA, "www.example. 60 A 192.0.2.1", *(f"{name}. 60 A 192.0.2.1" for name in NAMES)])
OLD = ["www.example. 30 IN A 192.0.2.1"]


def silent(_: dns.message.Message) -> None:
    return None


async def timed(house: House, name: str) -> tuple[float, dns.message.Message]:
    began = house.clock.monotonic()
    reply = await house.ask(name)
    return round(house.clock.monotonic() - began, 3), reply


def test_the_first_waits_and_the_others_do_not() -> None:
    async def main(house: House) -> None:
        for name in NAMES:
            await house.ask(name)
        await asyncio.sleep(61)
        house.udp.result = silent
        took, reply = await timed(house, NAMES[0])
        assert (took, reply.rcode(), errors(reply)) == (1.8, 0, [(3, "no upstream answered in time")])
        for name in NAMES:
            took, reply = await timed(house, name)
            assert (took, texts(reply.answer)) == (0, [f"{name}. 30 IN A 192.0.2.1"])

    at_home(main, ZONE)


def test_together_they_wait_no_longer_than_one() -> None:
    async def main(house: House) -> None:
        for name in NAMES:
            await house.ask(name)
        await asyncio.sleep(61)
        house.udp.result = silent
        answered = await asyncio.gather(*[timed(house, name) for name in NAMES])
        assert {took for took, _ in answered} == {1.8}
        assert all(reply.answer for _, reply in answered)

    at_home(main, ZONE)


def test_in_the_dark_one_question_a_second_goes_out() -> None:
    async def main(house: House) -> None:
        for name in NAMES:
            await house.ask(name)
        await asyncio.sleep(61)
        house.udp.result = lambda _: UpstreamUnreachable("Connection refused")
        await house.ask(NAMES[0])
        before = house.forwarder.fetching.asked
        for _ in range(20):
            for name in NAMES:
                assert (await house.ask(name)).answer
            await asyncio.sleep(1)
        assert house.forwarder.fetching.asked - before <= 21

    at_home(main, ZONE)


def test_when_somebody_answers_again_each_name_is_asked_once_and_fresh() -> None:
    async def main(house: House) -> None:
        for name in NAMES:
            await house.ask(name)
        await asyncio.sleep(61)
        house.udp.result = lambda _: UpstreamUnreachable("Connection refused")
        for _ in range(600):
            for name in NAMES[:20]:
                await house.ask(name)
            await asyncio.sleep(1)
        house.udp.result = house.udp.reply
        house.udp.asked.clear()
        for _ in range(3):
            await asyncio.sleep(1)
            for name in NAMES:
                await house.ask(name)
        assert len(house.udp.asked) == len(NAMES)
        for name in NAMES:
            reply = await house.ask(name)
            assert (reply.answer[0].ttl > 50, errors(reply)) == (True, [])

    at_home(main, ZONE)


def test_a_slow_name_is_told_old_and_then_fresh() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        await asyncio.sleep(61)
        house.udp.delay = 3.0
        took, reply = await timed(house, "www.example")
        assert (took, texts(reply.answer)) == (1.8, OLD)
        await asyncio.sleep(1.5)
        assert texts((await house.ask("www.example")).answer) == ["www.example. 60 IN A 192.0.2.1"]
        assert house.forwarder.fetching.asked == 2

    at_home(main, ZONE)


def test_what_is_denied_now_is_not_told_old() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        await asyncio.sleep(61)
        house.udp.load(SOA + "\nother.example. 60 A 192.0.2.1")
        assert (await house.ask("www.example")).rcode() == dns.rcode.NXDOMAIN
        house.udp.result = silent
        await asyncio.sleep(3601)
        reply = await house.ask("www.example")
        assert (reply.rcode(), errors(reply)) == (3, [(19, "no upstream answered in time")])

    at_home(main, ZONE)


def test_policy_is_asked_of_old_answers_too() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        await asyncio.sleep(61)
        house.udp.result = lambda _: UpstreamUnreachable("Connection refused")
        assert texts((await house.ask("www.example")).answer) == OLD
        house.forwarder.take(made(rules=(OwnRule("deny", "www.example"),)))
        assert texts((await house.ask("www.example")).answer) == ["www.example. 10 IN A 0.0.0.0"]
        until = house.clock.time() + 10
        house.forwarder.take(made(rules=(OwnRule("allow", "www.example", until=until),)))
        assert texts((await house.ask("www.example")).answer) == ["www.example. 10 IN A 192.0.2.1"]

    at_home(main, ZONE)


def test_without_an_old_answer_the_failure_is_told_and_kept() -> None:
    async def main(house: House) -> None:
        house.udp.result = silent
        took, reply = await timed(house, "www.example")
        assert (took, reply.rcode(), errors(reply)) == (5, 2, [(22, "no upstream answered in time")])
        took, reply = await timed(house, "www.example")
        assert (took, reply.rcode(), errors(reply)) == (0, 2, [(22, "no upstream answered in time"), (13, "")])

    at_home(main, ZONE)


def test_where_it_is_not_wanted_it_is_not_done() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        await asyncio.sleep(61)
        house.udp.result = lambda _: UpstreamUnreachable("Connection refused")
        reply = await house.ask("www.example")
        assert (reply.rcode(), errors(reply)) == (2, [(23, "udp://192.0.2.53: Connection refused")])

    at_home(main, ZONE, made(truth=Truth(stale=0)))


def test_a_mistake_in_one_answer_costs_nobody_who_waits_for_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    make = forward._response

    def stumble(query: Query, *what: Any) -> Response:
        if query.client.address == ME:
            raise KeyError("a mistake")
        return make(query, *what)

    async def main(house: House) -> None:
        await house.ask("www.example")
        await asyncio.sleep(61)
        house.udp.delay = 0.3
        monkeypatch.setattr(forward, "_response", stumble)
        mine, other = await asyncio.gather(house.ask("www.example"), house.ask("www.example", client="192.0.2.77"))
        assert (mine.rcode(), errors(mine)) == (dns.rcode.SERVFAIL, [(0, "internal error")])
        assert texts(other.answer) == ["www.example. 60 IN A 192.0.2.1"]

    at_home(main, ZONE)


def test_it_is_said_in_the_log() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        await asyncio.sleep(61)
        await house.rows()
        house.udp.result = lambda _: UpstreamUnreachable("Connection refused")
        for _ in range(2):
            await house.ask("www.example")
        assert [(row.exchange.origin, row.count) for row in await house.rows()] == [("stale", 2)]

    at_home(main, ZONE)


def test_what_a_site_rule_allows_is_told_old_too_and_only_while_its_window_is_open() -> None:
    site = SiteEntry("news.example", ("www.example",), window=60, key="site:1")
    zone = f"{ZONE}\nnews.example. 60 A 192.0.2.9"

    async def main(house: House) -> None:
        await house.ask("news.example")
        assert texts((await house.ask("www.example")).answer) == ["www.example. 60 IN A 192.0.2.1"]
        await asyncio.sleep(61)
        house.udp.result = silent
        assert texts((await house.ask("www.example")).answer) == ["www.example. 10 IN A 0.0.0.0"]
        assert texts((await house.ask("news.example")).answer) == [
            "news.example. 28 IN A 192.0.2.9"
        ]  # half of its window, and 1.8 s went by
        await asyncio.sleep(40)
        assert texts((await house.ask("www.example")).answer) == ["www.example. 18 IN A 192.0.2.1"]
        await asyncio.sleep(20)
        assert texts((await house.ask("www.example")).answer) == ["www.example. 10 IN A 0.0.0.0"]

    at_home(main, zone, made({"ads": "||www.example^"}, sites=(site,)))
