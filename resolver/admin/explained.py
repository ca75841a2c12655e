"""An explanation of the policy room, and what workers know of the question, as people read it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from resolver.admin.whybodies import Cached, Edge, MatchedRule, SourceLine
from resolver.journal.frames import Told
from resolver.model import Allow, Block, Client, Pass, Rewrite, RuleRef, Tier, Verdict
from resolver.policy.overlay import Scope
from resolver.policy.why import Explanation, Matched
from resolver.wire.zone import rcode_text

WORDS = {
    Tier.LOCAL: "local records and special-use names",
    Tier.TEMPORARY: "temporary",
    Tier.SCHEDULE: "schedules",
    Tier.RULES: "own rules",
    Tier.SITES: "site rules",
    Tier.SERVICES: "services and safe search",
    Tier.LISTS: "lists",
    Tier.DEFAULT: "the group's default",
}
"""What each tier is."""

_VERDICTS = {Pass: "pass", Allow: "allow", Block: "block", Rewrite: "rewrite"}
_OWN = "rule:"


def word(verdict: Verdict) -> str:
    """The verdict in a word."""
    return _VERDICTS[type(verdict)]


def rules(found: Explanation) -> list[RuleRef]:
    """Every rule of an explanation."""
    return [match.rule for match in _matched(found)]


def matched(found: Explanation, lines: Mapping[str, SourceLine]) -> Iterator[MatchedRule]:
    """Every rule that has to do with it, the deciding one first; those of lists with their lines."""
    for match in _matched(found):
        rule, line = match.rule, lines.get(str(match.rule))
        yield MatchedRule(
            str(rule),
            rule.tier,
            WORDS[Tier(rule.tier)],
            _scope(match.scope, found.client),
            lost=match.lost,
            list=rule.source if rule.tier == Tier.LISTS else "",
            line=line.line if line else None,
            line_text=line.text if line else "",
            id=int(rule.own.removeprefix(_OWN)) if rule.own.startswith(_OWN) else None,
        )


def edges(found: Explanation) -> list[Edge]:
    """The schedules of the client."""
    return [Edge(edge.schedule, edge.on, finite(edge.until), edge.why) for edge in found.edges]


def cached(told: Iterable[Told]) -> Cached | None:
    """The truth that a worker has: that which may be given for longest."""
    known = [one.known for one in told if one.known is not None]
    if not known:
        return None
    best = max(known, key=lambda one: one.left)
    return Cached(rcode_text(best.rcode), best.age, best.left)


def chain(told: Iterable[Told]) -> list[str]:
    """The names that the freshest of these truths leads through."""
    known = [one.known for one in told if one.known is not None]
    return max(known, key=lambda one: one.left).chain if known else []


def finite(at: float) -> float | None:
    """A time that there is."""
    return None if at == math.inf else at


def _matched(found: Explanation) -> tuple[Matched, ...]:
    return (*found.matched, *found.shadow, *found.unused)


def _scope(scope: Scope, client: Client) -> str:
    """For whom a rule is. This is told here only: in the log and in EDE it would name a device."""
    match scope:
        case Scope.CLIENT:
            return client.key
        case Scope.GROUP:
            return f"group {client.group}"
        case Scope.EVERYONE:
            return "everyone"
