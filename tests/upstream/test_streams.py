"""DNS over TCP and TLS, over real sockets: many queries on one connection, in any order, and how it ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from resolver.upstream import line, lines
from resolver.wire.reply import matches
from tests.support import until
from tests.upstream.asked import asked, wrongs
from tests.upstream.authority import Issued
from tests.upstream.servers import Address, descriptors, framed, right, settled
from tests.upstream.streamed import BOTH, Peer, answering, carrying, mute, over, sent, streaming


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
