"""TCP over real sockets: pipelines, limits, and clients that do not behave."""

from __future__ import annotations

import asyncio
import struct

import dns.flags
import dns.rcode
import pytest

from resolver.listen.stream import IN_FLIGHT
from tests.listen.service import BIG, free, serving
from tests.support import query, read, texts, until

WWW = ["www.example. 300 IN A 192.0.2.1"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0"])
def test_one_after_the_other(host: str) -> None:
    async def main() -> None:
        async with serving(host) as service, service.connection("127.0.0.1" if "." in host else "") as stream:
            for id in (1, 2, 3):
                stream.send(query("www.example", id=id))
                reply = read(await stream.receive())
                assert (reply.id, texts(reply.answer)) == (id, WWW)

    asyncio.run(main())


def test_pipelined_and_answered_in_the_order_they_are_ready() -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as stream:
            service.upstream.delays = {"slow.example.": 0.15}
            stream.send(query("slow.example", id=1), query("www.example", id=2), query("localhost", id=3))
            assert [read(await stream.receive()).id for _ in range(3)][-1] == 1

    asyncio.run(main())


def test_in_pieces() -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as stream:
            data = query("www.example", id=1)
            message = len(data).to_bytes(2, "big") + data
            for byte in message + message[:5]:
                stream.writer.write(bytes((byte,)))
                await stream.writer.drain()
                await asyncio.sleep(0)
            assert read(await stream.receive()).id == 1
            stream.writer.write(message[5:])
            assert read(await stream.receive()).id == 1

    asyncio.run(main())


def test_a_hundred_in_flight_and_no_more() -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as stream:
            service.upstream.delay = 0.4
            stream.send(*[query(f"n{n}.example", id=n) for n in range(IN_FLIGHT + 50)])
            await until(lambda: len(service.upstream.asked) >= IN_FLIGHT)
            await asyncio.sleep(0.03)
            (connection,) = service.tcp.means.crowd.members
            assert connection.in_flight == IN_FLIGHT == len(service.upstream.asked)
            ids = {read(await stream.receive()).id for _ in range(IN_FLIGHT + 50)}
            assert ids == set(range(IN_FLIGHT + 50))
            assert connection.in_flight == 0

    asyncio.run(main())


def test_another_connection_does_not_wait_for_that() -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as busy, service.connection() as other:
            service.upstream.delays = {f"n{n}.example.": 0.3 for n in range(IN_FLIGHT)}
            busy.send(*[query(f"n{n}.example", id=n) for n in range(IN_FLIGHT)])
            other.send(query("www.example", id=7))
            assert read(await other.receive()).id == 7

    asyncio.run(main())


@pytest.mark.parametrize("count", [1, 3, IN_FLIGHT + 20])
def test_half_closed_everything_asked_is_answered_then_it_ends(count: int) -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as stream:
            service.upstream.delay = 0.02
            stream.send(*[query(f"n{n}.example", id=n) for n in range(count)])
            stream.writer.write_eof()
            assert {read(await stream.receive()).id for _ in range(count)} == set(range(count))
            assert await stream.ended() == b""
            await until(lambda: not service.tcp.means.crowd.members)

    asyncio.run(main())


def test_half_closed_after_answers_from_the_cache() -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as stream:
            stream.send(query("localhost"), query("localhost"), query("localhost"))
            stream.writer.write_eof()
            for _ in range(3):
                assert read(await stream.receive()).rcode() == dns.rcode.NOERROR
            assert await stream.ended() == b""

    asyncio.run(main())


@pytest.mark.parametrize("size", [0, 1, 11])
def test_a_length_under_twelve_closes(size: int) -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as stream:
            stream.send(query("localhost", id=1))
            assert read(await stream.receive()).id == 1
            stream.writer.write(size.to_bytes(2, "big") + bytes(size))
            assert await stream.ended() == b""
            await until(lambda: not service.tcp.means.crowd.members)

    asyncio.run(main())


def test_what_was_answered_before_a_bad_length_still_goes_out() -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as warm, service.connection() as stream:
            warm.send(query("localhost"))
            await warm.receive()
            stream.writer.write(struct.pack("!H", len(query("localhost"))) + query("localhost") + b"\0\x05")
            assert read(await stream.receive()).rcode() == dns.rcode.NOERROR
            assert await stream.ended() == b""

    asyncio.run(main())


def test_messages_that_are_no_queries() -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as stream:
            good = query("www.example", id=5)
            stream.send(good[:2] + b"\x81" + good[3:], bytes(12)[:2] + b"\x81" + bytes(600), good + b"left over", good)
            assert [read(await stream.receive()).rcode() for _ in range(2)] == [dns.rcode.FORMERR, dns.rcode.NOERROR]

    asyncio.run(main())


def test_the_largest_message_is_taken() -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as stream:
            stream.send(query("www.example") + bytes(65_535 - len(query("www.example"))))
            assert read(await stream.receive()).rcode() == dns.rcode.FORMERR

    asyncio.run(main())


def test_answers_of_any_size() -> None:
    async def main() -> None:
        async with serving(zone=BIG) as service, service.connection() as stream:
            for _ in range(2):
                stream.send(query("big.example", "TXT", payload=512))
                reply = await stream.receive()
                assert len(reply) > 30_000
                assert not read(reply).flags & dns.flags.TC

    asyncio.run(main())


def test_stopped_it_accepts_nobody_on_any_address() -> None:
    async def main() -> None:
        async with serving() as service, service.connection() as stream:
            (datagrams,), second = free("127.0.0.1")
            datagrams.close()
            port = second.getsockname()[1]
            await service.tcp.start(second)
            service.tcp.stop()
            for closed in (service.port, port):
                with pytest.raises(ConnectionRefusedError):
                    await asyncio.open_connection("127.0.0.1", closed)
            stream.send(query("localhost", id=4))  # who is there is still served
            assert read(await stream.receive()).id == 4
            service.tcp.close()
            assert await stream.ended() == b""

    asyncio.run(main())
