"""Client Subnet: stripped, or passed on and the answer kept for those it is for (RFC 7871)."""

from __future__ import annotations

import asyncio

import dns.edns
import dns.message
import dns.rrset

from resolver.policy.truth import Truth
from tests.pipeline.house import House, at_home, made
from tests.support import texts

ZONE = "www.example. 60 A 203.0.113.1"
FORWARD = made(truth=Truth(subnet=True))


class Geo:
    """An upstream that answers by where the client is; `told` is what it heard. It says so with `scope`."""

    def __init__(self, house: House, scope: int) -> None:
        self.told: list[str] = []
        self._house = house
        self._scope = scope
        house.udp.result = self.answer

    def answer(self, query: dns.message.Message) -> bytes:
        reply = dns.message.from_wire(self._house.udp.reply(query))
        for option in query.options:
            if isinstance(option, dns.edns.ECSOption):
                self.told.append(f"{option.address}/{option.srclen}")
                last = option.address.split(".")[2]
                reply.answer = [dns.rrset.from_text("www.example.", 60, "IN", "A", f"203.0.113.{last}")]
                reply.use_edns(0, 0, 1232, options=[dns.edns.ECSOption(option.address, option.srclen, self._scope)])
        return reply.to_wire()


async def ask(house: House, address: str, bits: int = 32) -> tuple[list[str], list[tuple[str, int, int]]]:
    reply = await house.ask("www.example", options=[dns.edns.ECSOption(address, bits)])
    scopes = [(o.address, o.srclen, o.scopelen) for o in reply.options if isinstance(o, dns.edns.ECSOption)]
    return texts(reply.answer), scopes


def test_it_is_stripped() -> None:
    async def main(house: House) -> None:
        geo = Geo(house, 24)
        for address in ("198.51.7.1", "198.51.8.1"):
            assert await ask(house, address) == (["www.example. 60 IN A 203.0.113.1"], [])
        assert geo.told == []
        assert len(house.udp.asked) == 1

    at_home(main, ZONE)


def test_it_is_passed_on_in_part_and_answered_in_full() -> None:
    async def main(house: House) -> None:
        geo = Geo(house, 24)
        assert await ask(house, "198.51.7.1") == (["www.example. 60 IN A 203.0.113.7"], [("198.51.7.1", 32, 24)])
        assert await ask(house, "198.51.8.1") == (["www.example. 60 IN A 203.0.113.8"], [("198.51.8.1", 32, 24)])
        assert geo.told == ["198.51.7.0/24", "198.51.8.0/24"]

    at_home(main, ZONE, FORWARD)


def test_an_answer_for_some_is_kept_for_them_alone_and_ages() -> None:
    async def main(house: House) -> None:
        Geo(house, 24)
        await ask(house, "198.51.7.1")
        await asyncio.sleep(10)
        assert await ask(house, "198.51.7.1") == (["www.example. 50 IN A 203.0.113.7"], [("198.51.7.1", 32, 24)])
        assert len(house.udp.asked) == 1
        assert len(house.forwarder.rrsets) == 0
        assert texts((await house.ask("www.example")).answer) == ["www.example. 60 IN A 203.0.113.1"]
        assert len(house.udp.asked) == 2
        assert await ask(house, "198.51.9.1") == (["www.example. 60 IN A 203.0.113.9"], [("198.51.9.1", 32, 24)])
        await asyncio.sleep(60)
        await ask(house, "198.51.7.1")
        assert len(house.udp.asked) == 4

    at_home(main, ZONE, FORWARD)


def test_an_answer_for_everybody_is_kept_for_everybody() -> None:
    async def main(house: House) -> None:
        Geo(house, 0)
        assert await ask(house, "198.51.7.1") == (["www.example. 60 IN A 203.0.113.7"], [("198.51.7.1", 32, 0)])
        assert texts((await house.ask("www.example")).answer) == ["www.example. 60 IN A 203.0.113.7"]
        assert len(house.udp.asked) == 1

    at_home(main, ZONE, FORWARD)


def test_who_wants_nothing_told_has_nothing_told() -> None:
    async def main(house: House) -> None:
        geo = Geo(house, 0)
        await ask(house, "0.0.0.0", 0)
        assert geo.told == ["0.0.0.0/0"]
        await house.ask("other.example")
        assert len(geo.told) == 1

    at_home(main, ZONE, FORWARD)


def test_equal_questions_from_one_network_are_asked_once() -> None:
    async def main(house: House) -> None:
        Geo(house, 24)
        house.udp.delay = 0.01
        await asyncio.gather(*[ask(house, f"198.51.7.{n}") for n in range(20)], ask(house, "198.51.8.1"))
        assert len(house.udp.asked) == 2

    at_home(main, ZONE, FORWARD)
