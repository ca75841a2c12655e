"""People's own rules and pauses: the small part of policy that is looked up by name and scope, without the lists."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from enum import IntEnum

from resolver.model import Client, RuleRef, Tier
from resolver.policy.document import OwnRule, Pause
from resolver.wire.name import suffixes

SOURCE = "rules"


class Match:
    """A rule or pause that applies to a question.

    `strength` orders matches inside a tier: scope (client 2, group 1, everyone 0), length of the name, allow over deny.
    """

    __slots__ = ("allow", "rule", "strength", "until")

    def __init__(self, rule: RuleRef, strength: tuple[int, int, bool], until: float) -> None:
        self.rule = rule
        self.strength = strength
        self.allow = strength[2]
        self.until = until


class Scope(IntEnum):
    """For whom a rule or pause is; the narrower wins."""

    EVERYONE = 0
    GROUP = 1
    CLIENT = 2


class Overlay:
    """Own rules by name, and pauses. Those with an end are tier 1, the others tier 3."""

    def __init__(self, rules: tuple[OwnRule, ...], pauses: tuple[Pause, ...]) -> None:
        self._rules: dict[str, list[OwnRule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.name, []).append(rule)
        self._pauses = [(pause, RuleRef(Tier.TEMPORARY, "pause", _end(pause.until))) for pause in pauses]
        self.personal = frozenset(filter(None, [*(rule.client for rule in rules), *(pause.client for pause in pauses)]))

    def matches(self, name: str, client: Client, now: float) -> list[Match]:
        """Every rule and pause in force for this name and client at `now` (Unix time), the winner first."""
        found = [*self._paused(client, now), *self._named(name, client, now)]
        found.sort(key=lambda match: (match.rule.tier, *(-part for part in match.strength)))
        return found

    def _named(self, name: str, client: Client, now: float) -> Iterator[Match]:
        if not self._rules:
            return
        for suffix in suffixes(name):
            for rule in self._rules.get(suffix, ()):
                if _concerns(rule, client) and (rule.until is None or rule.until > now):
                    tier = Tier.RULES if rule.until is None else Tier.TEMPORARY
                    strength = (_scope(rule), len(suffix), rule.action == "allow")
                    yield Match(
                        RuleRef(tier, SOURCE, str(rule)), strength, math.inf if rule.until is None else rule.until
                    )

    def _paused(self, client: Client, now: float) -> Iterator[Match]:
        for pause, rule in self._pauses:
            if pause.until > now and _concerns(pause, client):
                yield Match(rule, (_scope(pause), 0, True), pause.until)


def _end(until: float) -> str:
    """A pause's end for people, in local time."""
    try:
        return f"until {datetime.fromtimestamp(until).astimezone().isoformat(sep=' ', timespec='seconds')}"
    except (ValueError, OverflowError, OSError):  # beyond the calendar
        return "without an end"


def _concerns(item: OwnRule | Pause, client: Client) -> bool:
    return (not item.client or item.client == client.address) and (not item.group or item.group == client.group)


def _scope(item: OwnRule | Pause) -> Scope:
    return Scope.CLIENT if item.client else Scope.GROUP if item.group else Scope.EVERYONE
