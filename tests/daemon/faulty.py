"""Upstreams that misbehave, each in its own way, on real sockets: where they are, and servers of theirs in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import dns.message
import dns.rcode

from tests.upstream.authority import NAME, Authority
from tests.upstream.servers import Replies, closed_port, framed, right, serving, silent, truncated
from tests.upstream.streamed import Peer, mute, streaming
from tests.upstream.test_bootstrap import knowing


def rcode(code: dns.rcode.Rcode) -> Replies:
    def replies(query: bytes) -> list[bytes]:
        response = dns.message.make_response(dns.message.from_wire(query))
        response.set_rcode(code)
        return [response.to_wire()]

    return replies


def wrong_id(query: bytes) -> list[bytes]:
    return [bytes((query[0] ^ 1,)) + right(query)[1:]]


def wrong_question(query: bytes) -> list[bytes]:
    return [right(query)[:12] + b"\1x" + right(query)[14:]]


def garbage(query: bytes) -> list[bytes]:
    return [query[:2] + b"\x81\x80\0\1\0\x09\0\0\0\0" + query[12:-11] + b"\xff" * 9]


async def hangs_up(peer: Peer) -> None:
    await peer.query()


class Elsewhere(asyncio.DatagramProtocol):
    """Answers rightly, but from another place."""

    def __init__(self, host: str) -> None:
        self._host = host

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asyncio.get_running_loop().create_task(self._answer(right(data), addr))

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        at = (self._host, self._port if self._host != "127.0.0.1" else 0)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, at)
        transport.sendto(data, addr)
        transport.close()


class Late(asyncio.DatagramProtocol):
    """Answers after `delay` and up to `jitter` seconds; loses so many of a hundred datagrams in each direction, or is
    dead for every other half second."""

    def __init__(self, delay: float = 0.0, jitter: float = 0.0, lost: int = 0, *, flaps: bool = False) -> None:
        self._delay, self._jitter, self._lost, self._flaps = delay, jitter, lost, flaps
        self._chance = random.Random(11)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        loop = asyncio.get_running_loop()
        lost = (self._chance.random() * 100 < self._lost) or (self._chance.random() * 100 < self._lost)
        if not lost and not (self._flaps and int(loop.time() * 2) % 2):
            wait = self._delay + self._chance.random() * self._jitter
            loop.call_later(wait, self._transport.sendto, right(data), addr)


async def _datagrams(stack: contextlib.AsyncExitStack, protocol: asyncio.DatagramProtocol, tcp: Replies) -> str:
    """One that is as `protocol` says over UDP."""
    server, address = await stack.enter_async_context(serving(silent, tcp))
    loop = asyncio.get_running_loop()
    assert server._transport is not None
    server._transport.close()
    await asyncio.sleep(0)
    transport, _ = await loop.create_datagram_endpoint(lambda: protocol, address)
    stack.callback(transport.close)
    return address.url("udp")


async def _plain(stack: contextlib.AsyncExitStack) -> dict[str, str]:
    async def at(udp: Replies, tcp: Replies | None = silent) -> str:
        _, address = await stack.enter_async_context(serving(udp, tcp))
        return address.url("udp")

    def over_tcp(query: bytes) -> list[bytes]:
        return [framed(right(query))]

    def truncated_over_tcp(query: bytes) -> list[bytes]:
        return [framed(truncated(query))]

    return {
        "good": await at(lambda query: [right(query)]),
        "dead": closed_port().url("udp"),
        "silent": await at(silent),
        "lame": await at(rcode(dns.rcode.REFUSED)),
        "wrong-id": await at(wrong_id),
        "wrong-question": await at(wrong_question),
        "wrong-port": await _datagrams(stack, Elsewhere("127.0.0.1"), silent),
        "wrong-source": await _datagrams(stack, Elsewhere("127.0.0.2"), silent),
        "garbage": await at(garbage),
        "truncated": await at(lambda query: [truncated(query)], truncated_over_tcp),
        # Over TCP these answer rightly: it repeats what is lost.
        "slow": await _datagrams(stack, Late(1.0), over_tcp),
        "flapping": await _datagrams(stack, Late(flaps=True), over_tcp),
        "lossy": await _datagrams(stack, Late(0.02, 0.2, 20), over_tcp),
    }


async def _streams(stack: contextlib.AsyncExitStack, authority: Authority) -> dict[str, str]:
    issued = authority.issue(NAME, file="right")

    async def at(issued: Any, behaviour: Any, more: str = f"#{NAME}") -> str:
        server = await stack.enter_async_context(streaming(behaviour, issued.server("dot")))
        return server.address.url("tls") + more

    plain = await stack.enter_async_context(streaming(hangs_up))
    wrong = await at(authority.issue("other.example", file="other"), mute)
    _, liar = await stack.enter_async_context(serving(knowing("127.0.0.1")))
    return {
        "closes": plain.address.url("tcp"),
        "closes-tls": await at(issued, hangs_up),
        "mute": await at(issued, mute),
        "wrong-name": wrong,
        "expired": await at(authority.issue(NAME, ends=-1, file="old"), mute),
        "self-signed": await at(authority.issue(NAME, self_signed=True, file="self"), mute),
        "lied-about": f"tls://{NAME}:{wrong.rpartition(':')[2].partition('#')[0]}?bootstrap={liar.host}:{liar.port}",
    }


@contextlib.asynccontextmanager
async def _all(authority: Authority) -> AsyncIterator[dict[str, str]]:
    async with contextlib.AsyncExitStack() as stack:
        yield await _plain(stack) | await _streams(stack, authority)


@contextlib.contextmanager
def faulty(authority: Authority) -> Iterator[dict[str, str]]:
    """Where they are, by what is wrong with them; "good" is one that is not."""
    urls: dict[str, str] = {}
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def main() -> None:
        async with _all(authority) as found:
            urls.update(found)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield urls
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
