"""What must not stop a hot path, or keep others from their turn: checks over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct

from resolver.listen.drain import DRAIN, Fast
from tests.listen.drain.answers import ME, idle, ttl_of
from tests.listen.drain.rig import Missed, rigged
from tests.support import query


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
                assert await ttl_of(client) == 60
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
                assert await ttl_of(client) == 60
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
            await idle(rig)
            before = rig.drain.dropped
            rig.drain.send(b"answer", ("255.255.255.255", 53), None)
            rig.drain.send(bytes(70_000), client.sock.getsockname(), None)
            assert rig.drain.dropped == before + 2
            assert await ttl_of(client) == 60


async def a_full_send_buffer_stops_nobody(fast: Fast) -> None:
    async with rigged(fast) as rig:
        rig.know("www.example")
        rig.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        with rig.client() as client, rig.client() as deaf:
            for _ in range(3000):
                deaf.send(query("www.example", payload=None))
            await idle(rig)
            rig.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            assert await ttl_of(client) == 60
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
