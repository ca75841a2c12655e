"""People's own rules and pauses: the small part of policy that is looked up by name and scope, without the lists."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import IntEnum

from resolver.model import Client, RuleRef, Tier
from resolver.policy.document import OwnRule, Pause
from resolver.rules.own import Line
from resolver.rules.ruleset import RuleSet, Winner
from resolver.wire.name import suffixes

SOURCE = "rules"

BRIEFLY = 10.0
"""Seconds for which what is allowed on trial may be remembered."""


class Scope(IntEnum):
    """For whom a rule or pause is; the narrower wins."""

    EVERYONE = 0
    GROUP = 1
    CLIENT = 2


class Match:
    """A rule or pause that applies to a question; `winner` is what its line of a list says, if it is one.

    `strength` orders matches inside a tier: scope (client 2, group 1, everyone 0), length of the name (0 for a
    pattern), allow over deny. `trial`: it may be over at any moment.
    """

    __slots__ = ("allow", "rule", "strength", "trial", "until", "winner")

    def __init__(
        self,
        rule: RuleRef,
        strength: tuple[int, int, bool],
        until: float,
        winner: Winner | None = None,
        *,
        trial: bool = False,
    ) -> None:
        self.rule = rule
        self.strength = strength
        self.allow = strength[2]
        self.until = until
        self.winner = winner
        self.trial = trial

    def known(self, now: float) -> float:
        """Until when (Unix time) it can be known at `now` to hold."""
        return min(self.until, now + BRIEFLY) if self.trial else self.until


_Key = tuple[str, str]  # client and group
_Scoped = dict[_Key, list[OwnRule]]


def lines_of(rules: Iterable[OwnRule]) -> tuple[Line, ...]:
    """The different lines among rules, each with its action. Compiled, each is a list by its place here: where there is
    no room for all, it is the last ones that have none."""
    return tuple(dict.fromkeys((rule.action, rule.text) for rule in rules if rule.text))


class Overlay:
    """Own rules by name, those that are lines of lists, and pauses. Those with an end are tier 1, the others tier 3."""

    def __init__(self, rules: tuple[OwnRule, ...], pauses: tuple[Pause, ...], lines: RuleSet | None = None) -> None:
        """`lines` are the compiled `lines_of` the rules; None when there are none."""
        self._named: dict[str, dict[_Key, list[Match]]] = {}
        self._exact: dict[str, dict[_Key, list[Match]]] = {}
        self._lines = lines
        self._written: list[_Scoped] = [{} for _ in lines_of(rules)]
        places = {line: place for place, line in enumerate(lines_of(rules))}
        for rule in rules:
            if rule.text:
                self._written[places[rule.action, rule.text]].setdefault((rule.client, rule.group), []).append(rule)
            else:
                names = self._exact if rule.exact else self._named
                found = names.setdefault(rule.name, {}).setdefault((rule.client, rule.group), [])
                found.append(_match(rule, len(rule.name)))
        self._pauses: dict[_Key, list[Match]] = {}
        for pause in pauses:
            ref = RuleRef(Tier.TEMPORARY, "pause", _end(pause.until))
            match = Match(ref, (_scope(pause), 0, True), pause.until)
            self._pauses.setdefault((pause.client, pause.group), []).append(match)
        self.personal = frozenset(filter(None, [*(rule.client for rule in rules), *(pause.client for pause in pauses)]))
        self.has_networks = lines is not None and lines.has_networks

    def matches(self, name: str, type: int, client: Client, now: float) -> list[Match]:
        """Every rule and pause in force for this name and client at `now` (Unix time), the winner first."""
        found = [match for match in self.every(name, type, client) if match.until > now]
        if len(found) > 1:
            found.sort(key=rank)
        return found

    def every(self, name: str, type: int, client: Client) -> Iterator[Match]:
        """The same, also those that have ended, in no order."""
        if self._pauses:
            yield from _of(self._pauses, client)
        exact = self._exact.get(name)
        if exact is not None:
            yield from _of(exact, client)
        if self._named:
            for suffix in suffixes(name):
                named = self._named.get(suffix)
                if named is not None:
                    yield from _of(named, client)
        if self._lines is not None:
            yield from self._meant(self._lines.every(name, type, client), client)

    def around(self, packed: bytes, type: int, client: Client, now: float) -> list[Match]:
        """Every rule in force for this client about an address (4 or 16 bytes) in a record, the winner first."""
        if self._lines is None:
            return []
        every = self._meant(self._lines.every_around(packed, type, client), client)
        return sorted((match for match in every if match.until > now), key=rank)

    def _meant(self, found: Iterable[tuple[Winner, int]], client: Client) -> Iterator[Match]:
        for winner, length in found:
            scoped = self._written[winner.index]
            for key in _keys(client):
                for rule in scoped.get(key, ()):
                    yield _match(rule, length, winner)


def _keys(client: Client) -> Iterator[_Key]:
    """The scopes that a client is in, as rules name them."""
    if client.address:
        yield client.address, ""
        yield client.address, client.group
    if client.device:
        yield client.device, ""
        yield client.device, client.group
    yield "", client.group
    yield "", ""


def _of(scoped: dict[_Key, list[Match]], client: Client) -> Iterator[Match]:
    for key in _keys(client):
        found = scoped.get(key)
        if found is not None:
            yield from found


def _match(rule: OwnRule, length: int, winner: Winner | None = None) -> Match:
    tier = Tier.RULES if rule.until is None else Tier.TEMPORARY
    ref = RuleRef(tier, SOURCE, str(rule), rule.key)
    strength = (_scope(rule), length, rule.action == "allow")
    until = math.inf if rule.until is None else rule.until
    return Match(ref, strength, until, winner, trial=rule.origin == "trial")


def rank(match: Match) -> tuple[int, ...]:
    """Sorts in order of precedence."""
    return match.rule.tier, *(-part for part in match.strength)


def _end(until: float) -> str:
    """A pause's end for people, in local time."""
    try:
        return f"until {datetime.fromtimestamp(until).astimezone().isoformat(sep=' ', timespec='seconds')}"
    except (ValueError, OverflowError, OSError):  # beyond the calendar
        return "without an end"


def _scope(item: OwnRule | Pause) -> Scope:
    return Scope.CLIENT if item.client else Scope.GROUP if item.group else Scope.EVERYONE
