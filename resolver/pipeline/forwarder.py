"""Everything of a worker that answers, without sockets to clients, processes or disk: tests compose it the same way."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from resolver.cache.packets import Packets
from resolver.cache.rrsets import RRsetCache
from resolver.journal.frames import Ask, Told
from resolver.journal.journal import Journal
from resolver.model import Clock
from resolver.pipeline import Pipeline
from resolver.pipeline.answering import Answering
from resolver.pipeline.identify import Peers
from resolver.pipeline.stage import Parts
from resolver.pipeline.telling import tell
from resolver.pipeline.visits import Visits
from resolver.policy.anchor import in_time, stepped
from resolver.policy.bundle import Bundle
from resolver.upstream.do53 import Address, Transport
from resolver.upstream.pool import Pool
from resolver.upstream.upstream import Upstream

log = logging.getLogger(__name__)

PACKETS = 48 << 20  # bytes of finished answers held: about 65,000 of them
DNS_PORT = 53
_LET_GO = 500  # finished answers freed at a time
_LET_GO_PAUSE = 0.005  # seconds between two times

Transports = Mapping[str, Sequence[Transport]]
"""The transports to try, in order, by URL scheme."""


class Forwarder:
    """The pipeline over one bundle at a time. `route` may turn an upstream's address into another (tests use it);
    `boot` is the id of the machine's start (`process.boot_id`)."""

    def __init__(
        self,
        bundle: Bundle,
        clock: Clock,
        transports: Transports,
        feed: str,
        route: Callable[[Address], Address] = lambda address: address,
        boot: str = "",
    ) -> None:
        self._clock = clock
        self._transports = transports
        self._route = route
        self._boot = boot
        self._loop = asyncio.get_running_loop()
        self._random = random.SystemRandom()
        self.journal = Journal(feed)
        self.rrsets = RRsetCache(clock)
        self.visits = Visits(clock)
        self.pool = Pool((), self._loop, self._random_id)
        self._pools: list[Pool] = []  # those replaced that are still at work
        self.peers = Peers(bundle, PACKETS)
        self.take(bundle)
        self._parts = Parts(lambda: self.bundle, self.rrsets, lambda: self.pool, clock, self.visits)
        self.answering = Answering(Pipeline(self._parts), self.journal, clock, lambda: self.peers)

    def _random_id(self) -> int:
        return self._random.getrandbits(16)

    def take(self, bundle: Bundle) -> None:
        """Put a bundle in force, by swapping references: queries under way end under the bundle they began with."""
        self._offset = self._clock_offset()
        self.bundle = in_time(bundle, self._boot, self._offset)
        self._new_peers()
        self.journal.privacy = bundle.document.privacy
        self.journal.privacies = bundle.privacies
        wanted = bundle.document.upstreams
        if tuple(upstream.url for upstream in self.pool.upstreams) != wanted:
            known = {upstream.url: upstream for upstream in self.pool.upstreams}
            upstreams = [known.get(url) or self._upstream(url) for url in wanted]
            self._pools.append(self.pool)  # what it is being asked is still answered
            self.rrsets.clear()  # what other upstreams say may well be another truth
            self.pool = Pool(list(filter(None, upstreams)), self._loop, self._random_id)
            self._pools = [pool for pool in self._pools if pool.busy]

    def keep_time(self) -> None:
        """To be called every second or so: when somebody has set the clock, what was to end in ten minutes does so, and
        no finished answer outlives hours that begin at another moment now."""
        offset = self._clock_offset()
        if stepped(self._offset, offset):
            log.warning("the clock was set by %+.0f s", offset - self._offset)
            self._offset = offset
            self.bundle = in_time(self.bundle, self._boot, offset)
            self._new_peers()

    def _clock_offset(self) -> float:
        """By how many seconds Unix time runs ahead of the monotonic clock."""
        return self._clock.time() - self._clock.monotonic()

    def tell(self, ask: Ask) -> Told:
        """What is known of a question."""
        return tell(ask, self._parts, self.peers)

    def _upstream(self, url: str) -> Upstream | None:
        """The upstream of a URL; None for one that only another version of Lull can reach, as the others still can."""
        parts = urlsplit(url)
        transports = self._transports.get(parts.scheme)
        if transports is None:
            log.error("upstream %s is left out: %s:// is not known here", url, parts.scheme)
            return None
        address = Address(parts.hostname or "", parts.port or DNS_PORT)
        return Upstream(url, self._route(address), transports, self._clock)

    def close(self) -> None:
        """Fail what is still being asked."""
        for pool in (*self._pools, self.pool):
            pool.close()

    def flush(self) -> None:
        """Forget cached truth and finished answers."""
        self.rrsets.clear()
        self._new_peers()

    def _new_peers(self) -> None:
        old, self.peers = self.peers, Peers(self.bundle, PACKETS)
        self._let_go(old.maps())

    def _let_go(self, maps: list[Packets]) -> None:
        """Free finished answers bit by bit: to drop all at once would hold up queries for tens of milliseconds."""
        while maps and not maps[-1]:
            maps.pop()
        if maps:
            for _ in range(min(_LET_GO, len(maps[-1]))):
                maps[-1].popitem()
            self._loop.call_later(_LET_GO_PAUSE, self._let_go, maps)
