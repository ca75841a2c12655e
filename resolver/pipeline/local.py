"""Stage local: names that Lull answers itself: local records, special-use names, rewrites of lists, ANY (RFC 8482)."""

from __future__ import annotations

import math
from typing import assert_never

from resolver.model import (
    Allow,
    Ede,
    EdeCode,
    Nodata,
    Nxdomain,
    Pass,
    Query,
    Question,
    Rcode,
    Records,
    Refused,
    Response,
    Rewrite,
    RRset,
    Tier,
    Type,
)
from resolver.pipeline.negative import negative
from resolver.pipeline.stage import Parts, Responder

_ANY_TTL = 3600
_HINFO = b"\x07RFC8482\x00"


def make(_: Parts) -> Responder:
    def local(query: Query) -> Response | None:
        is_any = query.question.type == Type.ANY
        verdict = query.verdict
        if is_any and isinstance(verdict, Pass | Allow):
            return _any(query)
        if not isinstance(verdict, Rewrite):
            return None
        if is_any and isinstance(verdict.target, Nodata):
            return _any(query)
        return rewritten(query.question, verdict)

    return local


def rewritten(question: Question, verdict: Rewrite) -> Response:
    """What a rewrite, or a record of the house, says to a question."""
    ede = _forged(verdict)
    match verdict.target:
        case Records(rrsets):
            return Response(Rcode.NOERROR, rrsets, ede=ede, lifetime=math.inf, fixed=True, verdict=verdict)
        case Nodata():
            return negative(Rcode.NOERROR, question.name, verdict.ttl, verdict, ede)
        case Nxdomain():
            return negative(Rcode.NXDOMAIN, question.name, verdict.ttl, verdict, ede)
        case Refused():
            return Response(Rcode.REFUSED, ede=ede, lifetime=math.inf, fixed=True, verdict=verdict)
        case unknown:
            assert_never(unknown)


def _forged(verdict: Rewrite) -> tuple[Ede, ...]:
    """What tells a client that policy put this in the place of the truth (RFC 8914 section 4.5)."""
    return (Ede(EdeCode.FORGED, str(verdict.rule)),) if verdict.rule.tier != Tier.LOCAL else ()


def _any(query: Query) -> Response:
    rrset = RRset(query.question.name, Type.HINFO, _ANY_TTL, (_HINFO,))
    return Response(Rcode.NOERROR, (rrset,), lifetime=math.inf, fixed=True, verdict=query.verdict)
