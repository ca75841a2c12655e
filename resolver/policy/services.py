"""Tier 5: services that a group blocks, and search that is made safe; and tier 7, what a group does with the rest."""

from __future__ import annotations

from resolver.model import Block, Records, Rewrite, RRset, RuleRef, Tier, Type
from resolver.policy.bundle import Bundle, Group

_SOURCE = "group"

# An alias has no other records beside it, but these names are apexes too: their mail and zones are left as they are.
_LEADING = frozenset(map(int, (Type.A, Type.AAAA, Type.HTTPS, Type.SVCB, Type.CNAME, Type.ANY)))


def judge_service(text: str, name: bytes, type: int, group: Group, bundle: Bundle) -> Block | Rewrite | None:
    """What tier 5 says of a name (text and wire form) asked for with that type; None if nothing."""
    if group.services:
        for id, rule in bundle.services.of(text):
            if id in group.services:
                return Block(rule, group.answer, group.ttl)
    if group.safe_search and type in _LEADING:
        for engine, rule, target in bundle.safe.of(text):
            if engine in group.safe_search:
                return Rewrite(rule, Records((RRset(name, Type.CNAME, group.ttl, (target,)),)))
    return None


def service_rules(text: str, type: int, group: Group, bundle: Bundle) -> list[RuleRef]:
    """Every rule of tier 5 that matches a name for a group, the one that decides first."""
    found = [rule for id, rule in bundle.services.of(text) if id in group.services]
    if type in _LEADING:
        found += [rule for engine, rule, _ in bundle.safe.of(text) if engine in group.safe_search]
    return found


def judge_default(group: Group) -> Block | None:
    """What tier 7 says of whatever nothing else speaks of: a Block in an allow-only group, else None."""
    if not group.deny:
        return None
    rule = RuleRef(Tier.DEFAULT, _SOURCE, f"{group.name} answers only what is allowed")
    return Block(rule, group.answer, group.ttl)
