"""Stage forward: ask an upstream. The one place where an upstream's failure becomes SERVFAIL, or an answer that is too
old (RFC 8767): after PATIENCE seconds, at once when the question failed, and at once while nobody answers at all.
"""

from __future__ import annotations

import asyncio

from resolver.cache.rrsets import negative_authority
from resolver.model import Ede, EdeCode, Origin, Query, Rcode, Response
from resolver.pipeline.fetching import MOST_EDE, Failed, Outcome
from resolver.pipeline.stage import Parts, Responder
from resolver.pipeline.waiting import Waiting, keys_of
from resolver.wire.subnet import scoped, told

PATIENCE = 1.8  # seconds that a client waits for a fresh answer when there is an old one (RFC 8767 section 5)
_AGAIN = 1.0  # seconds for which an answer that is too old may be given again without a look for a fresh one
_LATE = "no upstream answered in time"


def make(parts: Parts) -> Responder:
    fetching, rrsets = parts.fetching, parts.rrsets
    waiting = Waiting()

    async def forward(query: Query) -> Response | None:
        message = query.message
        question, do, cd = message.question, message.do, message.cd
        subnet = told(message.subnet) if message.subnet and parts.bundle().document.truth.subnet else b""
        failure = fetching.failing(question, do=do, cd=cd)
        if failure is not None:
            if failure.reach:
                fetching.probe(question, do=do, cd=cd)
            known = Failed(failure.rcode, (*failure.ede, Ede(EdeCode.CACHED)))
            return _old(parts, query, _said(failure.ede)) or _failed(query, known, Origin.CACHE)
        keys = keys_of(query)
        if full := waiting.full(keys):
            busy = Failed(Rcode.SERVFAIL, (Ede(EdeCode.OTHER, full),))
            return _old(parts, query, full) or _failed(query, busy)
        waiting.enter(keys)
        try:
            if not rrsets.holds(question, do=do, cd=cd):
                return _response(query, await fetching.fetch(question, do=do, cd=cd, subnet=subnet), subnet)
            return await _with_old(parts, query, subnet)
        finally:
            waiting.leave(keys)

    return forward


async def _with_old(parts: Parts, query: Query, subnet: bytes) -> Response:
    """An answer to a question of which something is known that is too old."""
    fetching, message = parts.fetching, query.message
    question, do, cd = message.question, message.do, message.cd
    old = _old(parts, query, _LATE) if fetching.dark else None
    if old is not None:
        fetching.probe(question, do=do, cd=cd)
        return old
    began = parts.clock.monotonic()
    future = fetching.fetch(question, do=do, cd=cd, subnet=subnet)
    await asyncio.wait((future,), timeout=PATIENCE)
    if not future.done():
        fetching.silent(began)
        old = _old(parts, query, _LATE)
        if old is not None:
            return old
    outcome = await future
    if isinstance(outcome, Failed):
        old = _old(parts, query, _said(outcome.ede))
    return old or _response(query, outcome, subnet)


def _old(parts: Parts, query: Query, why: str) -> Response | None:
    """What is known although it is too old, if that may be given."""
    message = query.message
    limit = parts.bundle().document.truth.stale
    found = parts.rrsets.stale(message.question, limit, do=message.do, cd=message.cd) if limit else None
    if found is None:
        return None
    code = EdeCode.STALE_NXDOMAIN if found.rcode == Rcode.NXDOMAIN else EdeCode.STALE
    return Response(
        found.rcode,
        found.answer,
        found.authority,
        ede=(Ede(code, why),),
        origin=Origin.STALE,
        lifetime=_AGAIN,
        verdict=query.verdict,
    )


def _response(query: Query, outcome: Outcome, subnet: bytes) -> Response:
    if isinstance(outcome, Failed):
        return _failed(query, outcome)
    reply = outcome.reply
    return Response(
        reply.rcode,
        reply.answer,
        reply.authority if reply.positive else negative_authority(reply),
        ad=outcome.ad,
        ede=reply.ede[:MOST_EDE],
        origin=Origin.UPSTREAM,
        lifetime=outcome.lifetime,
        verdict=query.verdict,
        upstream=outcome.upstream,
        subnet=scoped(query.message.subnet, reply.scope) if subnet else b"",
    )


def _failed(query: Query, failed: Failed, origin: Origin = Origin.UPSTREAM) -> Response:
    return Response(failed.rcode, ede=failed.ede, origin=origin, verdict=query.verdict, upstream=failed.upstream)


def _said(ede: tuple[Ede, ...]) -> str:
    """Why there is no fresh answer, as far as anybody said."""
    return next((one.text for one in ede if one.text), "the upstreams fail")
