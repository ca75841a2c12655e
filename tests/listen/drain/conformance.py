"""What every hot path must do (`listen/drain.py`), over real sockets. Each check takes one and may fail."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from resolver.listen.drain import DRAIN, Fast
from resolver.pipeline.identify import Peers
from tests.listen.drain.rig import CAPACITY, KIDS, POLICY, Missed, Rig, rigged
from tests.listen.service import Client
from tests.support import query, read

ME = "127.0.0.1"
WILDCARDS = (("0.0.0.0", "127.0.0.1"), ("0.0.0.0", "127.0.0.2"), ("::", "::1"))

Check = Callable[[Fast], Coroutine[Any, Any, None]]


async def _ttl(client: Client, name: str = "www.example") -> int:
    return int(read(await client.exchange(query(name, payload=None))).answer[0].ttl)


async def _idle(rig: Rig) -> None:
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
                assert await _ttl(client) == left
                assert await _ttl(client, "fixed.example") == 60


async def what_has_expired_is_a_miss(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example", 60, life=30.0)
        with rig.client() as client:
            rig.clock.advance(29.99)
            assert await _ttl(client) == 31
            rig.clock.advance(0.01)
            client.send(query("www.example", payload=None))
            assert await rig.silence(client)
            assert [missed.data for missed in rig.missed] == [query("www.example", payload=None)]
            rig.know("www.example", 7)
            assert await _ttl(client) == 7
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
                assert await _ttl(client) == 60
            assert not rig.missed


async def a_new_bundle_has_none_of_the_old_answers(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example")
        with rig.client() as client:
            assert await _ttl(client) == 60
            rig.peers = Peers(POLICY, CAPACITY, fast.table)
            client.send(query("www.example", payload=None))
            assert await rig.silence(client)
            rig.know("www.example", 9)
            assert await _ttl(client) == 9
        assert len(rig.missed) == 1
        assert await rig.counted() == {(ME, "www.example"): 2}


async def each_policy_has_its_own_answers(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example", 60)
        rig.know("www.example", 7, client=KIDS)
        rig.know("only.example", 60)
        with rig.client() as client, rig.client(source=KIDS) as kid:
            assert (await _ttl(client), await _ttl(kid), await _ttl(client)) == (60, 7, 60)
            assert await _ttl(client, "only.example") == 60
            kid.send(query("only.example", payload=None))
            assert await rig.silence(kid)
        assert [missed.source[0] for missed in rig.missed] == [KIDS]


async def who_is_held_back_has_no_hits(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example")
        with rig.client() as client, rig.client(source="127.0.0.2") as other:
            assert await _ttl(client) == 60
            rig.peers.hold_back({ME})
            client.send(query("www.example", payload=None))
            assert await rig.silence(client)
            assert await _ttl(other) == 60
            rig.peers.hold_back(())
            assert await _ttl(client) == 60
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
            await _idle(rig)
            found += await rig.counted()
        assert found == {(source, name): 30 - 6 * at for source in sources for at, name in enumerate(names)}
        assert not await rig.counted()


async def a_table_keeps_to_its_room(fast: Fast) -> None:
    async with rigged(fast) as rig:
        table = fast.table(100_000)
        packet = rig.know("www.example")
        for number in range(1000):
            table.put(b"%d" % number, packet)
            assert 0 < table.weight <= 100_000
            assert table.get(b"%d" % number) is packet
        assert len(table) + table.evicted == 1000
        assert 20 < len(table) < 900
        table.put(b"999", packet)
        assert len(table) + table.evicted == 1000
        assert table.get(b"nobody") is None
        left = len(table)
        for _ in range(left):
            table.popitem()
        table.put(b"late", packet)  # by a query under way while it is let go of
        assert (len(table) <= 1, table.get(b"999")) == (True, None)
        nothing = fast.table(0)
        nothing.put(b"key", packet)
        assert (len(nothing), nothing.get(b"key"), nothing.weight) == (0, None, 0)


async def garbage_is_a_miss_and_stops_nobody(fast: Fast) -> None:
    for host in (ME, "0.0.0.0"):
        async with rigged(fast, host) as rig:
            rig.know("www.example")
            good = query("www.example", payload=None)
            garbage = [b"", b"x", b"\0\0", bytes(11), good + b"x", good + bytes(20_000), os.urandom(300)]
            with rig.client() as client:
                for data in garbage:
                    client.send(data)
                assert await _ttl(client) == 60
            assert [missed.data[:300] for missed in rig.missed] == [data[:300] for data in garbage]
            assert sum((await rig.counted()).values()) == 1


async def port_zero_is_never_answered(fast: Fast) -> None:
    """Only a forged packet has it, and only root can forge one."""
    if os.geteuid() != 0:
        return
    for host in (ME, "0.0.0.0"):
        async with rigged(fast, host) as rig:
            rig.know("www.example")
            data = query("www.example", payload=None)
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw, rig.client() as client:
                raw.sendto(struct.pack("!4H", 0, rig.port, 8 + len(data), 0) + data, (ME, 0))
                assert await _ttl(client) == 60
            assert sum((await rig.counted()).values()) == 1


async def errors_of_sending_stop_nobody(fast: Fast) -> None:
    """An ICMP error for a client that is gone; an answer for whom nobody can reach; one that is too long."""
    async with rigged(fast) as rig:
        rig.know("www.example")
        asked = query("www.example", payload=None)
        with rig.client() as client:
            for _ in range(20):
                with rig.client() as gone:
                    gone.send(asked)
            await _idle(rig)
            before = rig.drain.dropped
            rig.drain.send(b"answer", ("255.255.255.255", 53), None)
            rig.drain.send(bytes(70_000), client.sock.getsockname(), None)
            assert rig.drain.dropped == before + 2
            assert await _ttl(client) == 60


async def a_full_send_buffer_stops_nobody(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example")
        rig.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        with rig.client() as client, rig.client() as deaf:
            for _ in range(3000):
                deaf.send(query("www.example", payload=None))
            await _idle(rig)
            rig.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            assert await _ttl(client) == 60
            heard = 1
            with contextlib.suppress(BlockingIOError):
                while deaf.sock.recv(4096):
                    heard += 1
        assert sum((await rig.counted()).values()) >= heard


async def others_have_their_turn(fast: Fast) -> None:
    """No more than DRAIN at one wake-up, misses and hits in the order they came."""
    async with rigged(fast) as rig:
        rig.know("www.example")
        with rig.client() as client:
            for number in range(4 * DRAIN):
                client.send(query("www.example", id=number, payload=None) if number % 4 else b"%04d" % number)
            turns, longest, seen = 0, 0, 0
            while seen < DRAIN:
                await asyncio.sleep(0)
                turns += 1
                longest, seen = max(longest, len(rig.missed) - seen), len(rig.missed)
            ids = [int.from_bytes((await client.receive())[:2], "big") for _ in range(3 * DRAIN)]
        assert longest <= DRAIN // 4
        assert turns >= 4
        assert rig.begun >= 4
        assert ids == [number for number in range(4 * DRAIN) if number % 4]
        assert [missed.data for missed in rig.missed] == [b"%04d" % number for number in range(0, 4 * DRAIN, 4)]


async def stopped_it_reads_no_more_and_still_sends(fast: Fast) -> None:
    for host in (ME, "0.0.0.0"):
        async with rigged(fast, host) as rig:
            rig.know("www.example")
            with rig.client() as client:
                client.send(b"later")
                while not rig.missed:
                    await asyncio.sleep(0.001)
                rig.drain.stop()
                client.send(query("www.example", payload=None))
                assert await rig.silence(client)
                missed: Missed = rig.missed[0]
                rig.drain.send(b"at last", missed.source, missed.ancillary)
                assert await client.receive() == b"at last"
            assert (len(rig.missed), await rig.counted()) == (1, {})


CHECKS: tuple[Check, ...] = (
    ids_are_echoed,
    a_spelling_is_echoed_or_left_to_others,
    ttls_come_down_by_the_second,
    what_has_expired_is_a_miss,
    misses_are_answered_with_what_came_along,
    hits_come_from_the_address_that_was_asked,
    a_new_bundle_has_none_of_the_old_answers,
    each_policy_has_its_own_answers,
    who_is_held_back_has_no_hits,
    every_answer_is_counted_once,
    a_table_keeps_to_its_room,
    garbage_is_a_miss_and_stops_nobody,
    port_zero_is_never_answered,
    errors_of_sending_stop_nobody,
    a_full_send_buffer_stops_nobody,
    others_have_their_turn,
    stopped_it_reads_no_more_and_still_sends,
)
