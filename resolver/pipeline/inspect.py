"""Stage inspect: policy on what is inside an answer from upstream, fresh or cached: targets of CNAMEs, addresses, and
targets and address hints of SVCB and HTTPS records (RFC 9460).

A name that was allowed by a rule is not undone by what it leads to. A record that is allowed does not excuse those
after it.
"""

from __future__ import annotations

import ipaddress

from msgspec.structs import replace

from resolver.model import Block, Origin, Pass, Query, Records, Response, Rewrite, RRset, Type, Verdict
from resolver.pipeline.blocked import answer
from resolver.pipeline.finish import capped
from resolver.pipeline.local import rewritten
from resolver.pipeline.stage import Parts, Reviser
from resolver.policy.decide import Moment, judge, judge_address
from resolver.wire.name import to_text
from resolver.wire.svcb import leads

_ADDRESSES = frozenset({int(Type.A), int(Type.AAAA)})
_SERVICES = frozenset({int(Type.SVCB), int(Type.HTTPS)})


def make(parts: Parts) -> Reviser:
    def inspect(query: Query, response: Response) -> Response:
        if not response.answer or response.origin == Origin.LOCAL or not isinstance(query.verdict, Pass):
            return response
        look = _Look(query, Moment(query.client, parts.bundle(), parts.clock.time(), parts.visits))
        found = look.through(response)
        # What hangs on where the client is just now is not for the next one who asks.
        return replace(found, lifetime=0.0) if look.momentary and found.lifetime else found

    return inspect


class _Look:
    """A look through one answer: the first verdict against it, or else until when it holds and what would have been
    blocked; and whether any of that is `momentary` (as of a Query)."""

    def __init__(self, query: Query, moment: Moment) -> None:
        self.momentary = False
        self._query = query
        self._asked = query.question.type
        self._moment = moment
        self._sites = moment.bundle.sites
        self._has_networks = moment.bundle.has_networks
        assert isinstance(query.verdict, Pass)
        self._pass = query.verdict
        self._via = ""

    def through(self, response: Response) -> Response:
        """The answer, or what is said in its place."""
        for place, rrset in enumerate(response.answer):
            decided = self._at(rrset)
            if decided is not None:
                return _instead(self._query, response, place, *decided)
        return self._noted(response)

    def _at(self, rrset: RRset) -> tuple[Block | Rewrite, str] | None:
        """A verdict against an RRset, and the name or address that brought it."""
        if rrset.type == Type.CNAME:
            return self._name(rrset.rdatas[0], rrset.type)
        if rrset.type in _ADDRESSES:
            return self._addresses(rrset.rdatas, rrset) if self._has_networks else None
        if rrset.type in _SERVICES:
            return self._services(rrset)
        return None

    def _noted(self, response: Response) -> Response:
        """The answer with what was learned on the way: it holds only as long as everything in it is let pass."""
        if self._pass == response.verdict:
            return response
        return replace(response, verdict=self._pass, via=self._via)

    def _name(self, name: bytes, type: int) -> tuple[Block | Rewrite, str] | None:
        text = to_text(name)
        if self._sites and self._sites.named(text, self._moment.client, self._moment.now):
            self.momentary = True
        verdict = judge(name, text, type, self._moment, self._asked)
        if isinstance(verdict, Rewrite) and not _fits(verdict, type):
            return None
        return self._against(verdict, text)

    def _addresses(self, packed: tuple[bytes, ...], rrset: RRset) -> tuple[Block | Rewrite, str] | None:
        for one in packed:
            verdict = judge_address(one, rrset.owner, rrset.type, self._moment)
            if isinstance(verdict, Pass) and verdict.shadow is None:
                continue
            against = self._against(verdict, str(ipaddress.ip_address(one)))
            if against is not None:
                return against
        return None

    def _services(self, rrset: RRset) -> tuple[Block | Rewrite, str] | None:
        for rdata in rrset.rdatas:
            target, hints = leads(rdata)
            against = self._name(target, rrset.type) if target not in (b"", b"\0", rrset.owner) else None
            against = against or (self._addresses(hints, rrset) if self._has_networks else None)
            if against is not None:
                return against
        return None

    def _against(self, verdict: Verdict, text: str) -> tuple[Block | Rewrite, str] | None:
        if isinstance(verdict, Block | Rewrite):
            # Trusted with everything, a site has the question itself allowed, and nothing here is looked at.
            if self._sites.trusting(self._moment.client, self._moment.now):
                self.momentary = True
            # What let the question itself pass may end before.
            return replace(verdict, until=min(verdict.until, self._pass.until)), text
        shadow = verdict.shadow if isinstance(verdict, Pass) else None
        if shadow is not None and self._pass.shadow is None:
            self._via = text
        self._pass = Pass(min(self._pass.until, verdict.until), self._pass.shadow or shadow)
        return None


def _fits(verdict: Rewrite, type: int) -> bool:
    """Whether a rewrite can continue an answer: records can follow a CNAME, and an alias would need to be asked for."""
    if not isinstance(verdict.target, Records):
        return True
    return type == Type.CNAME and verdict.target.rrsets[-1].type != Type.CNAME


def _instead(query: Query, response: Response, place: int, verdict: Block | Rewrite, text: str) -> Response:
    """What is said in place of an answer whose record at `place` leads to something blocked or rewritten."""
    made = answer(query.question, verdict) if isinstance(verdict, Block) else rewritten(query.question, verdict)
    if isinstance(verdict, Rewrite) and made.answer:
        ttl = min(rrset.ttl for rrset in made.answer)  # the whole holds no longer than what was put in
        kept = place + (response.answer[place].type == Type.CNAME)  # an address gives way to what is put in
        chain = [rrset for rrset in response.answer[:kept] if rrset.type != Type.RRSIG]
        made = replace(made, answer=(*capped(chain, ttl), *made.answer))
    # It may be given for as long as the record is known to stand, but always with its own short TTL.
    lifetime = min(response.lifetime, made.lifetime)
    return replace(made, origin=response.origin, upstream=response.upstream, lifetime=lifetime, via=text)
