"""Stage aliased: a rewrite or local record that is an alias (CNAME) leads on to what its target truly has."""

from __future__ import annotations

from msgspec.structs import replace

from resolver.model import Pass, Query, Question, Records, Response, Rewrite, Type
from resolver.pipeline import cached, forward
from resolver.pipeline.later import Later
from resolver.pipeline.local import rewritten
from resolver.pipeline.routed import routed
from resolver.pipeline.stage import Parts, Responder

_NOT_FOLLOWED = frozenset({int(Type.CNAME), int(Type.ANY)})


def make(parts: Parts) -> Responder:
    known, ask = routed(cached.make)(parts), routed(forward.make)(parts)

    def aliased(query: Query) -> Response | Later[Response] | None:
        verdict = query.verdict
        if not isinstance(verdict, Rewrite) or not isinstance(verdict.target, Records):
            return None
        rrsets = verdict.target.rrsets
        if rrsets[-1].type != Type.CNAME or query.question.type in _NOT_FOLLOWED:
            return None
        question = Question(rrsets[-1].rdatas[0], query.question.type)
        local = parts.bundle().local.find(question.name, question.type)
        if local is not None:
            return _joined(rewritten(question, local), query.question, verdict)
        inner = replace(query, message=replace(query.message, question=question), verdict=Pass())
        found = known(inner) or ask(inner)
        assert found is not None  # forward always answers
        if isinstance(found, Later):
            return found.map(lambda response: _joined(response, query.question, verdict))
        return _joined(found, query.question, verdict)

    return aliased


def _joined(found: Response, question: Question, verdict: Rewrite) -> Response:
    """The alias and what was found; without signatures, since the whole is nobody's signed truth."""
    made = rewritten(question, verdict)
    answer = (*made.answer, *(rrset for rrset in found.answer if rrset.type != Type.RRSIG))
    authority = tuple(rrset for rrset in found.authority if rrset.type == Type.SOA)
    return replace(
        found,
        answer=answer,
        authority=authority,
        ad=False,
        ede=(*made.ede, *found.ede),
        lifetime=min([found.lifetime, *(rrset.ttl for rrset in (*answer, *authority))]),
        fixed=False,
        verdict=verdict,
    )
