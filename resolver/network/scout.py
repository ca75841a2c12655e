"""What the network tells of the addresses on it: MAC addresses, host names, and this machine's own addresses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from resolver.config.discovery import Discovery
from resolver.model import Clock
from resolver.network import hosts
from resolver.network.leases import PLACES, Lease, Leases
from resolver.network.neighbours import Neighbour, Watch, table
from resolver.network.reverse import Reverse

log = logging.getLogger(__name__)

T = TypeVar("T")

AGAIN = 600.0
"""Seconds after which the kernel's tables are read again, whatever news came."""

_MOST = 8192  # neighbours remembered

LEASED, V4, V6 = range(3)
"""Whose name of an address is preferred: a lease's, the router's for its IPv4 address, for an IPv6 address."""


class Scout:
    """In one loop. `neighbours` and `leased` are by address; `alive` are those heard of lately, until somebody
    clears it; `machine` are this machine's own addresses, `routers` that of the way out and that which is asked for
    names (without a zone)."""

    def __init__(self, clock: Clock, news: Callable[[Neighbour], None], port: int = 53) -> None:
        """`news` gets every neighbour that is heard of. The router is asked at `port`."""
        self._clock = clock
        self._news = news
        self._discovery: Discovery | None = None
        self._watch = Watch(self._met, self._stir, self._stir)
        self._leases = Leases()
        self._again = 0.0
        self._said: set[str] = set()
        self.reverse = Reverse(clock, port)
        self.neighbours: dict[str, str] = {}
        self.alive: set[str] = set()
        self.leased: dict[str, Lease] = {}
        self.machine: tuple[str, ...] = ()
        self.routers: frozenset[str] = frozenset()

    def stop(self) -> None:
        """Take no more news."""
        self._watch.stop()

    async def look(self, discovery: Discovery) -> None:
        """Bring what is known up to date, as the config in force wants."""
        if discovery != self._discovery:
            self._discovery = discovery
            self._again = 0.0
        now = self._clock.monotonic()
        if now >= self._again:
            self._again = now + AGAIN
            await self._read_tables(discovery)
        places = PLACES if discovery.leases is None else discovery.leases
        self.leased = await asyncio.to_thread(self._leases.read, places, self._clock.time())

    def mac(self, address: str) -> str:
        """The MAC address of an address, as the kernel knows it, or else a lease."""
        lease = self.leased.get(address)
        return self.neighbours.get(address) or (lease.mac if lease else "")

    def host(self, address: str) -> tuple[int, str] | None:
        """What an address is called, and how good that is: lower is better."""
        lease = self.leased.get(address)
        if lease is not None and lease.host:
            return LEASED, lease.host
        host = self.reverse.known(address)
        return (V6 if ":" in address else V4, host) if host else None

    async def _read_tables(self, discovery: Discovery) -> None:
        if discovery.neighbours:
            self._begin()
            nobody: list[Neighbour] = []
            for neighbour in await self._told(table, nobody):
                self._met(neighbour)
        else:
            self._watch.stop()
            self.neighbours.clear()
        self.machine = await self._told(hosts.own_addresses, ())
        gateway = await self._told(hosts.gateway, "")
        router: str = gateway if discovery.router == "auto" else discovery.router
        self.reverse.use("" if router == "off" else router)
        self.routers = frozenset(one.partition("%")[0] for one in (gateway, router) if one not in {"", "off"})

    def _begin(self) -> None:
        try:
            self._watch.start()
        except OSError as error:
            self._say(error)

    def _met(self, neighbour: Neighbour) -> None:
        if neighbour.address not in self.neighbours and len(self.neighbours) >= _MOST:
            self.neighbours.pop(next(iter(self.neighbours)))
        self.neighbours[neighbour.address] = neighbour.mac
        if neighbour.alive:
            self.alive.add(neighbour.address)
        self._news(neighbour)

    def _stir(self) -> None:
        """Something may have been missed, or this machine has moved: have the tables read again soon."""
        self._again = 0.0

    async def _told(self, ask: Callable[[], T], otherwise: T) -> T:
        try:
            return await asyncio.to_thread(ask)
        except OSError as error:
            self._say(error)
            return otherwise

    def _say(self, error: OSError) -> None:
        """Once: in many a container it is just so."""
        text = str(error)
        if text not in self._said:
            self._said.add(text)
            log.info("the kernel tells nothing of the network (%s): devices are known by address and lease alone", text)
