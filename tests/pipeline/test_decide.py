"""The verdict is that of the moment."""

from __future__ import annotations

import asyncio

import dns.rcode

from resolver.model import Nxdomain
from resolver.policy.document import OwnRule, Pause
from tests.pipeline.house import House, at_home, made
from tests.scenarios.virtual import START

ZONE = "www.example. 600 A 192.0.2.1"


def test_an_exception_ends_and_what_is_cached_does_not_help_it() -> None:
    async def main(house: House) -> None:
        for passed, rcode in ((0, dns.rcode.NOERROR), (29, dns.rcode.NOERROR), (2, dns.rcode.NXDOMAIN)):
            await asyncio.sleep(passed)
            assert (await house.ask("www.example")).rcode() == rcode
        assert len(house.udp.asked) == 1

    rules = (OwnRule("allow", "www.example", until=START + 30),)
    at_home(main, ZONE, made({"ads": "||www.example^"}, rules=rules, answer=Nxdomain()))


def test_a_timed_block_ends() -> None:
    async def main(house: House) -> None:
        for passed, rcode in ((0, dns.rcode.NXDOMAIN), (29, dns.rcode.NXDOMAIN), (2, dns.rcode.NOERROR)):
            await asyncio.sleep(passed)
            assert (await house.ask("www.example")).rcode() == rcode

    rules = (OwnRule("deny", "www.example", until=START + 30),)
    at_home(main, ZONE, made(rules=rules, answer=Nxdomain()))


def test_a_pause_is_for_whom_it_says() -> None:
    async def main(house: House) -> None:
        for _ in range(2):
            assert (await house.ask("www.example", client="192.0.2.1")).rcode() == dns.rcode.NOERROR
            assert (await house.ask("www.example", client="192.0.2.2")).rcode() == dns.rcode.NXDOMAIN

    pauses = (Pause(START + 60, client="192.0.2.1"),)
    at_home(main, ZONE, made({"ads": "||www.example^"}, pauses=pauses, answer=Nxdomain()))
