"""DNS over TCP and TLS, over real sockets: servers that close, are silent or talk nonsense."""

from __future__ import annotations

import asyncio
import resource

import pytest

from resolver.upstream import line
from resolver.upstream.endpoint import read
from resolver.wire.reply import matches
from tests.support import until
from tests.upstream.asked import Delivered, asked
from tests.upstream.authority import Issued
from tests.upstream.servers import closed_port, framed, right
from tests.upstream.streamed import BOTH, Peer, answering, carrying, mute, over, sent, streaming


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
