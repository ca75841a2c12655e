"""The decision: one pure function from a question, a client, a bundle and a time to a verdict, and its explanation.

`lull why` calls the same functions as the workers do, so an explanation cannot differ from what happened.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from resolver.model import Allow, Block, Client, Pass, RuleRef, Tier, Verdict
from resolver.policy.answers import verdict_inside, verdict_of
from resolver.policy.bundle import Bundle, Group
from resolver.policy.clients import DEFAULT
from resolver.policy.overlay import Match, Scope
from resolver.policy.services import judge_default, judge_service, service_rules
from resolver.policy.special import NEVER_BLOCKED
from resolver.rules.ruleset import Winner
from resolver.wire.name import from_text, to_text

_PASS = Pass()


def group_of(bundle: Bundle, client: Client) -> Group:
    """The client's group, or the default group when the bundle does not know it (any more)."""
    return bundle.groups.get(client.group) or bundle.groups[DEFAULT]


def decide(name: bytes, text: str, type: int, client: Client, bundle: Bundle, now: float) -> Verdict:
    """Who wins: the first tier with an opinion (DESIGN, "Policy"). `text` is `name` in text form, `now` Unix time."""
    local = bundle.local.find(name, type)
    return local if local is not None else judge(name, text, type, client, bundle, now)


def judge(
    name: bytes, text: str, type: int, client: Client, bundle: Bundle, now: float, asked: int | None = None
) -> Verdict:
    """Tiers 1 to 7, which also speak about names inside an answer (there is no local record for those). `type` is then
    the type of the record that holds the name, and `asked` that of the question."""
    if name == NEVER_BLOCKED:
        return _PASS
    group = group_of(bundle, client)
    own = bundle.overlay.matches(text, client, now)
    if group.timetable is None:
        return _by_people(own[0], group) if own else _by_nobody(name, text, type, client, group, bundle, asked)
    if own and own[0].rule.tier == Tier.TEMPORARY:
        return _by_people(own[0], group)
    hours = group.timetable.at(now)
    said = hours.about(text, type, client, bundle.names, bundle.basics, inside=asked is not None)
    if said is not None:
        return Allow(said.rule, hours.until) if said.allow else Block(said.rule, group.answer, group.ttl, hours.until)
    verdict = _by_people(own[0], group) if own else _by_nobody(name, text, type, client, group, bundle, asked)
    return replace(verdict, until=min(verdict.until, hours.until))


def _by_nobody(
    name: bytes, text: str, type: int, client: Client, group: Group, bundle: Bundle, asked: int | None
) -> Verdict:
    """Tiers 5 to 7, as no person has a rule about the name."""
    service = judge_service(text, name, type, group, bundle)
    if service is not None:
        return service
    winner = bundle.names.winner(text, group.mask, type, client)
    if winner is not None:
        return verdict_of(winner, group, name, type) if asked is None else verdict_inside(winner, group, name, asked)
    denied = judge_default(group)
    if denied is not None:
        return denied
    if not group.shadow:
        return _PASS
    return _noted(bundle.names.winner(text, group.mask | group.shadow, type, client))


def judge_address(packed: bytes, owner: bytes, type: int, client: Client, bundle: Bundle) -> Verdict:
    """What lists say of an address (4 or 16 bytes) in a record of this owner and type."""
    group = group_of(bundle, client)
    winner = bundle.names.address(packed, group.mask, type, client)
    if winner is not None:
        return verdict_inside(winner, group, owner, type)
    if not group.shadow:
        return _PASS
    return _noted(bundle.names.address(packed, group.mask | group.shadow, type, client))


def _noted(would: Winner | None) -> Pass:
    """What is let pass, with the rule that would have stood against it if lists in shadow mode counted."""
    return _PASS if would is None or would.action.allows else Pass(shadow=_ref(would.list, would.text))


def _ref(list: str, text: str) -> RuleRef:
    return RuleRef(Tier.LISTS, list, text)


def _by_people(match: Match, group: Group) -> Verdict:
    if match.allow:
        return Allow(match.rule, match.until)
    return Block(match.rule, group.answer, group.ttl, match.until)


class Explanation(msgspec.Struct, frozen=True):
    """Why a question is answered as it is: every rule that matched, the deciding one first. `unused` are rules of
    lists that the client's group does not use, `shadow` those of lists in shadow mode; `scopes` tells for whom each
    that matched is."""

    verdict: Verdict
    client: Client
    matched: tuple[RuleRef, ...]
    unused: tuple[RuleRef, ...]
    shadow: tuple[RuleRef, ...]
    scopes: tuple[Scope, ...]


def explain(name: str, type: int, client: Client, bundle: Bundle, now: float) -> Explanation:
    """The verdict on a name given as text, with all that matched. Raises DomainError for text that is not a name."""
    wire = from_text(name)
    text = to_text(wire)
    verdict = decide(wire, text, type, client, bundle, now)
    group = group_of(bundle, client)
    own = bundle.overlay.matches(text, client, now)
    matched = [(match.rule, Scope(match.strength[0])) for match in own]
    if group.timetable is not None:
        hours = group.timetable.at(now)
        place = sum(match.rule.tier == Tier.TEMPORARY for match in own)
        said = hours.matches(text, type, client, bundle.names, bundle.basics)
        matched[place:place] = [(rule, Scope.GROUP) for rule in said]
    matched += [(rule, Scope.GROUP) for rule in service_rules(text, type, group, bundle)]
    shadow: list[RuleRef] = []
    unused: list[RuleRef] = []
    for winner in bundle.names.matches(text, group.mask, type, client):
        rule = _ref(winner.list, winner.text)
        if group.mask >> winner.index & 1:
            matched.append((rule, Scope.EVERYONE))
        else:
            (shadow if group.shadow >> winner.index & 1 else unused).append(rule)
    denied = judge_default(group)
    if denied is not None:
        matched.append((denied.rule, Scope.GROUP))
    if not isinstance(verdict, Pass):
        # Usually it is first already; not when a rule before it was taken away by an exception, or is of tier 0.
        deciding = next((pair for pair in matched if pair[0] == verdict.rule), (verdict.rule, Scope.EVERYONE))
        matched = [deciding, *(pair for pair in matched if pair[0] != verdict.rule)]
    rules, scopes = [rule for rule, _ in matched], [scope for _, scope in matched]
    return Explanation(verdict, client, tuple(rules), tuple(unused), tuple(shadow), tuple(scopes))
