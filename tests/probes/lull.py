"""A whole Lull on the loopback, before real upstreams: what it answers is what a device would get."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from resolver.config.upstreams import upstream
from resolver.config.values import Upstream
from resolver.listen.stream import Means
from resolver.listen.tcp import plain
from resolver.listen.udp import UdpListener
from resolver.pipeline.forwarder import Forwarder
from resolver.policy.bundle import Bundle
from resolver.process import SystemClock
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed
from tests.listen.service import free


class MovedClock(SystemClock):
    """The machine's clock, and some seconds more."""

    def __init__(self) -> None:
        self.moved = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.moved

    def time(self) -> float:
        return super().time() + self.moved


@contextlib.asynccontextmanager
async def lull(policy: Bundle, clock: MovedClock | None = None) -> AsyncIterator[Upstream]:
    """Where it answers, as an endpoint to ask."""
    clock = clock or MovedClock()
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        carriers = Carriers(loop, Addressed(), tasks.create_task)
        forwarder = Forwarder(policy, clock, carriers, "feed")
        datagrams, stream = free("127.0.0.1")
        udp = UdpListener(datagrams[0], forwarder.answering, lambda: forwarder.peers, forwarder.journal, clock)
        tcp = plain(Means(forwarder.answering, clock, tasks.create_task))
        await tcp.start(stream)
        try:
            yield upstream(f"udp://127.0.0.1:{datagrams[0].getsockname()[1]}")
        finally:
            udp.stop()
            tcp.stop()
            tcp.close()
            forwarder.close()
            carriers.close()
            await asyncio.sleep(0.01)
            for sock in datagrams:
                sock.close()
