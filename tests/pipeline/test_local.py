"""Names that are answered here: local records, special names, ANY."""

from __future__ import annotations

import asyncio

import dns.rcode
import pytest

from resolver.model import RRset, Type
from tests.pipeline.house import House, at_home, made
from tests.support import errors, texts, wire

PRINTER = RRset(wire("printer.home.arpa"), Type.A, 300, (bytes((192, 0, 2, 9)),))
ALIAS = RRset(wire("p.home.arpa"), Type.CNAME, 100, (wire("printer.home.arpa"),))
HINFO = '3600 IN HINFO "RFC8482" ""'


@pytest.mark.parametrize(
    ("name", "type", "rcode", "answer"),
    [
        ("printer.home.arpa", "A", 0, ["printer.home.arpa. 300 IN A 192.0.2.9"]),
        ("PRINTER.home.arpa", "AAAA", 0, []),
        (
            "p.home.arpa",
            "A",
            0,
            ["p.home.arpa. 100 IN CNAME printer.home.arpa.", "printer.home.arpa. 300 IN A 192.0.2.9"],
        ),
        ("localhost", "A", 0, ["localhost. 10800 IN A 127.0.0.1"]),
        ("x.localhost", "AAAA", 0, ["x.localhost. 10800 IN AAAA ::1"]),
        ("localhost", "MX", 0, []),
        ("x.invalid", "A", 3, []),
        ("home.arpa", "A", 0, []),
        ("resolver.arpa", "SVCB", 0, []),
        ("_dns.resolver.arpa", "SVCB", 0, []),
        ("use-application-dns.net", "A", 3, []),
        ("1.0.168.192.in-addr.arpa", "PTR", 3, []),
        ("printer.home.arpa", "ANY", 0, [f"printer.home.arpa. {HINFO}"]),
        ("localhost", "ANY", 0, [f"localhost. {HINFO}"]),
        ("x.invalid", "ANY", 3, []),
    ],
)
def test_never_forwarded(name: str, type: str, rcode: int, answer: list[str]) -> None:
    async def main(house: House) -> None:
        for _ in range(2):
            reply = await house.ask(name, type)
            assert (reply.rcode(), [line.lower() for line in texts(reply.answer)]) == (
                rcode,
                [line.lower() for line in answer],
            )
            assert bool(reply.authority) is not bool(answer)
            assert errors(reply) == []
            await asyncio.sleep(50)  # ours do not age
        assert house.udp.asked == []
        rows = await house.rows()
        assert [(row.exchange.verdict, row.exchange.origin, row.count) for row in rows] == [("rewrite", "local", 2)]

    at_home(main, bundle=made(records=(PRINTER, ALIAS)))


def test_any_of_other_names_is_not_forwarded_either() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("www.example", "ANY")
        assert texts(reply.answer) == [f"www.example. {HINFO}"]
        assert house.udp.asked == []
        (row,) = await house.rows()
        assert (row.exchange.verdict, row.exchange.origin) == ("pass", "local")

    at_home(main, "www.example. 60 A 192.0.2.1")


def test_the_rest_goes_on() -> None:
    async def main(house: House) -> None:
        assert (await house.ask("www.example")).rcode() == dns.rcode.NOERROR
        assert house.udp.asked == ["www.example. A"]

    at_home(main, "www.example. 60 A 192.0.2.1", made(records=(PRINTER,)))
