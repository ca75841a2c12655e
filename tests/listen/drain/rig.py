"""A hot path on a real socket, with what it shares: peers of a real bundle, a journal, who takes misses."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from resolver.cache.packets import Packet
from resolver.journal.journal import Journal
from resolver.listen.drain import Ancillary, Drain, Fast
from resolver.model import Exchange
from resolver.pipeline.identify import Peers
from resolver.policy.document import GroupEntry
from tests.listen.service import Client, free
from tests.support import StillClock, bundle, query

KIDS = "127.0.0.9"
CAPACITY = 2_000_000
POLICY = bundle(groups=(GroupEntry("default"), GroupEntry("kids", clients=(KIDS,))))


class Missed(NamedTuple):
    data: bytes
    source: Any
    ancillary: Ancillary | None


class Rig:
    """One drain; it is itself who takes the misses, and answers them as `answers` says."""

    def __init__(self, fast: Fast, host: str) -> None:
        self.fast = fast
        self.clock = StillClock()
        self.journal = Journal("feed")
        self.peers = Peers(POLICY, CAPACITY, fast.table)
        self.missed: list[Missed] = []
        self.begun = 0
        self.answers: Callable[[Missed], bytes | None] = lambda _: None
        (self.sock,), stream = free(host)
        stream.close()
        self.port = self.sock.getsockname()[1]
        self.drain: Drain = fast.drain(self.sock, lambda: self.peers, self.journal, self.clock, self)

    def begin(self) -> None:
        self.begun += 1

    def miss(self, data: bytes, source: Any, ancillary: Ancillary | None) -> None:
        self.missed.append(Missed(data, source, ancillary))
        answer = self.answers(self.missed[-1])
        if answer is not None:
            self.drain.send(answer, source, ancillary)

    def know(
        self, name: str, ttl: int = 60, *, client: str = "127.0.0.1", life: float = 60.0, fixed: bool = False
    ) -> Packet:
        """Put an answer to A of `name`, 192.0.2.1, where hits for a client are looked for."""
        asked = query(name, payload=None)[2:]
        record = b"\xc0\x0c\0\1\0\1" + ttl.to_bytes(4, "big") + b"\0\4\xc0\0\2\1"
        body = b"\x81\x80\0\1\0\1\0\0\0\0" + asked[10:] + record
        ttls = () if fixed else (len(body) - 10,)
        now = self.clock.monotonic()
        packet = Packet(body, ttls, Exchange(name, 1, 0, "cache", "pass"), now, now + life)
        self.peers[client].held.put(asked, packet)
        return packet

    async def counted(self) -> Counter[tuple[str, str]]:
        """What the journal gives for the second that ends now: client and name → answers."""
        batch = await self.journal.roll(1000)
        found: Counter[tuple[str, str]] = Counter()
        for row in [] if batch is None else batch.rows:
            found[row.client, row.exchange.name] += row.count
        return found

    def client(self, host: str = "127.0.0.1", source: str = "") -> Client:
        return Client(host, self.port, source)

    async def silence(self, client: Client) -> bool:
        """Whether nothing comes."""
        await asyncio.sleep(0.01)
        with contextlib.suppress(BlockingIOError):
            client.sock.recv(4096)
            return False
        return True


@contextlib.asynccontextmanager
async def rigged(fast: Fast, host: str = "127.0.0.1") -> AsyncIterator[Rig]:
    rig = Rig(fast, host)
    try:
        yield rig
    finally:
        rig.drain.stop()
        rig.sock.close()
        await asyncio.sleep(0)
