"""Stage local: names that Lull answers itself: local records, special-use names, and ANY (RFC 8482)."""

from __future__ import annotations

import math
from typing import assert_never

from resolver.model import Block, Nodata, Nxdomain, Query, Rcode, Records, Response, Rewrite, RRset, Type
from resolver.pipeline.negative import negative
from resolver.pipeline.stage import Parts, Responder

_NEGATIVE_TTL = 3600
_ANY_TTL = 3600
_HINFO = b"\x07RFC8482\x00"


def make(_: Parts) -> Responder:
    async def local(query: Query) -> Response | None:
        is_any = query.question.type == Type.ANY
        if not isinstance(query.verdict, Rewrite):
            return _any(query) if is_any and not isinstance(query.verdict, Block) else None
        match query.verdict.target:
            case Records(rrsets):
                return Response(Rcode.NOERROR, rrsets, lifetime=math.inf, fixed=True, verdict=query.verdict)
            case Nodata() if is_any:
                return _any(query)
            case Nodata():
                return negative(Rcode.NOERROR, query.question.name, _NEGATIVE_TTL, query.verdict)
            case Nxdomain():
                return negative(Rcode.NXDOMAIN, query.question.name, _NEGATIVE_TTL, query.verdict)
            case unknown:
                assert_never(unknown)

    return local


def _any(query: Query) -> Response:
    rrset = RRset(query.question.name, Type.HINFO, _ANY_TTL, (_HINFO,))
    return Response(Rcode.NOERROR, (rrset,), lifetime=math.inf, fixed=True, verdict=query.verdict)
