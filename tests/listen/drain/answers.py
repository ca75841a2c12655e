"""What a hit is and what is counted of it: checks of a hot path over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

from resolver.listen.drain import Fast
from resolver.pipeline.identify import Peers
from tests.listen.drain.rig import CAPACITY, KIDS, POLICY, Rig, rigged
from tests.listen.service import Client
from tests.support import query, read

ME = "127.0.0.1"
WILDCARDS = (("0.0.0.0", "127.0.0.1"), ("0.0.0.0", "127.0.0.2"), ("::", "::1"))


async def ttl_of(client: Client, name: str = "www.example") -> int:
    return int(read(await client.exchange(query(name, payload=None))).answer[0].ttl)


async def idle(rig: Rig) -> None:
    """Until what was sent has been read."""
    begun = -1
    while begun != rig.begun:
        begun = rig.begun
        await asyncio.sleep(0.005)


async def ids_are_echoed(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example")
        with rig.client() as client:
            for id in (0, 1, 255, 256, 65_535):
                asked = query("www.example", id=id, payload=None)
                reply = await client.exchange(asked)
                assert reply[:2] == asked[:2]
                assert reply[12 : len(asked)] == asked[12:]
        assert not rig.missed


async def a_spelling_is_echoed_or_left_to_others(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example")
        asked = query("www.example", payload=None).replace(b"www", b"wWw")
        rig.answers = lambda missed: missed.data
        with rig.client() as client:
            reply = await client.exchange(asked)
            assert reply[12 : len(asked)] == asked[12:]
        assert all(missed.data == asked for missed in rig.missed)


async def ttls_come_down_by_the_second(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example", 60)
        rig.know("fixed.example", 60, fixed=True)
        with rig.client() as client:
            for passed, left in ((0.0, 60), (0.9, 60), (0.1, 59), (1.0, 58), (40.5, 18), (17.0, 1)):
                rig.clock.advance(passed)
                assert await ttl_of(client) == left
                assert await ttl_of(client, "fixed.example") == 60


async def what_has_expired_is_a_miss(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example", 60, life=30.0)
        with rig.client() as client:
            rig.clock.advance(29.99)
            assert await ttl_of(client) == 31
            rig.clock.advance(0.01)
            client.send(query("www.example", payload=None))
            assert await rig.silence(client)
            assert [missed.data for missed in rig.missed] == [query("www.example", payload=None)]
            rig.know("www.example", 7)
            assert await ttl_of(client) == 7
        assert sum((await rig.counted()).values()) == 2


async def misses_are_answered_with_what_came_along(fast: Fast) -> None:
    for host, asked in (("127.0.0.1", ME), *WILDCARDS):
        async with rigged(fast, host) as rig:
            rig.answers = lambda missed: missed.data[:2] + b"answer"
            with rig.client(asked) as client:  # connected: it hears nothing that comes from elsewhere
                assert await client.exchange(b"\1\2?") == b"\1\2answer"
                assert rig.missed[0].source[:2] == client.sock.getsockname()[:2]
            assert not await rig.counted()


async def hits_come_from_the_address_that_was_asked(fast: Fast) -> None:
    for host, asked in WILDCARDS:
        async with rigged(fast, host) as rig:
            rig.know("www.example", client=asked if ":" in asked else ME)
            rig.know("www.example", client=ME)
            with rig.client(asked, asked) as client:
                assert await ttl_of(client) == 60
            assert not rig.missed


async def a_new_bundle_has_none_of_the_old_answers(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example")
        with rig.client() as client:
            assert await ttl_of(client) == 60
            rig.peers = Peers(POLICY, CAPACITY, fast.table)
            client.send(query("www.example", payload=None))
            assert await rig.silence(client)
            rig.know("www.example", 9)
            assert await ttl_of(client) == 9
        assert len(rig.missed) == 1
        assert await rig.counted() == {(ME, "www.example"): 2}


async def each_policy_has_its_own_answers(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example", 60)
        rig.know("www.example", 7, client=KIDS)
        rig.know("only.example", 60)
        with rig.client() as client, rig.client(source=KIDS) as kid:
            assert (await ttl_of(client), await ttl_of(kid), await ttl_of(client)) == (60, 7, 60)
            assert await ttl_of(client, "only.example") == 60
            kid.send(query("only.example", payload=None))
            assert await rig.silence(kid)
        assert [missed.source[0] for missed in rig.missed] == [KIDS]


async def who_is_held_back_has_no_hits(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example")
        with rig.client() as client, rig.client(source="127.0.0.2") as other:
            assert await ttl_of(client) == 60
            rig.peers.hold_back({ME})
            client.send(query("www.example", payload=None))
            assert await rig.silence(client)
            assert await ttl_of(other) == 60
            rig.peers.hold_back(())
            assert await ttl_of(client) == 60
        assert len(rig.missed) == 1


async def every_answer_is_counted_once(fast: Fast) -> None:
    """While the journal is taken again and again."""
    async with rigged(fast) as rig:
        names = [f"n{number}.example" for number in range(5)]
        for name in names:
            rig.know(name)
        found: Counter[tuple[str, str]] = Counter()
        sources = (ME, "127.0.0.2", "127.0.0.3")
        with contextlib.ExitStack() as opened:
            clients = [opened.enter_context(rig.client(source=source)) for source in sources]
            for turn in range(30):
                for client in clients:
                    for name in names[: 1 + turn % 5]:
                        client.send(query(name, payload=None))
                found += await rig.counted()
                await asyncio.sleep(0)
            await idle(rig)
            found += await rig.counted()
        assert found == {(source, name): 30 - 6 * at for source in sources for at, name in enumerate(names)}
        assert not await rig.counted()
