"""Stage forward: ask an upstream, keep what it says. The one place where an upstream's failure becomes SERVFAIL."""

from __future__ import annotations

import asyncio

from resolver.cache.rrsets import negative_authority
from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Ede, EdeCode, Origin, Query, Rcode, Response
from resolver.pipeline.stage import Parts, Responder


def make(parts: Parts) -> Responder:
    async def forward(query: Query) -> Response | None:
        message = query.message
        try:
            # Others may wait for the same answer: whoever gives up, gives up alone.
            answer = await asyncio.shield(parts.pool().ask(message.question, do=message.do, cd=message.cd))
        except UpstreamError as error:
            unreachable = isinstance(error, UpstreamUnreachable)
            code = EdeCode.NETWORK_ERROR if unreachable else EdeCode.NO_REACHABLE_AUTHORITY
            ede = (Ede(code, str(error)),)
            return Response(Rcode.SERVFAIL, ede=ede, origin=Origin.UPSTREAM, verdict=query.verdict)
        reply = answer.reply
        lifetime = parts.rrsets.put(message.question, reply, do=message.do, cd=message.cd)
        return Response(
            reply.rcode,
            reply.answer,
            reply.authority if reply.positive else negative_authority(reply),
            ede=reply.ede,
            origin=Origin.UPSTREAM,
            lifetime=lifetime,
            verdict=query.verdict,
            upstream=answer.upstream,
        )

    return forward
