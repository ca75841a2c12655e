"""Pools that share upstreams, and what is known of them: of all, of groups, of domains."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

from resolver.errors import TextError
from resolver.model import Clock
from resolver.upstream.breaker import Breaker
from resolver.upstream.carriers import Reach
from resolver.upstream.endpoint import read
from resolver.upstream.pool import Pool
from resolver.upstream.strategy import Strategy
from resolver.upstream.upstream import Upstream
from resolver.wire.name import from_text

log = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """What makes a pool: URLs, how to choose, and the names of time servers (text form)."""

    upstreams: tuple[str, ...]
    fallback: tuple[str, ...] = ()
    strategy: Strategy = "fastest"
    clocks: tuple[str, ...] = ()


class Pools:
    """Makes pools that share upstreams, and what is known of them, by URL."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, clock: Clock, reach: Reach, random_id: Callable[[], int]
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._reach = reach
        self._random_id = random_id
        self._breaker = Breaker(loop, random_id)
        self._upstreams: dict[str, Upstream] = {}
        self._retired: list[Pool] = []  # what they are being asked is still answered

    def make(self, wanted: Wanted) -> Pool:
        return Pool(
            self._reached(wanted.upstreams),
            self._loop,
            self._random_id,
            tuple(map(from_text, wanted.clocks)),
            strategy=wanted.strategy,
            fallback=self._reached(wanted.fallback),
            breaker=self._breaker,
        )

    def _reached(self, urls: Iterable[str]) -> list[Upstream]:
        """The upstreams of URLs, but for those that only another version of Lull can reach, as the others still can."""
        found = []
        for url in urls:
            if url not in self._upstreams:
                try:
                    endpoint = read(url)
                except TextError as error:
                    log.error("upstream %s is left out: %s", url, error)
                    continue
                transports, undated = self._reach.to(endpoint), self._reach.to(endpoint, dated=False)
                self._upstreams[url] = Upstream(url, transports, self._clock, undated)
            found.append(self._upstreams[url])
        return found

    def retire(self, pool: Pool) -> None:
        self._retired = [one for one in (*self._retired, pool) if one.busy]

    def forget_but(self, pools: Iterable[Pool]) -> None:
        """Forget the upstreams of which no pool has need any more."""
        needed = {one.url for pool in pools for one in (*pool.upstreams, *pool.fallback)}
        self._upstreams = {url: one for url, one in self._upstreams.items() if url in needed}

    def close(self) -> None:
        for pool in self._retired:
            pool.close()
        self._breaker.close()
