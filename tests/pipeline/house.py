"""A whole forwarder in a loop whose time jumps, with one upstream in memory."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import dns.message

from resolver.journal.frames import Batch, Row
from resolver.model import Transport
from resolver.pipeline.forwarder import Forwarder
from resolver.policy.bundle import Bundle
from resolver.wire.cookies import SECRET
from tests.scenarios.virtual import VirtualClock, VirtualLoop
from tests.support import MemoryReach, MemoryUpstream, bundle, query, read, run_virtual

URL = "udp://192.0.2.53"
ME = "192.0.2.10"
SOA = "example. 3600 SOA ns.example. admin.example. 1 7200 900 86400 300"


def made(lists: dict[str, str] | None = None, **fields: Any) -> Bundle:
    """A bundle whose upstream is the one in memory."""
    return bundle(lists, **{"upstreams": (URL,)} | fields)


class House:
    """The forwarder and what is around it. Upstream answers over TCP what `udp` would."""

    def __init__(self, loop: VirtualLoop, bundle: Bundle, udp: MemoryUpstream) -> None:
        self.clock = VirtualClock(loop)
        self.udp = udp
        reach = MemoryReach(udp=(udp, udp), tcp=(udp,))
        self.forwarder = Forwarder(bundle, self.clock, reach, "feed", master=bytes(SECRET))

    async def send(self, data: bytes, client: str = ME, transport: Transport = Transport.UDP) -> bytes | None:
        """What comes back for these bytes."""
        answer = self.forwarder.answering.answer(data, client, transport)
        return answer if answer is None or isinstance(answer, bytes) else await answer

    async def wire(self, name: str, type: str = "A", *, client: str = ME, **options: Any) -> bytes:
        reply = await self.send(query(name, type, **options), client)
        assert reply is not None
        return reply

    async def ask(self, name: str, type: str = "A", *, client: str = ME, **options: Any) -> dns.message.Message:
        """The reply, as dnspython reads it."""
        return read(await self.wire(name, type, client=client, **options))

    async def batch(self) -> Batch | None:
        return await self.forwarder.journal.roll(int(self.clock.time()))

    async def tend(self) -> None:
        """What the worker does once a second."""
        hits = self.forwarder.journal.hits
        await self.batch()
        await self.forwarder.tend(hits)

    async def rows(self) -> list[Row]:
        """What the journal has of all since the last time."""
        batch = await self.batch()
        return [] if batch is None else batch.rows


def at_home(main: Callable[[House], Coroutine[Any, Any, None]], zone: str = "", bundle: Bundle | None = None) -> None:
    """Run `main` in a house with this zone upstream and this policy."""

    async def run(loop: VirtualLoop) -> None:
        house = House(loop, bundle or made(), MemoryUpstream(zone))
        await main(house)
        house.forwarder.pool.close()

    run_virtual(run)
