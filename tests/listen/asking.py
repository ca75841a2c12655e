"""One way to ask over every transport: bytes in, bytes out, or None for silence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

from aioquic.asyncio.client import connect
from aioquic.quic.configuration import QuicConfiguration

from resolver.listen.udp import UdpListener
from resolver.policy.document import Limits
from tests.listen.encrypted import Encrypted, encrypted, trusting
from tests.listen.service import URL, Client, free
from tests.listen.test_doq import Talk
from tests.listen.webclient import Http2Client
from tests.support import bundle
from tests.upstream.authority import NAME, Authority, Issued

TRANSPORTS = ("udp", "tcp", "tls", "https", "quic")

Ask = Callable[[bytes], Awaitable[bytes | None]]

_SILENCE = 0.15  # seconds without an answer that are taken for none


class Asking:
    """A listener of each kind, and how to ask it."""

    def __init__(self, authority: Authority, service: Encrypted, udp: int) -> None:
        self._authority = authority
        self.service = service
        self._udp = udp

    async def ask(self, over: str, query: bytes) -> bytes | None:
        ways: dict[str, Ask] = {
            "udp": self._datagram,
            "tcp": self._plain,
            "tls": self._secure,
            "https": self._web,
            "quic": self._quic,
        }
        return await ways[over](query)

    async def _datagram(self, query: bytes) -> bytes | None:
        with Client("127.0.0.1", self._udp) as client:
            client.send(query)
            try:
                return await client.receive(_SILENCE)
            except TimeoutError:
                return None

    async def _plain(self, query: bytes) -> bytes | None:
        return await _framed(query, *await asyncio.open_connection("127.0.0.1", self.service.ports["tcp"]))

    async def _secure(self, query: bytes) -> bytes | None:
        context = trusting(self._authority, "dot")
        port = self.service.ports["tls"]
        return await _framed(
            query, *await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=NAME)
        )

    async def _web(self, query: bytes) -> bytes | None:
        async with Http2Client(self.service.ports["https"], trusting(self._authority, "h2"), NAME) as client:
            post = (("content-type", "application/dns-message"),)
            got = await client.got(client.send("POST", "/dns-query", query, post))
            return got.body if got.status == 200 else None

    async def _quic(self, query: bytes) -> bytes | None:
        configuration = QuicConfiguration(is_client=True, alpn_protocols=["doq"], server_name=NAME)
        configuration.load_verify_locations(str(self._authority.path))
        port = self.service.ports["quic"]
        async with connect("127.0.0.1", port, configuration=configuration, create_protocol=Talk) as client:
            answer = cast("Talk", client).ask(len(query).to_bytes(2, "big") + b"\0\0" + query[2:])
            try:
                data = await asyncio.wait_for(answer, _SILENCE * 4)
            except TimeoutError:
                return None
            return query[:2] + data[4:]


async def _framed(query: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
    try:
        writer.write(len(query).to_bytes(2, "big") + query)
        async with asyncio.timeout(_SILENCE):
            return await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
        return None
    finally:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def asking(authority: Authority, issued: Issued) -> AsyncIterator[Asking]:
    """Every listener, closed in the end."""
    policy = bundle(upstreams=(URL,), limits=Limits(errors=1000))
    async with encrypted(issued, "tcp", "tls", "https", "quic", policy=policy) as service:
        forwarder = service.forwarder
        (datagrams,), stream = free("127.0.0.1")
        stream.close()
        udp = UdpListener(datagrams, forwarder.answering, lambda: forwarder.peers, forwarder.journal, service.clock)
        try:
            yield Asking(authority, service, datagrams.getsockname()[1])
        finally:
            udp.stop()
            datagrams.close()
