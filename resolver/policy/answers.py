"""From a rule of a list to a verdict: what it wants said, in the household's way or its own."""

from __future__ import annotations

from resolver.model import (
    Allow,
    Block,
    Drop,
    Nodata,
    NullAddress,
    Nxdomain,
    Records,
    Refused,
    Rewrite,
    RewriteTarget,
    RRset,
    RuleRef,
    Tier,
    Type,
    Verdict,
)
from resolver.policy.bundle import Group
from resolver.rules.rule import Datum
from resolver.rules.ruleset import Winner


def verdict_of(winner: Winner, group: Group, name: bytes, type: int) -> Verdict:
    """The verdict that a rule gives a question about the owner `name` (wire form)."""
    rule = RuleRef(Tier.LISTS, winner.list, winner.text)
    if winner.action.allows:
        return Allow(rule)
    if not winner.says:
        return Block(rule, group.answer, group.ttl)
    match winner.says[-1]:  # a saying that is no record ends them, and outranks those before it
        case Datum():
            return _records(winner, rule, group, name, type)
        case NullAddress() | Drop() as answer:
            return Block(rule, answer, group.ttl)
        case Nxdomain() | Nodata() | Refused() as answer if winner.action.blocks:
            return Block(rule, answer, group.ttl)
        case Nxdomain() | Nodata() | Refused() as target:
            return Rewrite(rule, target, ttl=group.ttl)


def verdict_inside(winner: Winner, group: Group, owner: bytes, type: int) -> Verdict:
    """The verdict that a rule gives something inside an answer, where records of `owner` would take its place.

    Nobody would ask there for what an alias leads to: a rule that blocks with one blocks in the household's way.
    """
    verdict = verdict_of(winner, group, owner, type)
    if winner.action.blocks and isinstance(verdict, Rewrite) and _is_alias(verdict.target):
        return Block(verdict.rule, group.answer, group.ttl)
    return verdict


def _is_alias(target: RewriteTarget) -> bool:
    return isinstance(target, Records) and target.rrsets[-1].type == Type.CNAME


def _records(winner: Winner, rule: RuleRef, group: Group, name: bytes, type: int) -> Rewrite:
    """The records of that type that a rule gives a name, or its alias; of another type there is none."""
    data = [said for said in winner.says if isinstance(said, Datum)]
    alias = next((said.rdata for said in data if said.type == Type.CNAME), None)
    if alias is not None:
        return Rewrite(rule, Records((RRset(name, Type.CNAME, group.ttl, (alias,)),)))
    rdatas = tuple(dict.fromkeys(said.rdata for said in data if said.type == type))
    return Rewrite(rule, Records((RRset(name, type, group.ttl, rdatas),)) if rdatas else Nodata(), ttl=group.ttl)
