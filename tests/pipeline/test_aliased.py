"""Rewrites and local records that are aliases lead on to the truth about their target."""

from __future__ import annotations

import asyncio

import dns.flags
import dns.rcode

from resolver.model import EdeCode, RRset, Type
from tests.pipeline.house import SOA, House, at_home, made
from tests.support import errors, texts, wire

ZONE = f"""
safe.example. 300 A 203.0.113.9
far.example. 60 CNAME end.example.
end.example. 40 A 203.0.113.10
{SOA}
"""
LISTS = {
    "ads": "||search.example^$dnsrewrite=safe.example\n||far.search.example^$dnsrewrite=NOERROR;CNAME;far.example\n"
    "||none.example^$dnsrewrite=gone.example\n||safe.example^$client=192.0.2.99"
}
FORGED = (EdeCode.FORGED, "ads: ||search.example^$dnsrewrite=safe.example")


def test_the_target_is_asked_for_and_cached() -> None:
    async def main(house: House) -> None:
        for left in (10, 7):
            reply = await house.ask("www.search.example")
            assert texts(reply.answer) == [
                f"www.search.example. {left} IN CNAME safe.example.",
                f"safe.example. {290 + left} IN A 203.0.113.9",
            ]
            assert errors(reply) == [FORGED]
            assert not reply.flags & dns.flags.AD
            await asyncio.sleep(3)
        assert len(house.udp.asked) == 1
        await asyncio.sleep(20)
        reply = await house.ask("www.search.example")
        assert texts(reply.answer)[0] == "www.search.example. 10 IN CNAME safe.example."
        assert len(house.udp.asked) == 1
        rows = await house.rows()
        assert {(row.exchange.verdict, row.exchange.rule) for row in rows} == {
            ("rewrite", "||search.example^$dnsrewrite=safe.example")
        }

    at_home(main, ZONE, made(LISTS))


def test_what_the_target_is_an_alias_of_comes_along() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("far.search.example")
        assert [text.split()[3:] for text in texts(reply.answer)] == [
            ["CNAME", "far.example."],
            ["CNAME", "end.example."],
            ["A", "203.0.113.10"],
        ]

    at_home(main, ZONE, made({"ads": "||far.search.example^$dnsrewrite=far.example"}))


def test_a_target_that_does_not_exist_and_types_that_are_not_followed() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("none.example")
        assert reply.rcode() == dns.rcode.NXDOMAIN
        assert texts(reply.answer) == ["none.example. 10 IN CNAME gone.example."]
        reply = await house.ask("www.search.example", "CNAME")
        assert texts(reply.answer) == ["www.search.example. 10 IN CNAME safe.example."]
        assert len(house.udp.asked) == 1

    at_home(main, ZONE, made(LISTS))


def test_a_name_that_is_rewritten_to_itself_is_looked_up() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("safe.example")
        assert texts(reply.answer) == ["safe.example. 300 IN A 203.0.113.9"]

    at_home(main, ZONE, made({"ads": "||example^$dnsrewrite=safe.example"}))


def test_local_aliases_lead_to_local_records_and_out_of_the_house() -> None:
    records = (
        RRset(wire("nas.home.arpa"), Type.CNAME, 300, (wire("safe.example"),)),
        RRset(wire("tv.home.arpa"), Type.CNAME, 300, (wire("localhost"),)),
    )

    async def main(house: House) -> None:
        reply = await house.ask("nas.home.arpa")
        assert texts(reply.answer) == [
            "nas.home.arpa. 300 IN CNAME safe.example.",
            "safe.example. 300 IN A 203.0.113.9",
        ]
        assert errors(reply) == []
        reply = await house.ask("tv.home.arpa")
        assert texts(reply.answer)[1] == "localhost. 10800 IN A 127.0.0.1"

    at_home(main, ZONE, made(records=records))


def test_a_target_that_the_house_denies_is_denied_with_proof_that_can_be_cached() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("bad.example")
        assert reply.rcode() == dns.rcode.NXDOMAIN
        assert texts(reply.answer) == ["bad.example. 10 IN CNAME nowhere.invalid."]
        assert [text.split()[3] for text in texts(reply.authority)] == ["SOA"]
        reply = await house.ask("tv.example")
        assert texts(reply.answer)[1] == "tv.home.arpa. 4 IN A 192.0.2.5"
        await asyncio.sleep(5)
        reply = await house.ask("tv.example")
        assert texts(reply.answer)[1] == "tv.home.arpa. 4 IN A 192.0.2.5"

    lists = {"ads": "||bad.example^$dnsrewrite=nowhere.invalid\n||tv.example^$dnsrewrite=tv.home.arpa"}
    records = (RRset(wire("tv.home.arpa"), Type.A, 4, (bytes((192, 0, 2, 5)),)),)
    at_home(main, ZONE, made(lists, records=records))
