"""How a worker is doing, as it tells control."""

from __future__ import annotations

import asyncio

from resolver.journal.frames import Health
from resolver.model import Nxdomain
from resolver.pipeline.reporting import health
from tests.pipeline.house import SOA, House, at_home, made

ZONE = f"www.example. 60 A 192.0.2.1\nother.example. 1 A 192.0.2.2\n{SOA}"


async def _told(house: House) -> Health:
    """As the worker does at the end of a second."""
    hits = house.forwarder.journal.hits
    await house.forwarder.journal.roll(1)
    await house.forwarder.tend(hits)
    return health(house.forwarder, 3, 4, {"dns.example": ("192.0.2.53",)}, "")


def test_caches_tell_what_was_found_in_them() -> None:
    async def main(house: House) -> None:
        for _ in range(5):
            await house.ask("www.example")
        told = await _told(house)
        assert (told.answers.hits, told.answers.misses, told.answers.entries) == (4, 1, 1)
        assert told.answers.bytes > 500
        assert (told.truth.hits, told.truth.misses, told.truth.entries) == (0, 1, 1)
        assert told.truth.bytes > 500
        house.forwarder.take(made({"ads": "||nothing.example^"}))
        await house.ask("www.example")
        told = await _told(house)
        assert (told.answers.hits, told.answers.misses) == (4, 2), "counters go on under another policy"
        assert (told.truth.hits, told.truth.misses) == (1, 1)

    at_home(main, ZONE)


def test_the_rest() -> None:
    async def main(house: House) -> None:
        house.forwarder.take(made({"ads": "||www.example^"}, answer=Nxdomain()))
        await house.ask("www.example")
        told = await _told(house)
        assert (told.answered, told.waiting, told.refused_busy) == (1, 3, 4)
        assert (told.packets, told.rrsets) == (1, 0)
        assert told.hosts == {"dns.example": ("192.0.2.53",)}
        assert told.generation == house.forwarder.bundle.generation
        assert [one.url for one in told.upstreams] == [one.url for one in house.forwarder.upstreams()]
        assert told.trouble == ""
        assert health(house.forwarder, 0, 0, {}, "the disk").trouble == "the disk"

    at_home(main, ZONE)


def test_what_is_flushed_is_still_counted() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        before = await _told(house)
        house.forwarder.flush()
        await asyncio.sleep(0.1)
        after = await _told(house)
        assert (after.truth.entries, after.answers.entries) == (0, 0)
        assert after.truth.misses == before.truth.misses
        assert after.answers.misses == before.answers.misses

    at_home(main, ZONE)
