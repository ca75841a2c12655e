"""What is outside a house, on the loopback: name servers with a zone, and sites that take connections."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import ssl
from collections.abc import AsyncIterator, Callable

import dns.message
import dns.rcode

from tests.support import MemoryUpstream
from tests.upstream.servers import Address, Server, framed, serving

ROUTES = """Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0
"""
SOA = "example. 60 SOA ns.example. admin.example. 1 7200 900 86400 60"


def zone(text: str) -> Callable[[bytes], bytes]:
    """Makes the replies of a name server with these records."""
    records = MemoryUpstream(f"{SOA}\n{text}")
    return lambda query: records.reply(dns.message.from_wire(query))


def failing(query: bytes) -> bytes:
    """SERVFAIL."""
    response = dns.message.make_response(dns.message.from_wire(query))
    response.set_rcode(dns.rcode.SERVFAIL)
    return response.to_wire()


@contextlib.asynccontextmanager
async def name_server(reply: Callable[[bytes], bytes]) -> AsyncIterator[tuple[Server, Address]]:
    """One that says this over UDP and TCP."""
    async with serving(lambda query: [reply(query)], lambda query: [framed(reply(query))]) as server:
        yield server


@contextlib.asynccontextmanager
async def site(tls: ssl.SSLContext | None, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """A machine that takes connections, and the port at which it does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, host, port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.01)


def proc(directory: pathlib.Path, *, online: bool = True) -> pathlib.Path:
    """A /proc/net with a default route, or without."""
    directory.mkdir(exist_ok=True)
    (directory / "route").write_text(ROUTES if online else ROUTES.splitlines()[0] + "\n")
    return directory
