"""TCP clients that are idle, slow, gone, or too many."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import dns.flags
import dns.rcode
import pytest

from resolver.listen import crowd
from resolver.listen.crowd import IDLE
from resolver.listen.stream import Stream as Stream_
from tests.listen.service import BIG, Service, Stream, serving
from tests.support import StillClock, query, read, until


def only(service: Service) -> Stream_:
    """The one connection that there is."""
    (connection,) = service.tcp.means.crowd.members
    assert isinstance(connection, Stream_)
    return connection


def test_idle_connections_are_closed_and_busy_ones_are_not() -> None:
    async def main() -> None:
        clock = StillClock()
        async with serving(clock=clock) as service, service.connection() as idle, service.connection() as busy:
            for stream in (idle, busy):
                stream.send(query("localhost"))
                await stream.receive()
            clock.advance(IDLE - 0.1)
            service.tcp.means.crowd.sweep()
            assert len(service.tcp.means.crowd.members) == 2
            service.upstream.delay = 0.1
            busy.send(query("slow.example", id=9))
            await until(lambda: service.upstream.asked)
            clock.advance(0.2)
            service.tcp.means.crowd.sweep()
            assert await idle.ended() == b""
            clock.advance(100)
            service.tcp.means.crowd.sweep()  # it waits for us, not we for it
            assert read(await busy.receive()).id == 9
            clock.advance(IDLE - 0.1)
            service.tcp.means.crowd.sweep()
            assert len(service.tcp.means.crowd.members) == 1
            clock.advance(0.2)
            service.tcp.means.crowd.sweep()
            assert await busy.ended() == b""
            assert not service.tcp.means.crowd.members

    asyncio.run(main())


def test_a_connection_that_never_asks_is_idle() -> None:
    async def main() -> None:
        clock = StillClock()
        async with serving(clock=clock) as service, service.connection() as stream:
            await until(lambda: service.tcp.means.crowd.members)
            clock.advance(IDLE + 0.1)
            service.tcp.means.crowd.sweep()
            assert await stream.ended() == b""

    asyncio.run(main())


def test_bytes_that_make_no_message_do_not_keep_a_connection_alive() -> None:
    async def main() -> None:
        clock = StillClock()
        async with serving(clock=clock) as service, service.connection() as stream:
            for byte in b"\xff\xff\0\0\0":
                stream.writer.write(bytes((byte,)))
                await asyncio.sleep(0.005)
                clock.advance(IDLE / 4)
                service.tcp.means.crowd.sweep()
            assert await stream.ended() == b""

    asyncio.run(main())


@contextlib.asynccontextmanager
async def not_reading(service: Service, queries: int) -> AsyncIterator[socket.socket]:
    """A client that asks for megabytes and reads nothing of them."""
    data = query("big.example", "TXT")
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(0)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, (service.host, service.port))
        await loop.sock_sendall(sock, (len(data).to_bytes(2, "big") + data) * queries)
        yield sock


def test_who_does_not_read_is_not_read_either_and_answered_when_it_does() -> None:
    async def main() -> None:
        async with serving(zone=BIG) as service, not_reading(service, 3000) as sock:
            await until(lambda: service.tcp.means.crowd.members)
            await asyncio.sleep(0.2)
            connection = only(service)
            assert connection.transport is not None
            assert connection.transport.get_write_buffer_size() < 110 * 32_000
            assert not connection.transport.is_reading()
            recorded = await service.forwarder.journal.roll(0)
            assert recorded is not None
            assert sum(recorded.totals.values()) < 500
            loop = asyncio.get_running_loop()
            expected = 3000 * (2 + len(await service.answer("big.example", "TXT")))
            got = 0
            async with asyncio.timeout(20):
                while got < expected:
                    got += len(await loop.sock_recv(sock, 1 << 20))
            assert got == expected
            assert connection.transport.is_reading()

    asyncio.run(main())


def test_who_does_not_read_is_closed_in_the_end() -> None:
    async def main() -> None:
        clock = StillClock()
        async with serving(zone=BIG, clock=clock) as service, not_reading(service, 500):
            await until(lambda: service.tcp.means.crowd.members)
            await asyncio.sleep(0.1)
            connection = only(service)
            await until(lambda: not connection.in_flight)
            clock.advance(IDLE + 0.1)
            service.tcp.means.crowd.sweep()
            assert not service.tcp.means.crowd.members
            await until(lambda: connection.transport is None)

    asyncio.run(main())


@pytest.mark.parametrize("reads", [True, False])
def test_half_closed_and_slow(reads: bool) -> None:
    async def main() -> None:
        clock = StillClock()
        async with serving(zone=BIG, clock=clock) as service, not_reading(service, 300) as sock:
            sock.shutdown(socket.SHUT_WR)
            await asyncio.sleep(0.1)
            connection = only(service)
            if reads:
                loop = asyncio.get_running_loop()
                got = 0
                while data := await loop.sock_recv(sock, 1 << 20):
                    got += len(data)
                assert got == 300 * (2 + len(await service.answer("big.example", "TXT")))
            else:
                await until(lambda: not connection.in_flight)
                clock.advance(IDLE + 0.1)
                service.tcp.means.crowd.sweep()
            await until(lambda: not service.tcp.means.crowd.members and connection.transport is None)

    asyncio.run(main())


def test_a_client_that_vanishes_leaves_nothing_behind() -> None:
    async def main() -> None:
        async with serving() as service:
            service.upstream.delay = 0.1
            async with service.connection() as stream:
                stream.send(*[query(f"n{n}.example", id=n) for n in range(20)])
                await until(lambda: len(service.upstream.asked) == 20)
                stream.writer.transport.abort()
            await until(lambda: not service.tcp.means.crowd.members)
            await asyncio.sleep(0.15)
            recorded = await service.forwarder.journal.roll(0)
            assert recorded is not None
            assert sum(recorded.totals.values()) == 20

    asyncio.run(main())


def test_when_it_is_full_the_one_idle_for_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "MAX_CONNECTIONS", 3)

    async def main() -> None:
        clock = StillClock()
        async with serving(clock=clock) as service, contextlib.AsyncExitStack() as stack:
            streams = []
            for _ in range(3):
                streams.append(await stack.enter_async_context(service.connection()))
                streams[-1].send(query("localhost"))
                await streams[-1].receive()
                clock.advance(1)
            service.upstream.delay = 0.2
            streams[0].send(query("slow.example", id=1))
            await until(lambda: service.upstream.asked)
            await stack.enter_async_context(service.connection())
            assert await streams[1].ended() == b""
            assert read(await streams[0].receive()).id == 1
            streams[2].send(query("localhost", id=3))
            assert read(await streams[2].receive()).id == 3

    asyncio.run(main())


def test_when_all_are_busy_the_new_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "MAX_CONNECTIONS", 2)

    async def main() -> None:
        async with serving() as service, contextlib.AsyncExitStack() as stack:
            service.upstream.delay = 0.2
            streams = [await stack.enter_async_context(service.connection()) for _ in range(2)]
            for id, stream in enumerate(streams):
                stream.send(query(f"n{id}.example", id=id))
            await until(lambda: len(service.upstream.asked) == 2)
            extra = await stack.enter_async_context(service.connection())
            assert await extra.ended() == b""
            for id, stream in enumerate(streams):
                assert read(await stream.receive()).id == id

    asyncio.run(main())


def test_one_client_cannot_have_all_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "MAX_PER_CLIENT", 2)

    async def main() -> None:
        async with serving("0.0.0.0") as service, contextlib.AsyncExitStack() as stack:
            reader, writer = await asyncio.open_connection("127.0.0.1", service.port, local_addr=("127.0.0.9", 0))
            other = Stream(reader, writer)
            mine = [await stack.enter_async_context(service.connection("127.0.0.1")) for _ in range(4)]
            await until(lambda: len(service.tcp.means.crowd.members) == 3)
            assert await mine[0].ended() == b""
            assert await mine[1].ended() == b""
            for stream in (other, *mine[2:]):
                stream.send(query("localhost"))
                assert read(await stream.receive()).rcode() == dns.rcode.NOERROR
            writer.close()

    asyncio.run(main())


def test_descriptors_are_kept_for_asking_upstreams() -> None:
    """Who idles makes room; while all are busy, one more is sent away."""

    async def main() -> None:
        async with serving() as service, contextlib.AsyncExitStack() as stack:
            first = await stack.enter_async_context(service.connection())
            first.send(query("localhost"))
            await first.receive()
            service.tcp.reach = 0
            second = await stack.enter_async_context(service.connection())
            assert await first.ended() == b""
            second.send(query("localhost"))
            assert read(await second.receive()).rcode() == dns.rcode.NOERROR
            service.upstream.delay = 0.2
            second.send(query("slow.example", id=7))
            await until(lambda: service.upstream.asked)
            third = await stack.enter_async_context(service.connection())
            assert await third.ended() == b""
            assert read(await second.receive()).id == 7

    asyncio.run(main())


def test_a_burst_of_connections_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "MAX_CONNECTIONS", 10)

    async def main() -> None:
        async with serving() as service, contextlib.AsyncExitStack() as stack:
            await asyncio.gather(*[stack.enter_async_context(service.connection()) for _ in range(60)])
            await asyncio.sleep(0.05)
            assert len(service.tcp.means.crowd.members) == 10

    asyncio.run(main())
