"""Stage rebinding: an answer from upstream that gives a public name a local address is refused (EDE 15).

The names that may have one are those of the config, and what people allowed themselves: the repair is the same as for
anything else that was blocked. A list that allows a name does not speak of its addresses.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from msgspec.structs import replace

from resolver.model import (
    Allow,
    Block,
    Origin,
    Pass,
    Query,
    Records,
    Refused,
    Response,
    Rewrite,
    RRset,
    RuleRef,
    Tier,
    Type,
)
from resolver.pipeline.blocked import answer
from resolver.pipeline.stage import Parts, Reviser
from resolver.policy.rebinding import is_exempt, is_local
from resolver.wire.svcb import leads

SOURCE = "rebinding"
_ADDRESSES = frozenset({int(Type.A), int(Type.AAAA)})
_SERVICES = frozenset({int(Type.SVCB), int(Type.HTTPS)})


def make(parts: Parts) -> Reviser:
    def rebinding(query: Query, response: Response) -> Response:
        if not _judged(response):
            return response
        local = _local(response.answer)
        if local is None:
            return response
        bundle = parts.bundle()
        document = bundle.document
        if not document.truth.rebinding or is_exempt(query.name, document.truth.local):
            return response
        refused = _refused(query, response, str(ipaddress.ip_address(local)), document.ttl)
        # On a site that is trusted with everything it would be told: that is not for the next one who asks.
        momentary = bundle.sites.trusting(query.client, parts.clock.time())
        return replace(refused, lifetime=0.0) if momentary else refused

    return rebinding


def _judged(response: Response) -> bool:
    """Whether nobody in the house has spoken for the name. What a list puts in the place of an answer is its own word,
    but where its alias leads to is not."""
    verdict = response.verdict
    if isinstance(verdict, Pass):
        return response.origin != Origin.LOCAL
    if not isinstance(verdict, Allow | Rewrite) or verdict.rule.tier < Tier.SERVICES:
        return False
    if isinstance(verdict, Allow):
        return response.origin != Origin.LOCAL
    return isinstance(verdict.target, Records) and verdict.target.rrsets[-1].type == Type.CNAME


def _local(answer: Iterable[RRset]) -> bytes | None:
    """The first local address of an answer."""
    for rrset in answer:
        if rrset.type in _ADDRESSES:
            addresses = rrset.rdatas
        elif rrset.type in _SERVICES:
            addresses = tuple(address for rdata in rrset.rdatas for address in leads(rdata)[1])
        else:
            continue
        for address in addresses:
            if is_local(address):
                return address
    return None


def _refused(query: Query, response: Response, address: str, ttl: int) -> Response:
    rule = RuleRef(Tier.LISTS, SOURCE, address)
    made = answer(query.question, Block(rule, Refused(), ttl, response.verdict.until))
    lifetime = min(response.lifetime, made.lifetime)
    return replace(made, origin=response.origin, upstream=response.upstream, lifetime=lifetime, via=address)
