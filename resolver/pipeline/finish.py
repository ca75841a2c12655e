"""Stage finish: the TTL rule. No TTL outlives the verdict: bedtime starts at bedtime in spite of clients' caches. What
is momentary is never given again from memory."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from resolver.model import Query, Response, RRset
from resolver.pipeline.stage import Parts, Reviser


def make(parts: Parts) -> Reviser:
    def finish(query: Query, response: Response) -> Response:
        if query.momentary and response.lifetime:
            response = replace(response, lifetime=0.0)
        if response.verdict.until == math.inf:
            return response
        left = max(response.verdict.until - parts.clock.time(), 0.0)
        ttl = int(left)
        longest = max([rrset.ttl for rrset in (*response.answer, *response.authority)], default=0)
        # An answer that ages may be given until the end; a fixed one only while its whole TTL still fits.
        lifetime = left - min(longest, ttl) if response.fixed else left
        return replace(
            response,
            answer=capped(response.answer, ttl),
            authority=capped(response.authority, ttl),
            lifetime=min(response.lifetime, lifetime),
        )

    return finish


def capped(rrsets: Sequence[RRset], ttl: int) -> tuple[RRset, ...]:
    """The same with no TTL above `ttl` seconds."""
    return tuple(rrset if rrset.ttl <= ttl else RRset(rrset.owner, rrset.type, ttl, rrset.rdatas) for rrset in rrsets)
