"""Upstream's truth from the cache, for every client and whatever policy says to each."""

from __future__ import annotations

import asyncio

import dns.rcode

from resolver.policy.document import GroupEntry
from tests.pipeline.house import SOA, House, at_home, made
from tests.support import texts

ZONE = f"""
www.example. 300 CNAME cdn.example.
cdn.example. 60 A 192.0.2.1
{SOA}
"""


def test_it_ages_and_is_asked_for_again_when_it_has_ended() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        await asyncio.sleep(20)
        house.forwarder.take(house.forwarder.bundle)  # finished answers go, truth stays
        reply = await house.ask("www.example")
        assert texts(reply.answer) == ["www.example. 280 IN CNAME cdn.example.", "cdn.example. 40 IN A 192.0.2.1"]
        assert len(house.udp.asked) == 1
        await asyncio.sleep(40)
        reply = await house.ask("www.example")
        assert texts(reply.answer) == ["www.example. 300 IN CNAME cdn.example.", "cdn.example. 60 IN A 192.0.2.1"]
        assert len(house.udp.asked) == 2
        rows = await house.rows()
        assert sorted((row.exchange.origin, row.exchange.upstream) for row in rows) == [
            ("cache", ""),
            ("upstream", "udp://192.0.2.53"),
        ]

    at_home(main, ZONE)


def test_a_denial_is_known_for_every_type() -> None:
    async def main(house: House) -> None:
        assert (await house.ask("no.example", "A")).rcode() == dns.rcode.NXDOMAIN
        await asyncio.sleep(100)
        reply = await house.ask("no.example", "AAAA")
        assert reply.rcode() == dns.rcode.NXDOMAIN
        assert [rrset.ttl for rrset in reply.authority] == [200]
        assert house.udp.asked == ["no.example. A"]

    at_home(main, ZONE)


def test_other_groups_are_served_from_what_one_asked() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example", client="192.0.2.1")
        await house.ask("www.example", client="192.0.2.2")
        assert len(house.udp.asked) == 1

    at_home(main, ZONE, made(groups=(GroupEntry("default"), GroupEntry("kids", ("192.0.2.1",)))))


def test_do_and_cd_are_asked_for_apart() -> None:
    async def main(house: House) -> None:
        for do in (False, True):
            for cd in (False, True):
                await house.ask("www.example", do=do, cd=cd)
                await house.ask("www.example", do=do, cd=cd)
        assert len(house.udp.asked) == 4

    at_home(main, ZONE)


def test_flushed_means_asked_again() -> None:
    async def main(house: House) -> None:
        for _ in range(2):
            await house.ask("www.example")
            house.forwarder.flush()
        assert len(house.udp.asked) == 2
        assert len(house.forwarder.rrsets) == 0

    at_home(main, ZONE)
