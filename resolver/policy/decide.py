"""The decision: one pure function from a question, a client, a bundle and a time to a verdict, and its explanation.

`lull why` calls the same functions as the workers do, so an explanation cannot differ from what happened.
"""

from __future__ import annotations

import msgspec

from resolver.model import Allow, Block, Client, Pass, Rewrite, RuleRef, Tier, Verdict
from resolver.policy.bundle import Bundle, Group
from resolver.policy.clients import DEFAULT
from resolver.policy.overlay import Match, Scope
from resolver.policy.special import NEVER_BLOCKED
from resolver.rules.rule import Action
from resolver.rules.ruleset import Winner
from resolver.wire.name import from_text, to_text


def group_of(bundle: Bundle, client: Client) -> Group:
    """The client's group, or the default group when the bundle does not know it (any more)."""
    return bundle.groups.get(client.group) or bundle.groups[DEFAULT]


def decide(name: bytes, text: str, type: int, client: Client, bundle: Bundle, now: float) -> Verdict:
    """Who wins: the first tier with an opinion (DESIGN, "Policy"). `text` is `name` in text form, `now` Unix time."""
    local = bundle.local.find(name, type)
    return local if local is not None else judge(name, text, client, bundle, now)


def judge(name: bytes, text: str, client: Client, bundle: Bundle, now: float) -> Verdict:
    """Tiers 1 to 7, which also speak about names inside an answer (there is no local record for those)."""
    if name == NEVER_BLOCKED:
        return Pass()
    group = group_of(bundle, client)
    own = bundle.overlay.matches(text, client, now)
    if own:
        return _by_people(own[0], group)
    winner = bundle.names.winner(text, group.mask)
    return Pass() if winner is None else _by_list(winner, group)


def _by_people(match: Match, group: Group) -> Verdict:
    if match.allow:
        return Allow(match.rule, match.until)
    return Block(match.rule, group.answer, group.ttl, match.until)


def _by_list(winner: Winner, group: Group) -> Verdict:
    rule = RuleRef(Tier.LISTS, winner.list, winner.text)
    return Block(rule, group.answer, group.ttl) if winner.action is Action.BLOCK else Allow(rule)


class Explanation(msgspec.Struct, frozen=True):
    """Why a question is answered as it is: every rule that matched, the deciding one first. `unused` are rules of
    lists that the client's group does not use; `scopes` tells for whom each that matched is."""

    verdict: Verdict
    client: Client
    matched: tuple[RuleRef, ...]
    unused: tuple[RuleRef, ...]
    scopes: tuple[Scope, ...]


def explain(name: str, type: int, client: Client, bundle: Bundle, now: float) -> Explanation:
    """The verdict on a name given as text, with all that matched. Raises DomainError for text that is not a name."""
    wire = from_text(name)
    text = to_text(wire)
    verdict = decide(wire, text, type, client, bundle, now)
    mask = group_of(bundle, client).mask
    own = bundle.overlay.matches(text, client, now)
    matched = [match.rule for match in own]
    unused: list[RuleRef] = []
    if isinstance(verdict, Rewrite):
        matched.insert(0, verdict.rule)
    for winner in bundle.names.matches(text):
        rule = RuleRef(Tier.LISTS, winner.list, winner.text)
        (matched if mask >> winner.index & 1 else unused).append(rule)
    scopes = [Scope(match.strength[0]) for match in own]
    if isinstance(verdict, Rewrite):
        scopes.insert(0, Scope.EVERYONE)
    scopes += [Scope.EVERYONE] * (len(matched) - len(scopes))
    return Explanation(verdict, client, tuple(matched), tuple(unused), tuple(scopes))
