"""Stage forward: ask an upstream. The one place where an upstream's failure becomes SERVFAIL, or an answer that is too
old (RFC 8767): after PATIENCE seconds, at once when the question failed, and at once while nobody answers at all.
"""

from __future__ import annotations

import asyncio

from resolver.cache.rrsets import negative_authority
from resolver.model import Ede, EdeCode, Origin, Query, Rcode, Response
from resolver.pipeline.fetching import MOST_EDE, Failed, Outcome
from resolver.pipeline.later import Later
from resolver.pipeline.stage import Parts, Responder
from resolver.pipeline.waiting import Waiting, keys_of
from resolver.wire.subnet import scoped, told

PATIENCE = 1.8  # seconds that a client waits for a fresh answer when there is an old one (RFC 8767 section 5)
_AGAIN = 1.0  # seconds for which an answer that is too old may be given again without a look for a fresh one
_LATE = "no upstream answered in time"


def make(parts: Parts) -> Responder:
    fetching, rrsets = parts.fetching, parts.rrsets
    waiting = Waiting()

    def forward(query: Query) -> Response | Later[Response]:
        message = query.message
        question, do, cd = message.question, message.do, message.cd
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
        held = rrsets.holds(question, do=do, cd=cd)
        old = _old(parts, query, _LATE) if held and fetching.dark else None
        if old is not None:
            fetching.probe(question, do=do, cd=cd)
            return old
        subnet = told(message.subnet) if message.subnet and parts.bundle().document.truth.subnet else b""
        waiting.enter(keys)
        began = parts.clock.monotonic()
        coming = fetching.fetch(question, do=do, cd=cd, subnet=subnet)
        if not held:

            def came(outcome: Outcome) -> Response:
                waiting.leave(keys)
                return _response(query, outcome, subnet)

            return coming.map(came)
        made = _WithOld(parts, query, subnet, began)
        made.answer.then(lambda _: waiting.leave(keys))
        coming.then(made.came)
        return made.answer

    return forward


class _WithOld:
    """The `answer` to a question of which something is known that is too old: that is told when nothing fresh has come
    in PATIENCE seconds, and in the place of a failure."""

    def __init__(self, parts: Parts, query: Query, subnet: bytes, began: float) -> None:
        self.answer: Later[Response] = Later()
        self._parts = parts
        self._query = query
        self._subnet = subnet
        self._began = began
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._late)

    def _late(self) -> None:
        self._parts.fetching.silent(self._began)
        old = _old(self._parts, self._query, _LATE)
        if old is not None:
            self.answer.settle(old)

    def came(self, outcome: Outcome | Exception) -> None:
        """Whatever came of asking."""
        self._timer.cancel()
        if self.answer.settled:
            return
        try:
            made = outcome if isinstance(outcome, Exception) else self._made(outcome)
        except Exception as error:  # noqa: BLE001 - it is passed on
            made = error
        self.answer.settle(made)

    def _made(self, outcome: Outcome) -> Response:
        old = _old(self._parts, self._query, _said(outcome.ede)) if isinstance(outcome, Failed) else None
        return old or _response(self._query, outcome, self._subnet)


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
