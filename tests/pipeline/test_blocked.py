"""What a blocked name is answered with, in every mode and for every type (PROTOCOL, "Blocked answers")."""

from __future__ import annotations

import asyncio

import dns.flags
import dns.rcode
import pytest

from resolver.model import Address, BlockAnswer, EdeCode, Nodata, NullAddress, Nxdomain, Refused, Transport
from resolver.policy.document import OwnRule
from tests.pipeline.house import House, at_home, made
from tests.support import errors, query, texts

LISTS = {"hagezi-pro": "||adtech.example^"}
ADDRESS = Address((bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))), ())
SOA = "x.adtech.example. 10 IN SOA lull.invalid. hostmaster.lull.invalid. 1 3600 600 86400 10"


@pytest.mark.parametrize(
    ("answer", "type", "rcode", "records"),
    [
        (NullAddress(), "A", 0, ["10 IN A 0.0.0.0"]),
        (NullAddress(), "AAAA", 0, ["10 IN AAAA ::"]),
        (NullAddress(), "HTTPS", 0, []),
        (NullAddress(), "SVCB", 0, []),
        (NullAddress(), "TXT", 0, []),
        (NullAddress(), "MX", 0, []),
        (NullAddress(), "CNAME", 0, []),
        (NullAddress(), "TYPE65280", 0, []),
        (NullAddress(), "ANY", 0, []),
        (ADDRESS, "A", 0, ["10 IN A 192.0.2.1", "10 IN A 192.0.2.2"]),
        (ADDRESS, "AAAA", 0, []),
        (ADDRESS, "HTTPS", 0, []),
        (Nodata(), "A", 0, []),
        (Nodata(), "HTTPS", 0, []),
        (Nxdomain(), "A", 3, []),
        (Nxdomain(), "AAAA", 3, []),
        (Nxdomain(), "TXT", 3, []),
        (Nxdomain(), "ANY", 3, []),
        (Refused(), "A", 5, None),
        (Refused(), "HTTPS", 5, None),
    ],
)
def test_every_mode_and_type(answer: BlockAnswer, type: str, rcode: int, records: list[str] | None) -> None:
    async def main(house: House) -> None:
        for _ in range(2):  # made, then from the packet cache
            reply = await house.ask("x.adtech.example", type)
            assert reply.rcode() == rcode
            assert texts(reply.answer) == [f"x.adtech.example. {record}" for record in records or []]
            assert texts(reply.authority) == ([SOA] if records == [] else [])
            assert errors(reply) == [(EdeCode.BLOCKED, "hagezi-pro: ||adtech.example^")]
            assert reply.edns == 0
            assert not reply.flags & (dns.flags.AD | dns.flags.AA)
        assert house.udp.asked == []
        (row,) = await house.rows()
        exchange = row.exchange
        assert (row.count, exchange.verdict, exchange.source, exchange.rule) == (
            2,
            "block",
            "hagezi-pro",
            "||adtech.example^",
        )
        assert (exchange.origin, exchange.rcode) == ("local", rcode)

    at_home(main, bundle=made(LISTS, answer=answer))


def test_their_ttl_stays_the_same_from_the_cache() -> None:
    async def main(house: House) -> None:
        first = await house.wire("x.adtech.example")
        await asyncio.sleep(7)
        assert await house.wire("x.adtech.example") == first
        assert len(house.forwarder.rrsets) == 0

    at_home(main, bundle=made(LISTS))


@pytest.mark.parametrize("client", ["", "192.0.2.10"])
def test_what_people_block_has_a_code_of_its_own(client: str) -> None:
    async def main(house: House) -> None:
        reply = await house.ask("www.tracker.example")
        assert errors(reply) == [(EdeCode.FILTERED, "rules: deny tracker.example")]
        assert texts(reply.answer) == ["www.tracker.example. 3 IN A 0.0.0.0"]

    at_home(main, bundle=made(rules=(OwnRule("deny", "tracker.example", client),), ttl=3))


def test_without_edns_there_is_no_opt() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("adtech.example", payload=None)
        assert (reply.edns, texts(reply.answer)) == (-1, ["adtech.example. 10 IN A 0.0.0.0"])

    at_home(main, bundle=made(LISTS))


def test_a_ttl_of_zero() -> None:
    async def main(house: House) -> None:
        for answer in (await house.ask("adtech.example"), await house.ask("adtech.example")):
            assert texts(answer.answer) == ["adtech.example. 0 IN A 0.0.0.0"]

    at_home(main, bundle=made(LISTS, ttl=0))


def test_an_allowed_name_is_not_blocked() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("www.adtech.example")
        assert (reply.rcode(), texts(reply.answer), errors(reply)) == (
            dns.rcode.NOERROR,
            ["www.adtech.example. 60 IN A 192.0.2.1"],
            [],
        )
        (row,) = await house.rows()
        assert (row.exchange.verdict, row.exchange.source, row.exchange.rule) == (
            "allow",
            "rules",
            "allow adtech.example",
        )

    rules = (OwnRule("allow", "adtech.example"),)
    at_home(main, "www.adtech.example. 60 A 192.0.2.1", made(LISTS, rules=rules))


@pytest.mark.parametrize("transport", list(Transport))
def test_a_dropped_query_is_recorded_and_not_answered(transport: Transport) -> None:
    async def main(house: House) -> None:
        for _ in range(2):
            assert await house.send(query("a.example"), transport=transport) is None
        (row,) = await house.rows()
        assert (row.exchange.verdict, row.exchange.rule, row.count) == ("block", "a.example CNAME rpz-drop.", 2)
        assert house.udp.asked == []

    at_home(main, bundle=made({"ads": "a.example CNAME rpz-drop."}))
