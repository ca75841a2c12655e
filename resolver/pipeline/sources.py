"""Where truth comes from: the upstreams of all, those of some groups, and those that know some domains.

Each source has its own pool, its own cache and its own memory of failures; what one of them says is never told to who
should have asked another. Domains need a cache too: an alias anywhere in the world may lead to one of their names, and
then others say, along with the alias, that there is no such name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from resolver.cache.lookups import Lookups
from resolver.cache.rrsets import CAPACITY, RRsetCache
from resolver.errors import DomainError
from resolver.journal.journal import Hits
from resolver.model import Clock, Query, UpstreamHealth
from resolver.pipeline.fetching import Fetching
from resolver.pipeline.prefetch import Budget, Prefetch, popular
from resolver.policy.document import Document
from resolver.policy.truth import Truth
from resolver.upstream.pool import Pool
from resolver.upstream.pools import Pools, Wanted
from resolver.upstream.upstream import Upstream
from resolver.wire.name import ROOT, from_text, to_text

_SLICE = 50  # questions looked up before other work gets its turn


class Source:
    """A pool, and what its upstreams said. `made` are the stages over it, each by what made it."""

    def __init__(
        self,
        pool: Pool,
        wanted: Wanted,
        rrsets: RRsetCache,
        truth: Callable[[], Truth],
        clock: Clock,
        budget: Budget,
    ) -> None:
        self.pool = pool
        self.wanted = wanted
        self.rrsets = rrsets
        self.fetching = Fetching(rrsets, lambda: self.pool, truth, clock, asyncio.get_running_loop())
        self.prefetch = Prefetch(self.fetching, rrsets, budget)
        self.made: dict[object, object] = {}


class Sources:
    """Those beside the source of all: of domains (wire form) and of groups. What their caches are looked into for is
    counted in `lookups`; what may be asked ahead of any source is of one `budget`."""

    def __init__(self, lookups: Lookups | None = None) -> None:
        self._lookups = lookups or Lookups()
        self.budget = Budget()
        self.zones: dict[bytes, Source] = {}
        self.groups: dict[str, Source] = {}

    def of(self, query: Query) -> Source | None:
        """The source of a query; None for that of all."""
        return self.find(query.message.question.name, query.client.group)

    def find(self, name: bytes, group: str) -> Source | None:
        if self.zones:
            while length := name[0]:
                source = self.zones.get(name)
                if source is not None:
                    return source
                name = name[1 + length :]
        return self.groups.get(group)

    def all(self) -> list[Source]:
        """Each once."""
        return list(dict.fromkeys((*self.zones.values(), *self.groups.values())))

    def take(self, document: Document, pools: Pools, truth: Callable[[], Truth], clock: Clock) -> None:
        """Put a policy in force."""
        before = self.all()
        known = {one.wanted: one for one in before}

        def source(wanted: Wanted) -> Source:
            if wanted not in known:
                rrsets = RRsetCache(clock, CAPACITY, self._lookups)
                known[wanted] = Source(pools.make(wanted), wanted, rrsets, truth, clock, self.budget)
            return known[wanted]

        self.zones = {zone: source(wanted) for zone, wanted in _zones(document)}
        self.groups = {name: source(wanted) for name, wanted in _groups(document)}
        for one in set(before) - set(self.all()):
            pools.retire(one.pool)
            one.rrsets.clear()

    def fit(self, rrsets: RRsetCache, truth: Truth) -> None:
        """Share the room for answers out among all caches, `rrsets` being that of all; and what they hold is fresh for
        no longer than is said now."""
        caches = [rrsets, *(one.rrsets for one in self.all())]
        for cache in caches:
            cache.resize((truth.size << 20) // len(caches))
            cache.longest = truth.max_ttl

    async def look(self, prefetch: Prefetch, hits: Hits, share: float, clock: Clock) -> int:
        """Ask ahead what is popular in a second's hits, each of its own source; `prefetch` is of the source of all.
        Returns how many answers those were. Nobody may change `hits` meanwhile."""
        answered, due = await popular(hits, clock)
        misses = sum([one.misses() for one in (prefetch, *(source.prefetch for source in self.all()))])
        self.budget.earn(answered + misses, share)
        for place, (client, exchange) in enumerate(due):
            if place % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
            source = self.find(_name(exchange.name), client.group)
            (prefetch if source is None else source.prefetch).refresh(exchange)
        return answered

    def common(self, questions: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
        """The questions, names in text form, that the source of all is there for."""
        return [(name, type) for name, type in questions if self.find(_name(name), "") is None]

    def forget(self) -> None:
        """Forget cached truth and failures."""
        for one in self.all():
            one.rrsets.clear()
            one.fetching.failures.clear()

    def health(self) -> Iterator[tuple[str, Upstream]]:
        """Every upstream, and what it is for."""
        for zone, source in self.zones.items():
            yield from ((f"names of {to_text(zone)}", one) for one in source.pool.upstreams)
        for name, source in self.groups.items():
            yield from ((f"group {name}", one) for one in source.pool.upstreams)


def healths(pool: Pool, sources: Sources) -> list[UpstreamHealth]:
    """Each upstream once, those of all first."""
    found: dict[str, UpstreamHealth] = {}
    common = [("", one) for one in pool.upstreams] + [("fallback", one) for one in pool.fallback]
    for purpose, one in (*common, *sources.health()):
        found.setdefault(one.url, replace(one.health(), purpose=purpose))
    return list(found.values())


def common(document: Document) -> Wanted:
    """What the pool of all is made of."""
    return Wanted(document.upstreams, document.fallback, document.strategy, document.clocks)


def _zones(document: Document) -> Iterator[tuple[bytes, Wanted]]:
    for entry in document.forward:
        yield from_text(entry.zone), Wanted(entry.upstreams, (), document.strategy, document.clocks)


def _groups(document: Document) -> Iterator[tuple[str, Wanted]]:
    for entry in document.groups:
        if entry.upstreams:
            yield entry.name, Wanted(entry.upstreams, (), document.strategy, document.clocks)


def _name(text: str) -> bytes:
    """A name's wire form; the root for text that is no name."""
    try:
        return from_text(text)
    except DomainError:
        return ROOT
