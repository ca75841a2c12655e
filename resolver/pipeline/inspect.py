"""Stage inspect: policy on what is inside an answer from upstream, fresh or cached: the targets of its CNAMEs.

A name that was allowed by a rule is not undone by its CNAME. A target that is allowed does not excuse those after it.
"""

from __future__ import annotations

from msgspec.structs import replace

from resolver.model import Block, Origin, Pass, Query, Response, Type
from resolver.pipeline.blocked import answer
from resolver.pipeline.stage import Parts, Reviser
from resolver.policy.decide import judge
from resolver.wire.name import to_text


def make(parts: Parts) -> Reviser:
    def inspect(query: Query, response: Response) -> Response:
        if response.origin == Origin.LOCAL or not isinstance(query.verdict, Pass):
            return response
        until = response.verdict.until
        for rrset in response.answer:
            if rrset.type != Type.CNAME:
                continue
            target = rrset.rdatas[0]
            text = to_text(target)
            verdict = judge(target, text, query.client, parts.bundle(), parts.clock.time())
            if isinstance(verdict, Block):
                blocked = answer(query.question, verdict)
                lifetime = min(response.lifetime, blocked.lifetime)
                # It may be given for as long as the CNAME is known to stand, but always with its own short TTL.
                return replace(blocked, origin=response.origin, upstream=response.upstream, lifetime=lifetime, via=text)
            until = min(until, verdict.until)
        # A target that is allowed for a while makes the whole answer hold only for that while.
        return response if until == response.verdict.until else replace(response, verdict=Pass(until))

    return inspect
