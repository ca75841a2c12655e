"""What is popular is asked before it is too old, and after a start before anybody asks."""

from __future__ import annotations

import asyncio

from resolver.cache.packets import Packet
from resolver.errors import UpstreamUnreachable
from resolver.journal.journal import no_hits
from resolver.model import Exchange
from resolver.pipeline.prefetch import POPULAR
from resolver.policy.truth import Truth
from tests.pipeline.house import SOA, House, at_home, made

NAMES = [f"n{n}.example" for n in range(30)]
ZONE = "\n".join([SOA, *(f"{name}. 100 A 192.0.2.1" for name in NAMES)])
ALL = made(truth=Truth(prefetch=100))


async def second(house: House) -> None:
    """A second passes, at whose end the worker tends to what it has."""
    await asyncio.sleep(1)
    await house.tend()


async def busy(house: House, seconds: int, *names: str) -> None:
    for _ in range(seconds):
        for name in names:
            await house.ask(name)
        await second(house)


def test_a_popular_name_is_never_waited_for() -> None:
    async def main(house: House) -> None:
        house.udp.delay = 0.01
        await busy(house, 10, "n0.example")
        house.udp.asked.clear()
        for _ in range(300):
            began = house.clock.monotonic()
            await house.ask("n0.example")
            assert house.clock.monotonic() == began
            await second(house)
        assert 3 <= len(house.udp.asked) <= 4

    at_home(main, ZONE, ALL)


def test_what_nobody_asks_for_any_more_is_left_alone() -> None:
    async def main(house: House) -> None:
        await busy(house, 10, "n0.example")
        await busy(house, 300, "n1.example")
        assert house.udp.asked.count("n0.example. A") == 1

    at_home(main, ZONE, ALL)


def test_what_is_seldom_asked_for_is_left_alone() -> None:
    async def main(house: House) -> None:
        await house.ask("n0.example")
        await asyncio.sleep(95)
        await house.ask("n0.example")
        await second(house)
        assert len(house.udp.asked) == 1

    at_home(main, ZONE, ALL)


def test_it_is_a_share_of_what_is_answered_and_no_more() -> None:
    async def main(house: House) -> None:
        await busy(house, 89, *NAMES)  # 2670 answers, but no more than a burst is saved up
        house.forwarder.sources.budget._left = 0.0
        await busy(house, 12, NAMES[0])
        await busy(house, 1, *NAMES)
        assert house.forwarder.prefetch.asked == 0

    at_home(main, ZONE, made(truth=Truth(prefetch=1)))


def test_a_look_at_many_gives_others_their_turn() -> None:
    async def main(house: House) -> None:
        peer = house.forwarder.peers["192.0.2.10"]
        exchange = Exchange("n0.example", 1, 0, "cache", "pass")
        hits = no_hits()
        for _ in range(50_000):  # all of them popular, and about to end
            hits[peer][Packet(b"", (), exchange, 0.0, 1.0)] = POPULAR
        turns, looking = 0, asyncio.ensure_future(house.forwarder.tend(hits))
        while not looking.done():
            turns += 1
            await asyncio.sleep(0)
        assert turns > 50_000 / 2000 + 50_000 / 50 - 5
        assert house.forwarder.answers().hits == 50_000 * POPULAR

    at_home(main, ZONE, ALL)


def test_none_is_none() -> None:
    async def main(house: House) -> None:
        await busy(house, 300, *NAMES[:3])
        assert house.forwarder.prefetch.asked == 0
        assert len(house.udp.asked) == 9

    at_home(main, ZONE, made(truth=Truth(prefetch=0)))


def test_each_way_to_ask_is_refreshed_by_itself() -> None:
    async def main(house: House) -> None:
        for _ in range(98):
            await house.ask("n0.example", do=True)
            await second(house)
        await house.ask("n0.example")
        house.udp.asked.clear()
        await asyncio.sleep(5)
        began = house.clock.monotonic()
        await house.ask("n0.example", do=True)
        assert house.clock.monotonic() == began
        assert house.udp.asked == []

    at_home(main, ZONE, ALL)


def test_in_the_dark_nothing_is_asked_ahead() -> None:
    async def main(house: House) -> None:
        await busy(house, 85, *NAMES)
        house.udp.result = lambda _: UpstreamUnreachable("Connection refused")
        await house.ask("unknown.example")
        ahead = house.forwarder.prefetch.asked
        await busy(house, 10, *NAMES)
        assert house.forwarder.prefetch.asked == ahead

    at_home(main, ZONE, ALL)


def test_a_start_is_warmed_by_what_is_popular() -> None:
    async def main(house: House) -> None:
        house.udp.delay = 0.1
        await house.ask("n0.example")
        house.udp.asked.clear()
        began = house.clock.monotonic()
        await house.forwarder.prefetch.warm([(name, 1) for name in [*NAMES, "not..a.name"]])
        await asyncio.sleep(0.1)
        assert len(house.udp.asked) == len(NAMES) - 1
        assert house.clock.monotonic() - began < 0.6  # several at once
        assert len(house.udp.open) <= 8
        house.udp.asked.clear()
        for name in NAMES:
            assert (await house.ask(name)).answer
        assert house.udp.asked == []

    at_home(main, ZONE)


def test_at_most_eight_are_asked_at_once() -> None:
    async def main(house: House) -> None:
        house.udp.delay = 0.1
        warming = asyncio.ensure_future(house.forwarder.prefetch.warm([(name, 1) for name in NAMES]))
        await asyncio.sleep(0.05)
        assert len(house.udp.open) == 8
        await warming

    at_home(main, ZONE)


def test_a_start_without_a_network_is_warmed_when_there_is_one() -> None:
    async def main(house: House) -> None:
        house.udp.result = lambda _: UpstreamUnreachable("Network is unreachable")
        warming = asyncio.ensure_future(house.forwarder.prefetch.warm([(name, 1) for name in NAMES]))
        await asyncio.sleep(60)
        assert house.forwarder.fetching.asked <= 8 + 12
        house.udp.result = house.udp.reply
        await asyncio.sleep(6)
        assert warming.done()
        assert len(house.forwarder.rrsets) >= 10

    at_home(main, ZONE)
