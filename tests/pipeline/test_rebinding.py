"""Answers that give a public name a local address are refused, fresh and known, in every form."""

from __future__ import annotations

import asyncio

import dns.message
import dns.rcode
import pytest

from resolver.model import RRset, Type
from resolver.policy.document import OwnRule, Pause
from resolver.policy.truth import Truth
from tests.pipeline.house import House, at_home, made
from tests.scenarios.virtual import START
from tests.support import errors, texts, wire

ZONE = """
evil.example. 300 A 192.168.1.1
mixed.example. 300 A 203.0.113.1
mixed.example. 300 A 10.0.0.1
six.example. 300 AAAA fe80::1
svc.example. 300 HTTPS 1 . ipv4hint=10.0.0.1
svc6.example. 300 SVCB 1 svc.example. ipv6hint=fd00::1
good.example. 300 HTTPS 1 . ipv4hint=203.0.113.1
alias.example. 300 CNAME evil.example.
t.adtech.example. 300 A 10.0.0.1
"""


async def refused(house: House, name: str, type: str = "A") -> str:
    """The text of the error with which an answer is refused; empty when it is given."""
    reply = await house.ask(name, type)
    if reply.rcode() == dns.rcode.REFUSED:
        assert not reply.answer
        ((code, text),) = errors(reply)
        assert code == 15
        return text
    assert reply.answer
    assert errors(reply) == []
    return ""


@pytest.mark.parametrize(
    ("name", "type", "text"),
    [
        ("evil.example", "A", "rebinding: 192.168.1.1"),
        ("mixed.example", "A", "rebinding: 10.0.0.1"),
        ("six.example", "AAAA", "rebinding: fe80::1"),
        ("svc.example", "HTTPS", "rebinding: 10.0.0.1"),
        ("svc6.example", "SVCB", "rebinding: fd00::1"),
        ("alias.example", "A", "rebinding: 192.168.1.1"),
        ("alias.example", "CNAME", ""),
        ("good.example", "HTTPS", ""),
    ],
)
def test_whatever_the_form(name: str, type: str, text: str) -> None:
    async def main(house: House) -> None:
        for _ in range(3):
            assert await refused(house, name, type) == text
            await asyncio.sleep(1)
            house.forwarder.take(house.forwarder.bundle)  # finished answers go, truth stays
        assert len(house.udp.asked) == 1

    at_home(main, ZONE)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("evil.example", "rebinding: 192.168.1.1"),
        ("alias.example", "rebinding: 192.168.1.1"),
        ("nas.house.example", "rebinding: 192.168.1.5"),
        ("192.168.1.7", None),  # which is the list's own word, as 0.0.0.0 is
    ],
)
def test_a_list_that_leads_on_to_a_local_address(rule: str, text: str | None) -> None:
    lists = {"ads": f"||public.example^$dnsrewrite={rule}"}
    records = (RRset(wire("nas.house.example"), 1, 60, (bytes((192, 168, 1, 5)),)),)

    async def main(house: House) -> None:
        for _ in range(2):
            reply = await house.ask("www.public.example")
            if text is None:
                assert [line.split()[-1] for line in texts(reply.answer)] == [rule]
            else:
                assert (reply.rcode(), errors(reply)[-1]) == (dns.rcode.REFUSED, (15, text))

    at_home(main, ZONE, made(lists, records=records))


def test_people_may_lead_on_to_one() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("www.public.example")
        assert texts(reply.answer)[-1].split()[-1] == "192.168.1.1"

    rule = OwnRule("deny", "public.example", text="||public.example^$dnsrewrite=evil.example")
    at_home(main, ZONE, made(rules=(rule,)))


def test_it_is_in_the_log_as_a_block() -> None:
    async def main(house: House) -> None:
        await house.ask("evil.example")
        (row,) = await house.rows()
        exchange = row.exchange
        assert (exchange.verdict, exchange.source, exchange.rule, exchange.via, exchange.origin) == (
            "block",
            "rebinding",
            "192.168.1.1",
            "192.168.1.1",
            "upstream",
        )

    at_home(main, ZONE)


def test_a_list_speaks_first() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("t.adtech.example")
        assert errors(reply) == [(15, "ads: ||adtech.example^")]

    at_home(main, ZONE, made({"ads": "||adtech.example^"}))


def test_a_list_that_allows_does_not_speak_of_addresses() -> None:
    async def main(house: House) -> None:
        assert await refused(house, "evil.example")

    at_home(main, ZONE, made({"ads": "||example^", "good": "||evil.example^"}, trusted=["good"]))


def test_people_do() -> None:
    async def main(house: House) -> None:
        assert not await refused(house, "evil.example")
        assert await refused(house, "mixed.example")
        house.forwarder.take(made(pauses=(Pause(START + 600),)))
        assert not await refused(house, "mixed.example")
        await asyncio.sleep(600)
        assert await refused(house, "mixed.example")

    at_home(main, ZONE, made(rules=(OwnRule("allow", "evil.example"),)))


def test_so_does_the_config() -> None:
    async def main(house: House) -> None:
        assert not await refused(house, "evil.example")
        assert not await refused(house, "alias.example")
        assert await refused(house, "mixed.example")
        house.forwarder.take(made(truth=Truth(rebinding=False)))
        assert not await refused(house, "mixed.example")

    at_home(main, ZONE, made(truth=Truth(local=frozenset({"evil.example", "alias.example"}))))


def test_a_name_is_not_excused_by_where_it_leads() -> None:
    async def main(house: House) -> None:
        assert await refused(house, "alias.example")

    at_home(main, ZONE, made(truth=Truth(local=frozenset({"evil.example"}))))


def test_records_of_the_house_have_the_addresses_they_have() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("nas.example")
        assert texts(reply.answer) == ["nas.example. 300 IN A 192.168.1.9"]
        assert (await house.ask("localhost")).answer

    record = RRset(wire("nas.example"), Type.A, 300, (bytes((192, 168, 1, 9)),))
    at_home(main, ZONE, made(records=(record,)))


def test_an_old_answer_is_refused_as_well() -> None:
    async def main(house: House) -> None:
        await house.ask("evil.example")
        await asyncio.sleep(301)

        def silent(_: dns.message.Message) -> None:
            return None

        house.udp.result = silent
        assert await refused(house, "evil.example") == "rebinding: 192.168.1.1"

    at_home(main, ZONE)
