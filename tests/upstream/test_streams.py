"""DNS over TCP and TLS, over real sockets: many queries on one connection, in any order, and every way to go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections.abc import Callable, Iterator

import pytest

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream import line, lines
from resolver.upstream.endpoint import Endpoint, read
from resolver.wire.reply import matches
from tests.support import until
from tests.upstream.asked import Delivered, asked, wrongs
from tests.upstream.authority import Issued
from tests.upstream.servers import Address, closed_port, descriptors, framed, right, settled
from tests.upstream.streamed import Peer, answering, carrying, mute, over, sent, streaming

BOTH = pytest.mark.parametrize("scheme", ["tcp", "tls"])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of time that a test can wait for."""
    monkeypatch.setattr(line, "SILENT", 0.15)
    monkeypatch.setattr(line, "IDLE", 0.3)
    monkeypatch.setattr(line, "FORGET", 0.2)
    monkeypatch.setattr(line, "CONNECT", 0.5)
    monkeypatch.setattr(lines, "_TICK", 0.02)


@BOTH
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_queries_share_a_connection(scheme: str, host: str, issued: Issued) -> None:
    async def main() -> None:
        async with (
            streaming(tls=issued.server("dot") if scheme == "tls" else None, host=host) as server,
            carrying() as carriers,
        ):
            send = over(carriers, server.address.url(scheme))
            waits = [send(asked(id, f"n{id}.example")) for id in range(100)]
            for id, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(id, f"n{id}.example"))
                assert len(delivered.results) == 1
            assert len(server.peers) == 1

    asyncio.run(main())


@BOTH
def test_replies_in_any_order(scheme: str, issued: Issued) -> None:
    async def backwards(peer: Peer) -> None:
        queries = [await peer.query() for _ in range(20)]
        for query in reversed(queries):
            peer.answer(query)
        await mute(peer)

    async def main() -> None:
        tls = issued.server("dot") if scheme == "tls" else None
        async with streaming(backwards, tls) as server, carrying() as carriers:
            send = over(carriers, server.address.url(scheme))
            waits = [send(asked(7, f"n{n}.example")) for n in range(20)]  # the same ID for all
            for n, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(7, f"n{n}.example"))

    asyncio.run(main())


def test_equal_ids_are_told_apart_on_the_wire() -> None:
    seen: list[bytes] = []

    async def noting(peer: Peer) -> None:
        while True:
            seen.append(await peer.query())
            if len(seen) == 3:
                for query in seen:
                    peer.answer(query)

    async def main() -> None:
        async with streaming(noting) as server, carrying() as carriers:
            send = over(carriers, server.address.url("tcp"))
            for delivered in [send(asked(0xFFFF)) for _ in range(3)]:
                assert (await delivered.reply())[:2] == b"\xff\xff"
        assert len({query[:2] for query in seen}) == 3

    asyncio.run(main())


def test_many_open_a_few_connections_and_no_more() -> None:
    async def main() -> None:
        async with streaming(mute) as server, carrying() as carriers:
            send = over(carriers, server.address.url("tcp"))
            waits = [send(asked(n)) for n in range(lines.CONNECTIONS * line.IN_FLIGHT + 50)]
            await until(lambda: len(server.peers) == lines.CONNECTIONS)
            await asyncio.sleep(0.05)
            assert len(server.peers) == lines.CONNECTIONS
            assert not any(delivered.results for delivered in waits)

    asyncio.run(main())


def test_more_than_can_wait_is_refused_and_not_the_upstreams_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "IN_FLIGHT", 2)
    monkeypatch.setattr(lines, "CONNECTIONS", 1)
    monkeypatch.setattr(lines, "MOST", 5)

    async def main() -> None:
        async with streaming(mute) as server, carrying() as carriers:
            send = over(carriers, server.address.url("tcp"))
            waits = [send(asked(n)) for n in range(6)]
            assert waits[5].results == []
            assert await waits[5].failure() == "UpstreamError: too many queries wait for this upstream"
            assert not any(delivered.results for delivered in waits[:5])

    asyncio.run(main())


def test_what_waits_for_room_goes_out_as_replies_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "IN_FLIGHT", 2)
    monkeypatch.setattr(lines, "CONNECTIONS", 1)

    async def main() -> None:
        async with streaming() as server, carrying() as carriers:
            send = over(carriers, server.address.url("tcp"))
            for delivered in [send(asked(n)) for n in range(50)]:
                await delivered.reply()
            assert len(server.peers) == 1

    asyncio.run(main())


def test_what_does_not_match_is_thrown_away_and_the_wait_goes_on() -> None:
    async def confusing(peer: Peer) -> None:
        query = await peer.query()
        peer.say(framed(*[wrong for wrong in wrongs(query) if len(wrong) >= 12], right(query, "192.0.2.7")))
        await mute(peer)

    async def main() -> None:
        async with streaming(confusing) as server, carrying() as carriers:
            assert (await sent(carriers, server.address.url("tcp")).reply())[-15:-11] == bytes((192, 0, 2, 7))

    asyncio.run(main())


def test_replies_that_come_byte_by_byte() -> None:
    async def slow(peer: Peer) -> None:
        for byte in framed(right(await peer.query())) + framed(right(await peer.query())):
            peer.say(bytes((byte,)))
            await asyncio.sleep(0)
        await mute(peer)

    async def main() -> None:
        async with streaming(slow) as server, carrying() as carriers:
            send = over(carriers, server.address.url("tcp"))
            for delivered in [send(asked(1)), send(asked(2))]:
                await delivered.reply()

    asyncio.run(main())


@BOTH
def test_a_connection_that_closes_is_replaced_and_the_query_sent_once_more(scheme: str, issued: Issued) -> None:
    async def moody(peer: Peer) -> None:
        if peer.number == 1:
            peer.answer(await peer.query())
            await peer.query()
            return
        await answering(peer)

    async def main() -> None:
        tls = issued.server("dot") if scheme == "tls" else None
        async with streaming(moody, tls) as server, carrying() as carriers:
            send = over(carriers, server.address.url(scheme))
            await send(asked(1)).reply()
            await send(asked(2)).reply()
            assert len(server.peers) == 2

    asyncio.run(main())


@BOTH
def test_one_that_always_closes_is_asked_twice(scheme: str, issued: Issued) -> None:
    async def closing(peer: Peer) -> None:
        await peer.query()

    async def main() -> None:
        tls = issued.server("dot") if scheme == "tls" else None
        async with streaming(closing, tls) as server, carrying() as carriers:
            failure = await sent(carriers, server.address.url(scheme)).failure()
            assert failure == "UpstreamUnreachable: the connection was closed without an answer"
            assert len(server.peers) == 2

    asyncio.run(main())


@pytest.mark.parametrize("data", [b"\0\0", b"\0\x0b" + b"x" * 11, b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9])
def test_what_is_not_dns(data: bytes, quick: None) -> None:
    async def garbage(peer: Peer) -> None:
        await peer.query()
        peer.say(data)
        await mute(peer)

    async def main() -> None:
        async with streaming(garbage) as server, carrying() as carriers:
            failure = await sent(carriers, server.address.url("tcp")).failure()
            assert failure.startswith("UpstreamUnreachable: ")
            assert len(server.peers) == 2

    asyncio.run(main())


def test_replies_to_nothing_without_end(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "SILENT", 60.0)

    async def flood(peer: Peer) -> None:
        query = await peer.query()
        while True:
            peer.say(framed(*[bytes((n, query[1] ^ 1)) + right(query)[2:] for n in range(50)]))
            await asyncio.sleep(0.001)

    async def main() -> None:
        async with streaming(flood) as server, carrying() as carriers:
            failure = await sent(carriers, server.address.url("tcp")).failure()
            assert failure == "UpstreamUnreachable: its replies do not match the queries"

    asyncio.run(main())


@BOTH
def test_one_that_accepts_and_never_answers_is_given_up(scheme: str, issued: Issued, quick: None) -> None:
    async def main() -> None:
        tls = issued.server("dot") if scheme == "tls" else None
        async with streaming(mute, tls) as server, carrying() as carriers:
            failure = await sent(carriers, server.address.url(scheme)).failure()
            assert failure == "UpstreamUnreachable: it accepts queries and is silent"
            assert len(server.peers) == 2

    asyncio.run(main())


def test_a_connection_that_fell_silent_is_given_up_though_nobody_waits_any_more(quick: None) -> None:
    async def silent_at_first(peer: Peer) -> None:
        await (mute(peer) if peer.number == 1 else answering(peer))

    async def main() -> None:
        async with streaming(silent_at_first) as server, carrying() as carriers:
            transport = carriers.to(read(server.address.url("tcp")))[0]
            first = Delivered()
            query = transport.send(asked(1), first)
            await until(lambda: bool(server.peers and server.peers[0].sizes))
            query.close()
            await until(lambda: server.open == 0)
            second = Delivered()
            transport.send(asked(2), second)
            await second.reply()
            assert first.results == []
            assert len(server.peers) == 2

    asyncio.run(main())


def test_an_abandoned_query_does_not_harm_the_others(quick: None) -> None:
    """Its ID is kept back for a while, then given up; its late reply answers nothing."""

    async def choosy(peer: Peer) -> None:
        first = await peer.query()
        for n in range(40):
            peer.answer(await peer.query())
            if n == 20:
                peer.answer(first)
        await mute(peer)

    async def main() -> None:
        async with streaming(choosy) as server, carrying() as carriers:
            transport = carriers.to(read(server.address.url("tcp")))[0]
            abandoned = Delivered()
            query = transport.send(asked(9), abandoned)
            await until(lambda: bool(server.peers and server.peers[0].sizes))
            query.close()
            for _ in range(40):
                delivered = Delivered()
                transport.send(asked(9), delivered)
                assert matches(await delivered.reply(), asked(9))
                await asyncio.sleep(0.01)
            assert abandoned.results == []
            assert len(server.peers) == 1

    asyncio.run(main())


@BOTH
def test_an_idle_connection_is_closed(scheme: str, issued: Issued, quick: None) -> None:
    async def main() -> None:
        tls = issued.server("dot") if scheme == "tls" else None
        async with streaming(answering, tls) as server, carrying() as carriers:
            send = over(carriers, server.address.url(scheme))
            await send().reply()
            assert server.open == 1
            await until(lambda: server.open == 0)
            await send().reply()
            assert len(server.peers) == 2

    asyncio.run(main())


@BOTH
def test_nobody_there(scheme: str, issued: Issued) -> None:
    async def main() -> None:
        async with carrying() as carriers:
            failure = await sent(carriers, closed_port().url(scheme)).failure()
            assert failure.startswith("UpstreamUnreachable: ")
            assert "Connect call failed" in failure or "refused" in failure

    asyncio.run(main())


@contextlib.contextmanager
def full_backlog() -> Iterator[Address]:
    """A port that lets connections wait for ever."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield Address("127.0.0.1", listener.getsockname()[1])


def test_one_that_never_accepts_and_one_that_never_shakes_hands(issued: Issued, quick: None) -> None:
    async def main() -> None:
        with full_backlog() as address:
            async with carrying() as carriers:
                failure = await sent(carriers, address.url("tcp")).failure()
                assert failure == "UpstreamUnreachable: no connection in time"
        async with streaming(mute) as server, carrying() as carriers:  # without TLS
            assert "UpstreamUnreachable" in await sent(carriers, server.address.url("tls")).failure()

    asyncio.run(main())


class Book:
    """Addresses by the name of the host (endpoint.Hosts)."""

    def __init__(self, *addresses: str | UpstreamError) -> None:
        self._addresses = addresses

    async def addresses(self, endpoint: Endpoint) -> list[str]:
        await asyncio.sleep(0)
        for address in self._addresses:
            if isinstance(address, UpstreamError):
                raise address
        return [str(address) for address in self._addresses]


def test_a_name_has_several_addresses_and_the_next_is_tried(issued: Issued) -> None:
    async def main() -> None:
        async with streaming(tls=issued.server("dot")) as server, carrying(Book("127.0.0.77", "127.0.0.1")) as carriers:
            await sent(carriers, f"tls://dns.example:{server.address.port}").reply()
            assert len(server.peers) == 1

    asyncio.run(main())


@pytest.mark.parametrize(
    ("book", "said"),
    [
        (Book(UpstreamUnreachable("bootstrap is silent")), "UpstreamUnreachable: bootstrap is silent"),
        (Book(), "UpstreamUnreachable: dns.example has no address"),
        (None, "UpstreamUnreachable: nobody was asked for the address of dns.example"),
    ],
)
def test_a_name_without_an_address(book: Book | None, said: str) -> None:
    async def main() -> None:
        async with carrying(book) as carriers:
            assert await sent(carriers, "tls://dns.example").failure() == said

    asyncio.run(main())


class Broken:
    """Hosts with a mistake in them."""

    async def addresses(self, endpoint: Endpoint) -> list[str]:
        raise RuntimeError("a mistake")


def test_a_mistake_of_ours_ends_one_connection_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with carrying(Broken()) as carriers:
            failure = await sent(carriers, "tls://dns.example").failure()
            assert failure == "UpstreamUnreachable: connecting failed in a way that the log shows"

    asyncio.run(main())
    assert "a mistake" in caplog.text


def test_without_descriptors_it_is_not_the_upstream_that_failed() -> None:
    async def main() -> None:
        async with carrying() as carriers:
            send = over(carriers, closed_port().url("tcp"))
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                failure = await send().failure()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert failure.startswith("UpstreamError: over TCP: ")

    asyncio.run(main())


@BOTH
@pytest.mark.parametrize("behaviour", [mute, answering])
def test_closing_the_carrier_closes_everything(
    scheme: str, behaviour: Callable[[Peer], object], issued: Issued
) -> None:
    async def main() -> None:
        tls = issued.server("dot") if scheme == "tls" else None
        before = descriptors()
        async with streaming(mute, tls) as server:
            async with carrying() as carriers:
                delivered = [sent(carriers, server.address.url(scheme), asked(n)) for n in range(5)]
                if behaviour is mute:
                    await until(lambda: len(server.peers) == 5)
            assert not any(one.results for one in delivered)
        await settled(before)

    asyncio.run(main())


def test_a_message_goes_in_one_segment_with_all_of_its_turn() -> None:
    """The length and the message are written at once (RFC 7766 section 8)."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0)
            async with carrying() as carriers:
                send = over(carriers, Address("127.0.0.1", listener.getsockname()[1]).url("tcp"))
                send(asked(1))
                send(asked(2))
                connection, _ = await loop.sock_accept(listener)
                with connection:
                    assert await loop.sock_recv(connection, 4096) == framed(asked(1)) + framed(asked(2))

    asyncio.run(main())
