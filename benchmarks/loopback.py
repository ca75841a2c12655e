"""What several benchmarks share: a client that asks over one socket, and the bytes of a plain answer."""

from __future__ import annotations

import asyncio
import time
from typing import cast

_PATIENCE = 6.0  # seconds that a client waits


def answer(query: bytes, address: bytes, ttl: int = 60) -> bytes:
    """The reply to a query for A."""
    end = query.index(b"\0", 12) + 5
    record = b"\xc0\x0c\0\1\0\1" + ttl.to_bytes(4, "big") + b"\0\4" + address
    return query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + query[12:end] + record


class Client(asyncio.DatagramProtocol):
    """Asks for A over one socket; `ask` gives the reply (None: there is none) and the seconds it took."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._id = 0

    @classmethod
    async def to(cls, port: int) -> Client:
        """A client of a port of 127.0.0.1."""
        made = cls()
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, remote_addr=("127.0.0.1", port))
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        future = self._waiting.pop(int.from_bytes(data[:2], "big"), None)
        if future is not None and not future.done():
            future.set_result(data)

    async def ask(self, name: str) -> tuple[bytes | None, float]:
        self._id = (self._id + 1) & 0xFFFF
        future = self._waiting[self._id] = asyncio.get_running_loop().create_future()
        labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
        began = time.monotonic()
        self._transport.sendto(self._id.to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1")
        try:
            async with asyncio.timeout(_PATIENCE):
                return await future, time.monotonic() - began
        except TimeoutError:
            return None, _PATIENCE
