"""Tier 2: what the schedules of a group say, hour by hour. Looked up in O(1) between two edges.

Inside the tier names outrank lists, and lists outrank `only`; of names the longest wins, and at equal length the one
that is allowed. Where several schedules are in force their names count together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from resolver.model import Client, RuleRef, Tier
from resolver.policy.document import Change, Document, ScheduleEntry
from resolver.policy.hours import Hours
from resolver.policy.overriding import Overridden, State
from resolver.rules.ruleset import RuleSet
from resolver.wire.name import suffixes

SOURCE = "schedules"


_ALWAYS = ", always"


def schedule_of(rule: RuleRef) -> str:
    """The name of the schedule that a rule of this tier, which is in force, comes from."""
    if rule.text.endswith(_ALWAYS):
        return rule.text.removesuffix(_ALWAYS)
    return rule.text.rpartition(" until ")[0]


class Asked(NamedTuple):
    """What schedules are asked about: a name (text form) and RR type, who asks, the lists, and the names that `only`
    spares."""

    name: str
    type: int
    client: Client
    lists: RuleSet
    basics: frozenset[str]

    @property
    def spared(self) -> bool:
        return not self.basics.isdisjoint(suffixes(self.name))

    def listed(self, mask: int) -> bool:
        """Whether lists of a mask block it."""
        winner = self.lists.winner(self.name, mask, self.type, self.client) if mask else None
        return winner is not None and winner.action.blocks


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

    def speaks(self, asked: Asked) -> bool:
        """Whether it has a say about a name when it is in force."""
        named = not self.names.keys().isdisjoint(suffixes(asked.name))
        return named or asked.listed(self.mask) or (self.only and not asked.spared)


class InForce:
    """The schedules that are in force from `since` until just before `until` (Unix times); `lifted` are those that
    would be if no change had taken them out."""

    def __init__(
        self,
        since: float,
        until: float,
        running: Iterable[tuple[Schedule, RuleRef]],
        lifted: Iterable[tuple[Schedule, RuleRef]] = (),
    ) -> None:
        self.since = since
        self.until = until
        self._running = tuple(running)
        self._lifted = tuple(lifted)
        self._names: dict[str, Said] = {}
        for one, rule in self._running:
            for name, allow in one.names.items():
                before = self._names.get(name)
                if before is None or (allow and not before.allow):
                    self._names[name] = Said(rule, allow)

    def about(self, asked: Asked, *, inside: bool) -> Said | None:
        """What is said of a name, None if nothing. `inside` an answer `only` has no say: the question had to pass it
        already, and what a name leads to has other names."""
        if not self._running:
            return None
        for suffix in suffixes(asked.name):
            said = self._names.get(suffix)
            if said is not None:
                return said
        closed: Said | None = None
        for one, rule in self._running:
            if asked.listed(one.mask):
                return Said(rule, allow=False)
            if one.only and closed is None:
                closed = Said(rule, allow=False)
        return None if inside or closed is None or asked.spared else closed

    def matches(self, asked: Asked) -> Iterator[RuleRef]:
        """The rule of every schedule that has a say about a name, the one that decides first."""
        said = self.about(asked, inside=False)
        if said is not None:
            yield said.rule
        for one, rule in self._running:
            if (said is None or rule != said.rule) and one.speaks(asked):
                yield rule

    def sparing(self, asked: Asked) -> Iterator[RuleRef]:
        """The rule of every schedule that would have a say, were the name not one of those that `only` spares."""
        return (rule for one, rule in self._running if one.only and asked.spared and not one.speaks(asked))

    def lifted(self, asked: Asked) -> Iterator[RuleRef]:
        """The rule of every schedule that would have a say, had no change taken it out: what is written of it instead
        is until when it is off."""
        return (rule for one, rule in self._lifted if one.speaks(asked))


class Timetable:
    """The schedules of one group or client. Between two edges the same InForce is given again: it depends on nothing
    but them and the time, so that keeping it changes no decision."""

    def __init__(self, schedules: Iterable[Schedule], changes: Iterable[Change] = ()) -> None:
        """`changes` are those that count here, the newest last."""
        by_name: dict[str, list[Change]] = {}
        for change in changes:
            by_name.setdefault(change.schedule, []).append(change)
        self._schedules = [(one, Overridden(one.hours, by_name.get(one.name, ()))) for one in schedules]
        self._known = InForce(0.0, 0.0, ())

    def at(self, now: float) -> InForce:
        """What is in force at `now` (Unix time)."""
        known = self._known
        if known.since <= now < known.until:
            return known
        running, lifted, ends = [], [], []
        for one, hours in self._schedules:
            state = hours.at(now)
            ends.append(state.until)
            if state.on:
                end = hours.said(state)
                comma = "," if end == "always" else ""
                running.append((one, RuleRef(Tier.SCHEDULE, SOURCE, f"{one.name}{comma} {end}")))
            elif state.change is not None:
                off = f"{one.name} is off {hours.said(state)}"
                lifted.append((one, RuleRef(Tier.SCHEDULE, SOURCE, off)))
        self._known = found = InForce(now, min(ends), running, lifted)
        return found

    def edges(self, now: float) -> Iterator[tuple[str, State]]:
        """How each schedule, by its name, stands at `now`."""
        return ((one.name, hours.at(now)) for one, hours in self._schedules)

    def edge(self, name: str, now: float) -> State | None:
        """How one of them stands at `now`; None where there is none of that name."""
        return next((hours.at(now) for one, hours in self._schedules if one.name == name), None)


class Timetables:
    """The timetables of every group that has schedules, and of those clients whose schedules were changed for them
    alone: `personal` are their addresses and names."""

    def __init__(self, document: Document, bits: Mapping[str, int]) -> None:
        """`bits` are those of live lists, by id. Raises ValueError."""
        services = {service.id: service.names for service in document.services}
        known = {entry.name: _schedule(entry, services, bits) for entry in document.schedules}
        self._changes = document.changes
        self._schedules: dict[str, tuple[Schedule, ...]] = {}
        for group in document.groups:
            if unknown := set(group.schedules) - known.keys():
                raise ValueError(f"group {group.name} has schedules that do not exist: {', '.join(sorted(unknown))}")
            if group.schedules:
                self._schedules[group.name] = tuple(known[name] for name in group.schedules)
        self.personal = frozenset(change.client for change in document.changes if change.client)
        self._known = {(group, "", ""): self._made(group, frozenset()) for group in self._schedules}

    def of(self, client: Client, group: str) -> Timetable | None:
        """The timetable of a client that is in this group; None when it has no schedules."""
        if group not in self._schedules:
            return None
        if not self.personal:
            return self._known[group, "", ""]
        who = [text if text in self.personal else "" for text in (client.address, client.device)]
        key = group, who[0], who[1]
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._made(group, frozenset(who))
        return known

    def _made(self, group: str, who: frozenset[str]) -> Timetable:
        own = [one for one in self._changes if one.client in who | {""} and one.group in {group, ""}]
        return Timetable(self._schedules[group], own)


def _schedule(entry: ScheduleEntry, services: Mapping[str, Iterable[str]], bits: Mapping[str, int]) -> Schedule:
    names = {name: False for id in entry.services for name in services.get(id, ())}
    names |= dict.fromkeys(entry.block, False) | dict.fromkeys((*(entry.only or ()), *entry.allow), True)
    mask = sum({bits[id] for id in entry.lists if id in bits})
    return Schedule(entry.name, Hours(entry), names, mask, entry.only is not None)
