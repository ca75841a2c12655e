"""A router that knows names: a real name server on the loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import cast

import dns.message
import dns.rcode
import dns.rrset


class Router(asyncio.DatagramProtocol):
    """Answers PTR from `names` (address or reverse name to host name); `asked` are the names that were asked for.
    `reply` may be replaced: it makes of a query the datagrams to send back."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        self.asked: list[str] = []
        self.reply: Callable[[bytes], list[bytes]] = self.honest
        self.port = 0
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked.append(str(dns.message.from_wire(data).question[0].name).removesuffix("."))
        for one in self.reply(data):
            self._transport.sendto(one, addr)

    def honest(self, data: bytes) -> list[bytes]:
        query = dns.message.from_wire(data)
        owner = query.question[0].name
        answer = dns.message.make_response(query, recursion_available=True)
        host = self.names.get(str(owner).removesuffix("."))
        if host is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            answer.answer.append(dns.rrset.from_text(owner, 60, "IN", "PTR", host))
        return [answer.to_wire()]


@contextlib.asynccontextmanager
async def routing(names: dict[str, str], host: str = "127.0.0.1") -> AsyncIterator[Router]:
    loop = asyncio.get_running_loop()
    transport, router = await loop.create_datagram_endpoint(lambda: Router(names), local_addr=(host, 0))
    try:
        yield router
    finally:
        transport.close()
