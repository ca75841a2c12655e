"""UDP and TCP to upstreams, over real sockets: what counts as a reply, and that nothing is left open."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import resource
import socket
from collections.abc import AsyncIterator, Callable, Iterable

import pytest

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Question
from resolver.upstream.do53 import Address, Sent, Tcp, Transport, Udp
from resolver.wire.reply import build, matches
from tests.support import wire
from tests.upstream.servers import closed_port, descriptors, framed, right, serving, settled, silent

QUESTION = Question(wire("www.example"), 1)


def asked(id: int = 0x1234) -> bytes:
    return build(QUESTION, id, do=False, cd=False)


class Delivered:
    """What a transport delivers, and how often."""

    def __init__(self) -> None:
        self.results: list[bytes | UpstreamError] = []
        self._some = asyncio.Event()

    def __call__(self, result: bytes | UpstreamError) -> None:
        self.results.append(result)
        self._some.set()

    async def result(self) -> bytes | UpstreamError:
        async with asyncio.timeout(2):
            await self._some.wait()
        return self.results[0]

    async def reply(self) -> bytes:
        result = await self.result()
        assert isinstance(result, bytes), result
        return result


@contextlib.asynccontextmanager
async def transport(kind: str) -> AsyncIterator[Transport]:
    """A transport, and a check that it leaves nothing open."""
    before = descriptors()
    async with asyncio.TaskGroup() as tasks:
        if kind == "tcp":
            yield Tcp(tasks)
        else:
            udp = Udp(asyncio.get_running_loop())
            yield udp
            udp.close()
    await settled(before)


def wrongs(query: bytes) -> list[bytes]:
    """Replies that must not count."""
    good = right(query)
    return [
        b"",
        b"x",
        good[:11],
        b"garbage" * 20,
        query,
        bytes((good[0] ^ 1,)) + good[1:],  # ID
        good[:2] + bytes((good[2] & 0x7F,)) + good[3:],  # QR
        good[:2] + bytes((good[2] | 0x10,)) + good[3:],  # opcode
        good[:4] + b"\0\0" + good[6:],  # no question
        good.replace(b"\x03www", b"\x03wvw"),  # name
        good[:26] + b"\x1c" + good[27:],  # type
        good[:28] + b"\x03" + good[29:],  # class
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_a_reply_is_delivered_once(kind: str, host: str) -> None:
    async def main() -> None:
        async with serving(lambda query: [right(query)] * 2, host=host) as (server, address), transport(kind) as used:
            delivered = Delivered()
            used.send(address, asked(), delivered)
            assert matches(await delivered.reply(), asked())
            await asyncio.sleep(0.02)
            assert len(delivered.results) == 1
            assert server.queries == [asked()]

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_what_does_not_match_is_thrown_away_and_the_wait_goes_on(kind: str) -> None:
    def udp(query: bytes) -> Iterable[bytes]:
        return [*wrongs(query), right(query, "192.0.2.7")]

    async def main() -> None:
        async with (
            serving(udp, lambda query: [framed(*wrongs(query), right(query, "192.0.2.7"))]) as (_, address),
            transport(kind) as used,
        ):
            delivered = Delivered()
            used.send(address, asked(), delivered)
            assert (await delivered.reply())[-15:-11] == bytes((192, 0, 2, 7))

    asyncio.run(main())


def test_a_reply_from_elsewhere_does_not_count() -> None:
    async def main() -> None:
        async with serving(silent) as (server, address), serving() as (other, _), transport("udp") as used:
            delivered = Delivered()
            used.send(address, asked(), delivered)
            await server.asked()
            assert other._transport is not None
            other._transport.sendto(right(asked()), ("127.0.0.1", server.ports[0]))
            await asyncio.sleep(0.05)
            assert delivered.results == []
            assert server._transport is not None
            server._transport.sendto(right(asked()), ("127.0.0.1", server.ports[0]))
            assert matches(await delivered.reply(), asked())

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_nobody_there_is_told_at_once(kind: str) -> None:
    async def main() -> None:
        async with transport(kind) as used:
            delivered = Delivered()
            used.send(closed_port(), asked(), delivered)
            result = await delivered.result()
            assert isinstance(result, UpstreamUnreachable)
            assert str(result).startswith("Connection refused" if kind == "udp" else "over TCP: Connect call failed")

    asyncio.run(main())


def test_no_route_is_told_later_not_in_place() -> None:
    async def main() -> None:
        async with transport("udp") as used:
            delivered = Delivered()
            used.send(Address("255.255.255.255", 53), asked(), delivered)  # refused to who has no SO_BROADCAST
            assert delivered.results == []
            assert isinstance(await delivered.result(), UpstreamUnreachable)

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_without_descriptors_it_is_not_the_upstream_that_failed(kind: str) -> None:
    async def main() -> None:
        async with transport(kind) as used:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            used.send(closed_port(), asked(), Delivered()).close()
            delivered = Delivered()
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                used.send(Address("127.0.0.1", 53), asked(), delivered)
                assert delivered.results == []
                result = await delivered.result()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert type(result) is UpstreamError  # no fault of the upstream's
            assert "open files" in str(result)

    asyncio.run(main())


def _never(address: Address, used: Transport) -> tuple[Delivered, Sent]:
    delivered = Delivered()
    return delivered, used.send(address, asked(), delivered)


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_closed_means_no_delivery_and_no_socket(kind: str) -> None:
    async def main() -> None:
        async with serving(silent, silent) as (server, address), transport(kind) as used:
            before = descriptors()
            delivered, sent = _never(address, used)
            await server.asked()
            assert descriptors() > before
            sent.close()
            sent.close()
            await settled(before)
            assert delivered.results == []
            if kind == "tcp":
                async with asyncio.timeout(1):
                    await server.ended.wait()

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["udp", "tcp"])
@pytest.mark.parametrize("where", ["refused", "unroutable"])
def test_closed_before_a_failure_is_told(kind: str, where: str) -> None:
    async def main() -> None:
        async with transport(kind) as used:
            address = closed_port() if where == "refused" else Address("255.255.255.255", 53)
            delivered, sent = _never(address, used)
            sent.close()
            await asyncio.sleep(0.02)
            assert delivered.results == []

    asyncio.run(main())


def test_closing_the_transport_closes_every_socket() -> None:
    async def main() -> None:
        before = descriptors()
        udp = Udp(asyncio.get_running_loop())
        async with serving(silent) as (server, address):
            waits = [_never(address, udp) for _ in range(100)]
            await server.asked(100)
            udp.close()
            for delivered, sent in waits:
                sent.close()
                assert delivered.results == []
        assert descriptors() == before

    asyncio.run(main())


def test_many_at_a_time() -> None:
    async def main() -> None:
        async with serving() as (_, address), transport("udp") as used:
            waits = [Delivered() for _ in range(150)]
            for id, delivered in enumerate(waits):
                used.send(address, asked(id), delivered)
            for id, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(id))

    asyncio.run(main())


def test_each_query_has_a_random_port_of_its_own() -> None:
    async def main() -> None:
        async with serving() as (server, address), transport("udp") as used:
            waits = [Delivered() for _ in range(300)]
            for delivered in waits:
                used.send(address, asked(), delivered)
                await delivered.result()
            ports = server.ports
            assert len(set(ports)) > 250
            steps = [abs(after - before) for before, after in itertools.pairwise(ports)]
            assert sum(step < 100 for step in steps) < 60  # not one after the other
            assert max(ports) - min(ports) > 10_000

    asyncio.run(main())


@pytest.mark.parametrize(
    "answer",
    [lambda _: [b"\0"], lambda query: [framed(right(query))[:-1]], lambda _: [framed(b"garbage")], lambda _: [b""]],
)
def test_a_connection_that_ends_without_an_answer(answer: Callable[[bytes], list[bytes]]) -> None:
    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for part in answer(await reader.readexactly(2 + len(asked()))):
                writer.write(part)
            writer.close()

        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with transport("tcp") as used:
            delivered = Delivered()
            used.send(Address("127.0.0.1", listener.sockets[0].getsockname()[1]), asked(), delivered)
            result = await delivered.result()
            assert isinstance(result, UpstreamUnreachable)
            assert "without an answer" in str(result)
        listener.close()

    asyncio.run(main())


def test_tcp_goes_in_one_segment() -> None:
    """The length and the message are written at once (RFC 7766 section 8)."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0)
            async with transport("tcp") as used:
                delivered, sent = _never(Address("127.0.0.1", listener.getsockname()[1]), used)
                connection, _ = await loop.sock_accept(listener)
                with connection:
                    assert await loop.sock_recv(connection, 4096) == framed(asked())
                sent.close()
                assert delivered.results == []

    asyncio.run(main())
