"""The connections to one endpoint: none is opened in a storm, and of several addresses one that answers is found."""

from __future__ import annotations

import asyncio
import time

from resolver.upstream.endpoint import read
from resolver.upstream.lines import Lines
from tests.upstream.authority import NAME, Authority, Issued
from tests.upstream.streamed import Peer, Sending, answering, carrying, over, sent, streaming
from tests.upstream.test_streams_addresses import Book, full_backlog


async def hangs_up(peer: Peer) -> None:
    """Closes as soon as it has shaken hands."""


def test_a_server_that_hangs_up_is_not_stormed(issued: Issued) -> None:
    async def main() -> None:
        async with streaming(hangs_up, issued.server("dot")) as server, carrying() as carriers:
            send = over(carriers, server.address.url("tls"))
            end = time.monotonic() + 1.2
            failures = 0
            while time.monotonic() < end:
                said = await send().failure()
                assert said.startswith("UpstreamUnreachable: the connection was ")
                failures += 1
                await asyncio.sleep(0.001)
            assert failures > 100  # each at once, for the reason that is known
            assert len(server.peers) <= 6

    asyncio.run(main())


def test_a_wrong_certificate_is_not_looked_at_for_each_query(authority: Authority) -> None:
    wrong = authority.issue("other.example")

    async def main() -> None:
        async with streaming(tls=wrong.server("dot")) as server, carrying() as carriers:
            (transport,) = carriers.to(read(f"{server.address.url('tls')}#{NAME}"))
            for _ in range(100):
                said = await Sending(transport)().failure()
                assert said == f"UpstreamUnreachable: its certificate is not for {NAME}"
            assert isinstance(transport, Lines)
            assert transport.opened <= 4

    asyncio.run(main())


def test_it_is_back_within_a_second(issued: Issued) -> None:
    async def sometimes(peer: Peer) -> None:
        if peer.number > 5:
            await answering(peer)

    async def main() -> None:
        async with streaming(sometimes, issued.server("dot")) as server, carrying() as carriers:
            send = over(carriers, server.address.url("tls"))

            async def answered() -> bool:
                return isinstance(await send().result(), bytes)

            while len(server.peers) < 5:
                await answered()
                await asyncio.sleep(0.01)
            began = time.monotonic()
            while not await answered():
                await asyncio.sleep(0.01)
            assert time.monotonic() - began < 1.2

    asyncio.run(main())


def test_addresses_at_which_nobody_answers_are_gone_through(quick: None) -> None:
    """Each gets half of the time that is left; those that failed come last the next time."""

    async def main() -> None:
        with full_backlog() as silent:
            book = Book("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1")
            async with carrying(book) as carriers:
                began = time.monotonic()
                assert "no connection in time" in await sent(carriers, f"tls://dns.example:{silent.port}").failure()
                assert time.monotonic() - began < 0.7
                assert len(book.failed) == 4

    asyncio.run(main())


def test_what_a_server_says_of_itself_tells_more_than_another_address_without_a_way(authority: Authority) -> None:
    """And so it is seen that nothing but the date is wrong."""
    old = authority.issue(NAME, ends=-1)

    async def main() -> None:
        for hosts in (("127.0.0.1", "127.0.0.77"), ("127.0.0.77", "127.0.0.1")):
            async with streaming(tls=old.server("dot")) as server, carrying(Book(*hosts)) as carriers:
                failure = await sent(carriers, f"tls://{NAME}:{server.address.port}").failure()
                assert failure.startswith("UpstreamUntimely: ")

    asyncio.run(main())
