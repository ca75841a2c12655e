"""An explanation of the policy room, and what workers know of the question, as people read it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from resolver.admin.whybodies import Cached, Edge, MatchedRule, SourceLine
from resolver.journal.frames import Told
from resolver.model import Allow, Block, Pass, Question, Rcode, Rewrite, RuleRef, Tier, Type, Verdict
from resolver.pipeline import blocked, local
from resolver.policy.bundle import Bundle
from resolver.policy.overlay import Scope
from resolver.policy.schedules import schedule_of
from resolver.policy.special import RECORDS
from resolver.policy.why import Explanation, Matched
from resolver.wire.name import from_text, to_text
from resolver.wire.zone import data_text, rcode_text

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
_NAMES = {int(Type.CNAME), int(Type.NS), int(Type.PTR)}  # types whose data is a name and nothing else
_SHOWN = 4  # data of an answer


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
            _scope(match.scope, found),
            lost=match.lost,
            list=rule.source if rule.tier == Tier.LISTS else "",
            line=line.line if line else None,
            line_text=line.text if line else "",
            id=int(rule.own.removeprefix(_OWN)) if rule.own.startswith(_OWN) else None,
        )


def edges(found: Explanation, verdicts: Iterable[Verdict]) -> list[Edge]:
    """The schedules of the client, with those that bear on it: that decided any of these verdicts."""
    rules = [verdict.rule for verdict in verdicts if not isinstance(verdict, Pass)]
    names = {schedule_of(rule) for rule in rules if rule.tier == Tier.SCHEDULE}
    return [
        Edge(edge.schedule, edge.on, finite(edge.until), edge.why, bears=edge.schedule in names) for edge in found.edges
    ]


def answer(name: str, type: int, verdict: Verdict, bundle: Bundle) -> str:
    """What is said of a name (text) instead of the truth; "" where the truth is."""
    question = Question(from_text(name), type)
    match verdict:
        case Pass() | Allow():
            return ""
        case Block():
            response = blocked.answer(question, verdict)
        case Rewrite():
            response = local.rewritten(question, verdict)
    if response.silent:
        return "none at all"
    data = [_data(rrset.type, one) for rrset in response.answer for one in rrset.rdatas]
    if not data:
        return "NODATA" if response.rcode == Rcode.NOERROR else rcode_text(response.rcode)
    more = f" and {len(data) - _SHOWN} more" if len(data) > _SHOWN else ""
    wildcard = bundle.local.wildcard(question.name) if verdict.rule.source == RECORDS else b""
    return ", ".join(data[:_SHOWN]) + more + (f" (wildcard {to_text(wildcard)})" if wildcard else "")


def _data(type: int, rdata: bytes) -> str:
    """The data of a record; a name without its final dot, as people write names."""
    text = data_text(type, rdata)
    return text.removesuffix(".") or text if type in _NAMES else text


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


def _scope(scope: Scope, found: Explanation) -> str:
    """For whom a rule is. This is told here only: in the log and in EDE it would name a device."""
    match scope:
        case Scope.CLIENT:
            return found.called
        case Scope.GROUP:
            return f"group {found.client.group}"
        case Scope.EVERYONE:
            return "everyone"
