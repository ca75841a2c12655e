"""What connections hold, for a peer that never reads, over each transport; and the books of it."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aioquic.asyncio.client import connect
from aioquic.quic.configuration import QuicConfiguration
from hypothesis import given
from hypothesis import strategies as st

from resolver.listen import held as module
from resolver.listen.held import SMALL, Held
from resolver.listen.stream import Stream
from tests.listen.encrypted import Encrypted, encrypted, trusting
from tests.listen.service import BIG
from tests.listen.test_doq import Talk, framed
from tests.listen.webclient import Http2Client
from tests.support import query, until
from tests.upstream.authority import NAME, Authority, Issued

POST = (("content-type", "application/dns-message"),)


class One:
    def __init__(self, held: Held) -> None:
        self.held = held
        self.aborted = 0

    def abort(self) -> None:
        self.aborted += 1
        self.held.drop(self)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6 << 20)), max_size=200))
def test_the_total_is_what_all_hold_and_never_too_much(changes: list[tuple[int, int]]) -> None:
    held = Held()
    ones = [One(held) for _ in range(21)]
    sizes = dict.fromkeys(ones, 0)
    for number, size in changes:
        before = [one.aborted for one in ones]
        held.weigh(ones[number], size)
        sizes[ones[number]] = size if size > SMALL else 0
        for one, count in zip(ones, before, strict=True):
            if one.aborted > count:
                assert sizes[one] > module.EACH or sizes[one] == max(sizes.values())
                sizes[one] = 0
        assert held.total == sum(sizes.values()) <= module.ALL
        assert max(sizes.values()) <= module.EACH


Hoard = Callable[[Encrypted, Authority], Awaitable[object]]


async def deaf(port: int, context: ssl.SSLContext | None) -> asyncio.StreamWriter:
    """A client in whose ears there is room for little."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    return (await asyncio.open_connection(sock=sock, ssl=context, server_hostname=NAME if context else None))[1]


async def over_tls(service: Encrypted, authority: Authority, kind: str = "tls") -> object:
    context: ssl.SSLContext | None = trusting(authority, "dot") if kind == "tls" else None
    writer = await deaf(service.ports[kind], context)
    writer.transport.pause_reading()  # type: ignore[attr-defined] # it is a transport that reads
    for _ in range(400):
        writer.write(framed(query("big.example", "TXT")))
    return writer


async def over_tcp(service: Encrypted, authority: Authority) -> object:
    return await over_tls(service, authority, "tcp")


async def over_http1(service: Encrypted, authority: Authority) -> object:
    writer = await deaf(service.ports["https"], trusting(authority, "http/1.1"))
    writer.transport.pause_reading()  # type: ignore[attr-defined] # it is a transport that reads
    writer.write(b"GET /dns-query?name=big.example&type=TXT HTTP/1.1\r\nHost: a\r\n\r\n" * 400)
    return writer


async def over_http2(service: Encrypted, authority: Authority) -> object:
    """Windows that are never opened again."""
    client = Http2Client(service.ports["https"], trusting(authority, "h2"), NAME)
    await client.__aenter__()
    for _ in range(100):
        client.send("POST", "/dns-query", query("big.example", "TXT", id=0), POST)
    return client


async def over_quic(service: Encrypted, authority: Authority) -> object:
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=["doq"], server_name=NAME, max_data=2000, max_stream_data=500
    )
    configuration.load_verify_locations(str(authority.path))
    entered = connect("127.0.0.1", service.ports["quic"], configuration=configuration, create_protocol=Talk)
    client = await entered.__aenter__()
    client._quic._local_max_data.value = 2000
    client._quic._write_connection_limits = lambda **_: None  # type: ignore[method-assign] # no more of it
    assert isinstance(client, Talk)
    for _ in range(90):
        client.ask(framed(query("big.example", "TXT", id=0)))
    return entered, client


@pytest.mark.parametrize(
    ("kind", "hoard"),
    [("tcp", over_tcp), ("tls", over_tls), ("https", over_http1), ("https", over_http2), ("quic", over_quic)],
)
def test_who_never_reads_is_known_to_hold_and_the_heaviest_goes(
    authority: Authority, issued: Issued, kind: str, hoard: Hoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is room for half of what one peer holds."""

    async def main() -> None:
        async with encrypted(issued, kind) as service:
            service.upstream.load(BIG)
            service.upstream.delay = 0.02
            held = service.doors._doors[kind].means.shared.held
            crowd = service.doors._doors[kind].means.crowd
            peers = [await hoard(service, authority)]
            await until(lambda: held.total > SMALL)
            await asyncio.sleep(0.2)
            assert held.total <= module.EACH
            assert held.total == sum(held._of.values())
            monkeypatch.setattr(module, "ALL", held.total // 2)
            peers += [await hoard(service, authority) for _ in range(3)]
            await until(lambda: len(crowd) <= 3)
            assert held.total <= module.ALL
            for peer in peers:
                match peer:
                    case (entered, Talk() as client):
                        client._quic.close()
                        client.transmit()
                        await entered.__aexit__(None, None, None)  # type: ignore[attr-defined] # it was entered
                    case Http2Client():
                        peer.writer.transport.abort()
                    case asyncio.StreamWriter() as writer:
                        writer.transport.abort()
            await until(lambda: not held._of)
            assert held.total == 0

    asyncio.run(main())
    gc.collect()


@pytest.mark.parametrize(("kind", "protocol"), [("tls", "dot"), ("https", "http/1.1")])
def test_what_asyncio_keeps_for_tls_is_known_and_little(
    authority: Authority, issued: Issued, kind: str, protocol: str
) -> None:
    """What came and is not decrypted while nobody reads answers, and what is encrypted and not gone."""

    async def main() -> None:
        async with encrypted(issued, kind) as service:
            service.upstream.load(BIG)
            means = service.doors._doors[kind].means
            writer = await deaf(service.ports[kind], trusting(authority, protocol))
            writer.transport.pause_reading()  # type: ignore[attr-defined] # it is a transport that reads
            asks = framed(query("big.example", "TXT"))
            if kind == "https":
                asks = b"GET /dns-query?name=big.example&type=TXT HTTP/1.1\r\nHost: a\r\n\r\n"
            writer.write(asks * ((1 << 20) // len(asks)))
            await until(lambda: means.shared.held.total > SMALL)
            await asyncio.sleep(0.3)
            (stream,) = means.crowd.members
            assert isinstance(stream, Stream)
            secured: Any = stream.transport
            under = secured._ssl_protocol._transport.get_write_buffer_size()
            assert secured.get_read_buffer_size() <= 32 << 10
            assert under > 0
            assert means.shared.held.total >= len(stream.buffer) + secured.get_write_buffer_size() + under
            stream.close()
            stream.close()
            stream.abort()
            await until(lambda: stream.transport is None)
            writer.transport.abort()

    asyncio.run(main())
    gc.collect()
