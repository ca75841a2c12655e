"""Whom to ask: the upstreams of a question in the order they get it. What is down is passed over by every strategy.

fastest   of two drawn by weight (the quicker, the likelier) the better one; another one when the first is late
parallel  up to three at once
ordered   as the config has them
random    any
sticky    always the same one for a name and all names of its site, so that none sees everything
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Literal

from resolver.upstream.upstream import State, Upstream

Strategy = Literal["fastest", "parallel", "ordered", "random", "sticky"]
ATTEMPTS = 3  # queries sent for one question, those over TCP after a truncated reply apart

_SCORE: Callable[[Upstream], float] = attrgetter("latency.score")


class Chooser:
    """The upstreams of one pool. `fallback` are asked when the others say nothing, or are all down."""

    def __init__(self, upstreams: Sequence[Upstream], fallback: Sequence[Upstream], strategy: Strategy) -> None:
        self._upstreams = tuple(upstreams)
        self._fallback = tuple(fallback)
        self._strategy = strategy
        self._random = random.Random()  # noqa: S311 - whom to ask is no secret
        self._only = self._upstreams * ATTEMPTS if len(self._upstreams) == 1 and not fallback else ()
        self.ahead = ATTEMPTS if strategy == "parallel" else 1

    def order(self, name: bytes) -> Sequence[Upstream]:
        """Whom to ask for a name, at most ATTEMPTS; one may be there more than once."""
        if self._only:
            return self._only
        well = [upstream for upstream in self._upstreams if not upstream.state]
        if len(well) == len(self._upstreams) and not self._fallback:
            return self._padded(self._arranged(well, name))
        doubtful = [upstream for upstream in self._upstreams if upstream.state == State.DOUBTFUL]
        order = self._arranged(well or doubtful or list(self._upstreams), name)
        if well:
            order += doubtful
        if self._fallback:
            return self._with_fallback(order, down=not well and not doubtful)
        return self._padded(order)

    @staticmethod
    def _padded(order: list[Upstream]) -> list[Upstream]:
        """As many as may be asked, beginning again when there are fewer."""
        return [*order, *order, *order][:ATTEMPTS] if len(order) < ATTEMPTS else order[:ATTEMPTS]

    def _with_fallback(self, order: list[Upstream], *, down: bool) -> list[Upstream]:
        fallback = sorted(self._fallback, key=lambda one: (one.state, one.latency.score))
        if down:
            return [*fallback, *order][:ATTEMPTS]
        others = [order[n % len(order)] for n in range(ATTEMPTS - 1)]
        return [*others, fallback[0]]

    def is_fallback(self, upstream: Upstream) -> bool:
        return upstream in self._fallback

    def _arranged(self, upstreams: list[Upstream], name: bytes) -> list[Upstream]:
        if len(upstreams) == 1 or self._strategy == "ordered":
            return upstreams
        if self._strategy == "random":
            return self._random.sample(upstreams, len(upstreams))
        if self._strategy == "sticky":
            return self._sticky(upstreams, name)
        if self._strategy == "parallel":
            return sorted(upstreams, key=_SCORE)
        return self._fastest(upstreams)

    def _fastest(self, upstreams: list[Upstream]) -> list[Upstream]:
        """Two draws, in which one may be drawn twice: so even a slow one is asked now and then, and known for slow."""
        ranked = sorted(upstreams, key=_SCORE)
        weights = [1 / upstream.latency.score for upstream in ranked]
        total = sum(weights)
        # The better of two draws is the first whose share, and that of all better ones, is above the lesser of both.
        left = total * min(self._random.random(), self._random.random())
        for n, weight in enumerate(weights):
            left -= weight
            if left < 0:
                if n:
                    ranked.insert(0, ranked.pop(n))
                break
        return ranked

    def _sticky(self, upstreams: list[Upstream], name: bytes) -> list[Upstream]:
        """The highest hash of site and upstream comes first, so that one that is down moves no names of the others
        (rendezvous hashing); and it is asked twice before anybody else hears of the name."""
        site = _site(name)
        ranked = sorted(upstreams, key=lambda one: zlib.crc32(one.url.encode(), zlib.crc32(site)), reverse=True)
        return [ranked[0], *ranked]


def _site(name: bytes) -> bytes:
    """The last two labels: near enough to what people call a site, without a list of public suffixes."""
    offsets = [0]
    while length := name[offsets[-1]]:
        offsets.append(offsets[-1] + 1 + length)
    return name[offsets[max(len(offsets) - 3, 0)] :]
