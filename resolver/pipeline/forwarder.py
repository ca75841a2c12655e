"""Everything of a worker that answers, without sockets to clients, processes or disk: tests compose it the same way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from resolver.cache.lookups import Lookups
from resolver.cache.packets import Packets
from resolver.cache.rrsets import CAPACITY, RRsetCache
from resolver.cache.table import MakeTable, Table
from resolver.journal.frames import Ask, Cache, Told
from resolver.journal.journal import Hits, Journal
from resolver.model import Clock, UpstreamHealth
from resolver.pipeline import Pipeline
from resolver.pipeline.answering import Answering
from resolver.pipeline.fetching import Fetching
from resolver.pipeline.identify import Peers
from resolver.pipeline.prefetch import Prefetch
from resolver.pipeline.proving import Proving
from resolver.pipeline.rates import Rates, by_client
from resolver.pipeline.sources import Sources, common, healths
from resolver.pipeline.stage import Parts
from resolver.pipeline.telling import tell
from resolver.pipeline.visits import Visits
from resolver.policy.anchor import in_time, stepped
from resolver.policy.bundle import Bundle
from resolver.policy.truth import Truth
from resolver.upstream.carriers import Reach
from resolver.upstream.ids import random_ids
from resolver.upstream.pools import Pools, Wanted

log = logging.getLogger(__name__)

PACKETS = 36 << 20  # bytes of finished answers held: about 55,000 of them
_CLOCK = (
    "every encrypted upstream is refused for the dates of its certificate: is this machine's clock right? "
    "Until then names of time servers, and no others, are asked for without a look at the dates"
)
_LET_GO = 500  # finished answers freed at a time
_LET_GO_PAUSE = 0.005  # seconds between two times


class Forwarder:
    """The pipeline over one bundle at a time. `reach` gives the transports to upstreams; `boot` is the id of the
    machine's start (`process.boot_id`), `master` what cookies are made with (`Proving`); finished answers are in
    tables of that make."""

    def __init__(
        self,
        bundle: Bundle,
        clock: Clock,
        reach: Reach,
        feed: str,
        boot: str = "",
        master: bytes = b"",
        table: MakeTable = Packets,
    ) -> None:
        self._table = table
        self._clock = clock
        self._boot = boot
        self._offset = 0.0
        self._loop = asyncio.get_running_loop()
        self.journal = Journal(feed)
        self._lookups = Lookups()
        self._given = self._made = self._evicted = 0  # finished answers: given again, made, and let go
        self.rrsets = RRsetCache(clock, CAPACITY, self._lookups)
        self.visits = Visits(clock)
        self.sources = Sources(self._lookups)
        self._pools = Pools(self._loop, clock, reach, random_ids())
        self._wanted = Wanted(())
        self.pool = self._pools.make(self._wanted)
        self.peers = Peers(bundle, PACKETS, table)
        self.bundle = bundle
        self.fetching = Fetching(self.rrsets, lambda: self.pool, self._truth, clock, self._loop)
        self.prefetch = Prefetch(self.fetching, self.rrsets, self.sources.budget)
        self.rates = Rates()
        self.take(bundle)
        self._parts = Parts(
            lambda: self.bundle, self.rrsets, self.fetching, self.prefetch, clock, self.visits, self.sources
        )
        self.answering = Answering(
            Pipeline(self._parts), self.journal, clock, lambda: self.peers, self.rates, Proving(master, clock)
        )

    def _truth(self) -> Truth:
        return self.bundle.document.truth

    async def tend(self, hits: Hits) -> None:
        """What is to be done once a second with the journal's hits of the second before, which has been rolled since:
        counting them, and asking ahead."""
        self._given += await self.sources.look(self.prefetch, hits, self._truth().prefetch, self._clock)
        self._made = self.journal.answered - self._given
        if self.rates.turn(await by_client(hits)):
            self.peers.hold_back(self.rates.wild)

    def keep_time(self) -> None:
        """To be called every second or so: when somebody has set the clock, what was to end in ten minutes does so, and
        no finished answer outlives hours that begin at another moment now."""
        offset = self._clock_offset()
        if stepped(self._offset, offset):
            log.warning("the clock was set by %+.0f s", offset - self._offset)
            self._offset = offset
            self.bundle = in_time(self.bundle, self._boot, offset)
            self._new_peers()

    def take(self, bundle: Bundle) -> None:
        """Put a bundle in force, by swapping references: queries under way end under the bundle they began with."""
        self._offset = self._clock_offset()
        trust = self._truth().trust
        self.bundle = in_time(bundle, self._boot, self._offset)
        self.rates.take(bundle.document.limits)  # before there are peers: they are told who is held back
        self._new_peers()
        document = bundle.document
        self.journal.redaction.keep((document.prefix_v4, document.prefix_v6))
        wanted = common(document)
        if wanted != self._wanted:
            self._wanted = wanted
            self._pools.retire(self.pool)
            self.rrsets.clear()  # what other upstreams say may well be another truth
            self.fetching.forget()
            self.pool = self._pools.make(wanted)
        if document.truth.trust != trust:
            self.flush()  # what is kept was believed, or not, as it came
        self.sources.take(document, self._pools, self._truth, self._clock)
        self.sources.fit(self.rrsets, document.truth)
        self._pools.forget_but([self.pool, *(source.pool for source in self.sources.all())])

    def upstreams(self) -> list[UpstreamHealth]:
        """How every upstream has been doing."""
        return healths(self.pool, self.sources)

    def answers(self) -> Cache:
        """How the caches of finished answers are doing."""
        maps = self.peers.maps()
        evicted = self._evicted + self.peers.evicted + sum(one.evicted for one in maps)
        weight = sum(one.weight for one in maps)
        return Cache(self._given, self._made, 0, sum(map(len, maps)), weight, evicted)

    def truth(self) -> Cache:
        """How the caches of upstream truth are doing."""
        caches = [self.rrsets, *(source.rrsets for source in self.sources.all())]
        found = self._lookups
        evicted = found.evicted + sum(one.evicted for one in caches)
        weight = sum(one.weight for one in caches)
        return Cache(found.hits, found.misses, found.stale, sum(map(len, caches)), weight, evicted)

    @property
    def trouble(self) -> str:
        """What people should see to, so that upstreams can be asked; empty if there is nothing."""
        return _CLOCK if self.pool.untimely else ""

    async def warm(self, questions: Iterable[tuple[str, int]]) -> None:
        """Ask what people often ask, as far as it is asked of the upstreams of all."""
        await self.prefetch.warm(self.sources.common(questions))

    def tell(self, ask: Ask) -> Told:
        """What is known of a question."""
        return tell(ask, self._parts, self.peers)

    def _clock_offset(self) -> float:
        """By how many seconds Unix time runs ahead of the monotonic clock."""
        return self._clock.time() - self._clock.monotonic()

    def close(self) -> None:
        """Fail what is still being asked."""
        for pool in (self.pool, *(source.pool for source in self.sources.all())):
            pool.close()
        self._pools.close()

    def flush(self) -> None:
        """Forget cached truth and finished answers."""
        self.rrsets.clear()
        self.fetching.failures.clear()
        self.sources.forget()
        self._new_peers()

    def _new_peers(self) -> None:
        old, self.peers = self.peers, Peers(self.bundle, PACKETS, self._table)
        self._evicted += old.evicted + sum(one.evicted for one in old.maps())
        self.peers.hold_back(self.rates.wild)
        self._let_go(old.maps())

    def _let_go(self, maps: list[Table]) -> None:
        """Free finished answers bit by bit: to drop all at once would hold up queries for tens of milliseconds."""
        while maps and not maps[-1]:
            maps.pop()
        if maps:
            for _ in range(min(_LET_GO, len(maps[-1]))):
                maps[-1].popitem()
            self._loop.call_later(_LET_GO_PAUSE, self._let_go, maps)
