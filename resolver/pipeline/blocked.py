"""Stage blocked: what a blocked name is answered with (RFC 8914 codes 15 and 17; PROTOCOL, "Blocked answers")."""

from __future__ import annotations

import math
from typing import assert_never

from resolver.model import (
    Address,
    Block,
    Drop,
    Ede,
    EdeCode,
    Nodata,
    NullAddress,
    Nxdomain,
    Query,
    Question,
    Rcode,
    Refused,
    Response,
    RRset,
    Tier,
    Type,
)
from resolver.pipeline.negative import negative
from resolver.pipeline.stage import Parts, Responder

_NULL = {int(Type.A): (bytes(4),), int(Type.AAAA): (bytes(16),)}


def make(_: Parts) -> Responder:
    def blocked(query: Query) -> Response | None:
        return answer(query.question, query.verdict) if isinstance(query.verdict, Block) else None

    return blocked


def answer(question: Question, verdict: Block) -> Response:
    """The blocked answer to a question; also what a blocked CNAME target turns an answer into."""
    code = EdeCode.BLOCKED if verdict.rule.tier == Tier.LISTS else EdeCode.FILTERED
    ede = (Ede(code, str(verdict.rule)),)
    match verdict.answer:
        case NullAddress():
            return _addresses(question, _NULL.get(question.type, ()), verdict, ede)
        case Address(v4, v6):
            given = {int(Type.A): v4, int(Type.AAAA): v6}.get(question.type, ())
            return _addresses(question, given, verdict, ede)
        case Nodata():
            return negative(Rcode.NOERROR, question.name, verdict.ttl, verdict, ede)
        case Nxdomain():
            return negative(Rcode.NXDOMAIN, question.name, verdict.ttl, verdict, ede)
        case Drop():
            return Response(Rcode.REFUSED, verdict=verdict, silent=True)
        case Refused():
            return Response(Rcode.REFUSED, ede=ede, lifetime=math.inf, fixed=True, verdict=verdict)
        case unknown:
            assert_never(unknown)


def _addresses(question: Question, rdatas: tuple[bytes, ...], verdict: Block, ede: tuple[Ede, ...]) -> Response:
    if not rdatas:
        return negative(Rcode.NOERROR, question.name, verdict.ttl, verdict, ede)
    rrset = RRset(question.name, question.type, verdict.ttl, rdatas)
    return Response(Rcode.NOERROR, (rrset,), ede=ede, lifetime=math.inf, fixed=True, verdict=verdict)
