"""In words: why a rule that matched did not win."""

from __future__ import annotations

import msgspec

from resolver.model import RuleRef, Tier
from resolver.policy.overlay import Scope
from resolver.rules.rule import Action
from resolver.rules.ruleset import Winner


class Candidate(msgspec.Struct, frozen=True):
    """A rule that matched, and what there is to compare it by: its strength inside its tier (`overlay.Match`), or what
    a list says. `lost` says why it could not win in any case."""

    rule: RuleRef
    scope: Scope
    strength: tuple[int, int, bool] | None = None
    winner: Winner | None = None
    lost: str = ""

    @classmethod
    def of_list(cls, winner: Winner, rule: RuleRef) -> Candidate:
        return cls(rule, Scope.EVERYONE, winner=winner, lost=_void(winner) if winner.void else "")


_COMES_FIRST = {
    Tier.LOCAL: "a name of Lull's own, or a local record,",
    Tier.TEMPORARY: "what holds for a time",
    Tier.SCHEDULE: "the schedule",
    Tier.RULES: "a rule of your own",
    Tier.SITES: "the site rule",
    Tier.SERVICES: "the rule about a service",
    Tier.LISTS: "a list",
    Tier.DEFAULT: "the group's default",
}
_STRONGER = {
    Action.TRUST: "an allow list comes first",
    Action.REWRITE: "a rule that rewrites comes first",
    Action.EXCEPT: "an exception comes first",
    Action.ALLOW_IMPORTANT: "an $important exception comes first",
    Action.BLOCK_IMPORTANT: "an $important rule comes first",
    Action.ALLOW: "an exception (@@) comes first",
    Action.EXEMPT: "an exception of a list comes first",
    Action.BLOCK: "a rule that blocks comes first",
}
_NARROWER = {Scope.CLIENT: "this device", Scope.GROUP: "this group", Scope.EVERYONE: "everyone"}


def reason(loser: Candidate, winner: Candidate | None) -> str:
    """Why a candidate did not win against the one that did; None where nothing did."""
    if loser.lost:
        return loser.lost
    if winner is None:
        return "this name is never blocked"
    ours, theirs = loser.rule.tier, winner.rule.tier
    if theirs < ours:
        return f"{_COMES_FIRST[Tier(theirs)]} comes first (tier {theirs} before {ours})"
    if loser.strength is not None and winner.strength is not None:
        return _weaker(loser.strength, winner.strength, loser.scope, winner.scope)
    if loser.winner is not None and winner.winner is not None:
        return _of_lists(loser.winner, winner.winner)
    return "another schedule comes first" if ours == Tier.SCHEDULE else "another of its kind comes first"


def _weaker(ours: tuple[int, int, bool], theirs: tuple[int, int, bool], scope: Scope, winning: Scope) -> str:
    if scope != winning:
        return f"a rule for {_NARROWER[winning]} comes first"
    if ours[1] != theirs[1]:
        return "a rule for a longer name comes first"
    return "allow wins over deny of the same name" if theirs[2] and not ours[2] else "an equal rule comes first"


def _of_lists(ours: Winner, theirs: Winner) -> str:
    if ours.action != theirs.action:
        return _STRONGER[theirs.action]
    if len(ours.owner) != len(theirs.owner):
        return "a rule for a longer name comes first"
    return "a list before it says so too" if ours.index != theirs.index else "another rule of the same list comes first"


def _void(winner: Winner) -> str:
    """Why a rule of a list has no effect, as its lists settle it among themselves (`rules.settle`)."""
    match winner.action:
        case Action.EXCEPT:
            return "it only takes rewrites away"
        case Action.REWRITE:
            return "an exception takes it away"
        case Action.EXEMPT:
            return "the same list blocks a longer name"
        case _:
            return "an exception of the same list takes it away"
