"""Stage cached: upstream truth that is still fresh. What is popular is asked anew shortly before it is not."""

from __future__ import annotations

from resolver.model import Origin, Query, Response
from resolver.pipeline.stage import Parts, Responder


def make(parts: Parts) -> Responder:
    def cached(query: Query) -> Response | None:
        message = query.message
        if message.subnet and parts.bundle().document.truth.subnet:
            return None  # what is known is for everybody, and there may be something better for this client
        found = parts.rrsets.get(message.question, do=message.do, cd=message.cd)
        if found is None:
            return None
        if found.ending:
            parts.prefetch.want(message.question, do=message.do, cd=message.cd)
        return Response(
            found.rcode,
            found.answer,
            found.authority,
            ad=found.ad,
            origin=Origin.CACHE,
            lifetime=found.lifetime,
            verdict=query.verdict,
        )

    return cached
