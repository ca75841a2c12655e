"""Stage forward: ask an upstream, keep what it says. The one place where an upstream's failure becomes SERVFAIL."""

from __future__ import annotations

import asyncio

from resolver.cache.rrsets import negative_authority
from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Ede, EdeCode, Origin, Query, Rcode, Response
from resolver.pipeline.stage import Parts, Responder

_HIGHEST = 15  # of the RCODEs that fit the header (RFC 1035 section 4.1.1)
_MOST_EDE = 4  # extended errors of an upstream that are passed on
MAX_WAITING = 4096  # queries that wait for upstreams; more are refused, so that the others go on being answered


def make(parts: Parts) -> Responder:
    waiting = 0

    async def forward(query: Query) -> Response | None:
        nonlocal waiting
        if waiting >= MAX_WAITING:
            return _failure(query, EdeCode.OTHER, "too many queries are waiting for upstreams")
        message = query.message
        waiting += 1
        try:
            # Others may wait for the same answer: whoever gives up, gives up alone.
            answer = await asyncio.shield(parts.pool().ask(message.question, do=message.do, cd=message.cd))
        except UpstreamError as error:
            unreachable = isinstance(error, UpstreamUnreachable)
            return _failure(query, EdeCode.NETWORK_ERROR if unreachable else EdeCode.NO_REACHABLE_AUTHORITY, str(error))
        finally:
            waiting -= 1
        reply = answer.reply
        lifetime = parts.rrsets.put(message.question, reply, do=message.do, cd=message.cd)
        return Response(
            # An extended RCODE speaks of our EDNS with the upstream, not of the client's (RFC 6891 section 6.1.3).
            reply.rcode if reply.rcode <= _HIGHEST else Rcode.SERVFAIL,
            reply.answer,
            reply.authority if reply.positive else negative_authority(reply),
            ede=reply.ede[:_MOST_EDE],
            origin=Origin.UPSTREAM,
            lifetime=lifetime,
            verdict=query.verdict,
            upstream=answer.upstream,
        )

    return forward


def _failure(query: Query, code: int, text: str) -> Response:
    return Response(Rcode.SERVFAIL, ede=(Ede(code, text),), origin=Origin.UPSTREAM, verdict=query.verdict)
