"""Tier 2: what the schedules of a group say, hour by hour. Looked up in O(1) between two edges.

Inside the tier names outrank lists, and lists outrank `only`; of names the longest wins, and at equal length the one
that is allowed. Where several schedules are in force their names count together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from resolver.model import Client, RuleRef, Tier
from resolver.policy.document import Document, ScheduleEntry
from resolver.policy.hours import Hours
from resolver.rules.ruleset import RuleSet
from resolver.wire.name import suffixes

SOURCE = "schedules"


class Said(msgspec.Struct, frozen=True):
    """What a schedule says of a name: that it is allowed, or that it is not."""

    rule: RuleRef
    allow: bool


class Schedule(msgspec.Struct, frozen=True):
    """A schedule ready for questions: names → whether they are allowed, the lists that it blocks as a bit mask, and
    whether nothing else answers."""

    name: str
    hours: Hours
    names: Mapping[str, bool]
    mask: int
    only: bool


def timetables(document: Document, bits: Mapping[str, int]) -> dict[str, Timetable]:
    """The timetables of the groups that have schedules; `bits` are those of live lists, by id. Raises ValueError."""
    services = {service.id: service.names for service in document.services}
    known = {entry.name: _schedule(entry, services, bits) for entry in document.schedules}
    found = {}
    for group in document.groups:
        if unknown := set(group.schedules) - known.keys():
            raise ValueError(f"group {group.name} has schedules that do not exist: {', '.join(sorted(unknown))}")
        if group.schedules:
            found[group.name] = Timetable(known[name] for name in group.schedules)
    return found


def _schedule(entry: ScheduleEntry, services: Mapping[str, Iterable[str]], bits: Mapping[str, int]) -> Schedule:
    names = {name: False for id in entry.services for name in services.get(id, ())}
    names |= dict.fromkeys(entry.block, False) | dict.fromkeys((*(entry.only or ()), *entry.allow), True)
    mask = sum({bits[id] for id in entry.lists if id in bits})
    return Schedule(entry.name, Hours(entry), names, mask, entry.only is not None)


class InForce:
    """The schedules that are in force from `since` until just before `until` (Unix times)."""

    def __init__(self, since: float, until: float, running: Iterable[tuple[Schedule, RuleRef]]) -> None:
        self.since = since
        self.until = until
        self._running = tuple(running)
        self._names: dict[str, Said] = {}
        for one, rule in self._running:
            for name, allow in one.names.items():
                before = self._names.get(name)
                if before is None or (allow and not before.allow):
                    self._names[name] = Said(rule, allow)

    def about(
        self, name: str, type: int, client: Client, lists: RuleSet, basics: frozenset[str], *, inside: bool
    ) -> Said | None:
        """What is said of a name (text form), None if nothing. `inside` an answer `only` has no say: the question had
        to pass it already, and what a name leads to has other names."""
        if not self._running:
            return None
        for suffix in suffixes(name):
            said = self._names.get(suffix)
            if said is not None:
                return said
        closed: Said | None = None
        for one, rule in self._running:
            if one.mask and _blocks(one.mask, name, type, client, lists):
                return Said(rule, allow=False)
            if one.only and closed is None:
                closed = Said(rule, allow=False)
        return None if inside or closed is None or not basics.isdisjoint(suffixes(name)) else closed

    def matches(
        self, name: str, type: int, client: Client, lists: RuleSet, basics: frozenset[str]
    ) -> Iterator[RuleRef]:
        """The rule of every schedule that has a say about a name, the one that decides first."""
        said = self.about(name, type, client, lists, basics, inside=False)
        if said is not None:
            yield said.rule
        spared = not basics.isdisjoint(suffixes(name))
        for one, rule in self._running:
            named = not one.names.keys().isdisjoint(suffixes(name))
            listed = bool(one.mask) and _blocks(one.mask, name, type, client, lists)
            if (named or listed or (one.only and not spared)) and (said is None or rule != said.rule):
                yield rule


class Timetable:
    """The schedules of one group. Between two edges the same InForce is given again: it depends on nothing but them
    and the time, so that keeping it changes no decision."""

    def __init__(self, schedules: Iterable[Schedule]) -> None:
        self._schedules = tuple(schedules)
        self._known = InForce(0.0, 0.0, ())

    def at(self, now: float) -> InForce:
        """What is in force at `now` (Unix time)."""
        known = self._known
        if known.since <= now < known.until:
            return known
        running, ends = [], []
        for one in self._schedules:
            inside, until = one.hours.at(now)
            ends.append(until)
            if inside:
                end = one.hours.end(until)
                comma = "," if end == "always" else ""
                running.append((one, RuleRef(Tier.SCHEDULE, SOURCE, f"{one.name}{comma} {end}")))
        self._known = found = InForce(now, min(ends), running)
        return found


def _blocks(mask: int, name: str, type: int, client: Client, lists: RuleSet) -> bool:
    winner = lists.winner(name, mask, type, client)
    return winner is not None and winner.action.blocks
