"""What resolvers say of a name: whether they agree, who is right, and what that is."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.diagnosis.agreement import Camp, Likeness, camps, likeness, real
from resolver.diagnosis.facts import Answer, Facts, Role, Said
from resolver.diagnosis.findings import (
    Disagreement,
    NoAddress,
    NoName,
    Outdated,
    UpstreamFails,
    UpstreamLies,
    UpstreamsBlock,
)
from resolver.diagnosis.network import failure, usable
from resolver.diagnosis.own import BLOCKS, open_to
from resolver.diagnosis.words import says
from resolver.model import Rcode


def truth(facts: Facts) -> Camp | None:
    """Those who are right: whom certificates prove, else those whom none refutes and for whom most is to be said. None
    when nobody answers, or nothing tells who is right."""
    found = camps(facts.asked, facts.reached)
    if not found:
        return None
    best = max(found, key=_merit)
    alike = [camp for camp in found if _merit(camp) == _merit(best)]
    return best if len(alike) == 1 else None


def upstreams_block(facts: Facts) -> UpstreamsBlock | None:
    right = truth(facts)
    if right is None or right.proven or not _blocks(right.answer):
        return None
    texts = (ede.text for ede in right.answer.ede if ede.code in BLOCKS)
    return UpstreamsBlock(right.said[0].server, next(texts, ""))


def upstream_lies(facts: Facts) -> UpstreamLies | None:
    return next(liars(facts), None)


def liars(facts: Facts) -> Iterator[UpstreamLies]:
    """Every upstream that says something else than those who are right."""
    right = truth(facts)
    if right is None:
        return
    for said in facts.upstreams:
        if said in right.said or not isinstance(said.result, Answer) or not said.result.usable:
            continue
        yield UpstreamLies(said.server, says(said.result), says(right.answer), right.proven, _blocks(said.result))


def disagreement(facts: Facts) -> Disagreement | None:
    found = camps(facts.asked, facts.reached)
    if len(found) < 2 or truth(facts) is not None:
        return None
    one, other = found[0], found[1]
    return Disagreement(one.said[0].server, says(one.answer), other.said[0].server, says(other.answer))


def outdated(facts: Facts) -> Outdated | None:
    """Lull says something that nobody says now. An address that works is not out of date, whoever says so."""
    own, right = facts.own.result, truth(facts)
    if not isinstance(own, Answer) or right is None or not open_to(facts):
        return None
    works = {one.address for one in facts.reached if one.trouble is None}
    if own.usable and (works & set(own.addresses) or _said_by_anyone(own, facts)):
        return None
    return Outdated(says(own), says(right.answer))


def no_name(facts: Facts) -> NoName | None:
    right = truth(facts)
    return NoName() if right is not None and right.answer.rcode == Rcode.NXDOMAIN else None


def no_address(facts: Facts) -> NoAddress | None:
    right = truth(facts)
    return NoAddress() if right is not None and not real(right.answer.addresses) else None


def upstream_fails(facts: Facts) -> UpstreamFails | None:
    return next(failing(facts), None)


def failing(facts: Facts) -> Iterator[UpstreamFails]:
    """Every upstream that gives no usable answer while another does."""
    if any(map(usable, facts.upstreams)):
        for said in facts.upstreams:
            if not usable(said):
                yield UpstreamFails(said.server, failure(said))


def _merit(camp: Camp) -> tuple[bool, bool, tuple[int, int]]:
    return camp.proven, not camp.refuted, camp.weight


def _blocks(answer: Answer) -> bool:
    """Whether an answer is one of those with which names are blocked."""
    nowhere = bool(answer.addresses) and not real(answer.addresses)
    return nowhere or any(ede.code in BLOCKS for ede in answer.ede)


def _said_by_anyone(own: Answer, facts: Facts) -> bool:
    return any(_alike(own, said) for said in facts.asked)


def _alike(own: Answer, said: Said) -> bool:
    answer = said.result
    if not isinstance(answer, Answer) or not answer.usable or said.role == Role.ALSO:
        return False
    return likeness(own, answer) != Likeness.DIFFERENT
