"""DNS over TCP and TLS, over real sockets: where to connect to, and nobody being there."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.endpoint import Addressed, Endpoint
from tests.upstream.authority import Issued
from tests.upstream.servers import Address, closed_port
from tests.upstream.streamed import BOTH, carrying, mute, sent, streaming


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


class Book(Addressed):
    """Addresses by the name of the host (endpoint.Hosts); `failed` are those that nothing came of."""

    def __init__(self, *addresses: str | UpstreamError) -> None:
        self._addresses = addresses
        self.failed: list[str] = []

    def fails(self, endpoint: Endpoint, address: str) -> None:
        self.failed.append(address)

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


class Broken(Addressed):
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
