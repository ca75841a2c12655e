"""Who may ask at all."""

from __future__ import annotations

import dns.rcode
import pytest

from resolver.model import EdeCode, Transport
from tests.pipeline.house import House, at_home, made
from tests.support import errors, query

ZONE = "www.example. 60 A 192.0.2.1"


@pytest.mark.parametrize("name", ["www.example", "localhost", "ads.example", "www.example"])
def test_strangers_learn_nothing(name: str) -> None:
    async def main(house: House) -> None:
        await house.ask("www.example", client="10.0.0.1")  # known and finished for others
        for address in ("8.8.8.8", "2001:4860::1"):
            reply = await house.ask(name, client=address)
            assert reply.rcode() == dns.rcode.REFUSED
            assert not reply.answer + reply.authority
            assert errors(reply) == [(EdeCode.PROHIBITED, f"{address} is not in dns.allow")]
        assert house.udp.asked == ["www.example. A"]
        rows = await house.rows()
        assert [(row.client, row.exchange.verdict) for row in rows if row.exchange.verdict == "refused"] == [
            ("8.8.8.8", "refused"),
            ("2001:4860::1", "refused"),
        ]

    at_home(main, ZONE, made({"ads": "||ads.example^"}))


def test_whoever_is_let_in_is_answered() -> None:
    async def main(house: House) -> None:
        for address in ("8.8.8.8", "::ffff:8.8.8.9", "192.0.2.1"):
            assert (await house.ask("www.example", client=address)).rcode() == dns.rcode.NOERROR
        assert (await house.ask("www.example", client="8.8.4.4")).rcode() == dns.rcode.REFUSED

    at_home(main, ZONE, made(allow=("private", "8.8.8.0/24")))


def test_strangers_get_no_answer_where_they_are_to_get_none() -> None:
    async def main(house: House) -> None:
        for transport in Transport:
            reply = await house.send(query("www.example"), "8.8.8.8", transport)
            assert (reply is None) is (transport == Transport.UDP)
        assert (await house.ask("www.example")).rcode() == dns.rcode.NOERROR
        rows = await house.rows()
        assert sum(row.count for row in rows if row.exchange.verdict == "refused") == len(Transport)

    at_home(main, ZONE, made(drops=True))
