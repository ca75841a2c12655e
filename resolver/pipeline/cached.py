"""Stage cached: upstream truth that is still fresh."""

from __future__ import annotations

from resolver.model import Origin, Query, Response
from resolver.pipeline.stage import Parts, Responder


def make(parts: Parts) -> Responder:
    async def cached(query: Query) -> Response | None:
        message = query.message
        found = parts.rrsets.get(message.question, do=message.do, cd=message.cd)
        if found is None:
            return None
        return Response(
            found.rcode,
            found.answer,
            found.authority,
            origin=Origin.CACHE,
            lifetime=found.lifetime,
            verdict=query.verdict,
        )

    return cached
