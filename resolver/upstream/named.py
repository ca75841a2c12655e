"""UDP queries to an endpoint that is given by name: they go to the best address that is known of it, and wait for one
while none is. (Over connections a line tries all addresses itself.)"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.endpoint import Endpoint, Hosts
from resolver.upstream.line import Spawn
from resolver.upstream.transport import Deliver, Sent, Transport

_SILENT = 1.5  # seconds that an address has to answer anything
_MOST = 1000  # queries that wait for an address


class _Query:
    """A query that waits for an address, or is under way to one (transport.Sent)."""

    def __init__(self, home: Named, query: bytes, deliver: Deliver) -> None:
        self.query = query
        self.deliver: Deliver | None = deliver
        self.address = ""
        self.began = 0.0
        self._home = home
        self._sent: Sent | None = None

    def ask(self, transport: Transport, address: str, now: float) -> None:
        self.address, self.began = address, now
        self._sent = transport.send(self.query, self._came)

    def _came(self, result: bytes | UpstreamError) -> None:
        self._home.came(self, result)
        self.settle(result)

    def settle(self, result: bytes | UpstreamError) -> None:
        deliver, self.deliver = self.deliver, None
        if deliver is not None:
            deliver(result)

    def close(self) -> None:
        if self.deliver is not None and self._sent is not None:
            self._sent.close()
            self._home.gave_up(self)
        self.deliver = None


class Named:
    """The transport to an endpoint by name; `to` gives that to an address of it."""

    def __init__(
        self,
        endpoint: Endpoint,
        hosts: Hosts,
        loop: asyncio.AbstractEventLoop,
        spawn: Spawn,
        to: Callable[[str], Transport],
    ) -> None:
        self._endpoint = endpoint
        self._hosts = hosts
        self._loop = loop
        self._spawn = spawn
        self._to = to
        self._waiting: list[_Query] = []
        self._address = ""
        self._transport: Transport | None = None
        self._heard = 0.0  # when the last reply came

    def send(self, query: bytes, deliver: Deliver) -> Sent:
        made = _Query(self, query, deliver)
        known = self._hosts.known(self._endpoint)
        if known:
            self._ask(made, known[0])
        elif len(self._waiting) < _MOST:
            if not self._waiting:
                self._spawn(self._find())
            self._waiting.append(made)
        else:
            self._loop.call_soon(made.settle, UpstreamError("too many queries wait for this upstream"))
        return made

    async def _find(self) -> None:
        """Ask what waits, as soon as there is an address."""
        failure: UpstreamError = UpstreamUnreachable(f"{self._endpoint.host} has no address")
        try:
            addresses = await self._hosts.addresses(self._endpoint)
        except UpstreamError as error:
            addresses, failure = (), error
        waiting, self._waiting = self._waiting, []
        for query in waiting:
            if not addresses:
                query.settle(failure)
            elif query.deliver is not None:
                self._ask(query, addresses[0])

    def _ask(self, query: _Query, address: str) -> None:
        if self._transport is None or address != self._address:
            self._address, self._transport = address, self._to(address)
        query.ask(self._transport, address, self._loop.time())

    def came(self, query: _Query, result: bytes | UpstreamError) -> None:
        """What a query came to."""
        if isinstance(result, UpstreamUnreachable):
            self._fails(query.address)
        elif query.address == self._address and not isinstance(result, UpstreamError):
            self._heard = self._loop.time()

    def gave_up(self, query: _Query) -> None:
        """Nobody waits for a query any more: not for a while, if nothing came of its address since."""
        if self._heard < query.began <= self._loop.time() - _SILENT:
            self._fails(query.address)

    def _fails(self, address: str) -> None:
        """Once for all that were under way to it."""
        if address == self._address:
            self._address = ""
            self._hosts.fails(self._endpoint, address)
