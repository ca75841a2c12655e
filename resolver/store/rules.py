"""People's own rules, in the database. Every function takes the trail of the change that it is part of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from resolver.store import words
from resolver.store.tables import rules
from resolver.store.trail import Trail
from resolver.wire.name import suffixes


class NewRule(msgspec.Struct, frozen=True, gc=False):
    """A rule as it is asked for; the caller has validated all of it.

    `action` is "allow" or "deny". `name` means all below it too, unless `exact`. With a `text`, a line in the syntax of
    a list, that says what it matches, and `name` is only what it is mostly about (perhaps empty). An empty `client` (an
    address, or a device's name in small letters) and `group` mean everyone; `until` is Unix time, None for good.
    """

    action: str
    name: str
    client: str = ""
    group: str = ""
    until: float | None = None
    comment: str = ""
    origin: str = "api"
    exact: bool = False
    text: str = ""
    who: str = ""


class Rule(NewRule, frozen=True, kw_only=True, gc=False):
    """A rule that is stored."""

    id: int
    created: float

    @property
    def key(self) -> str:
        """What its hits are counted by."""
        return f"rule:{self.id}"

    def __str__(self) -> str:
        """As it is written in a config."""
        return f"{self.action} {'exact ' if self.exact else ''}{self.text or self.name}"


class Added(msgspec.Struct, frozen=True):
    """What adding a rule came to: the rule that now holds, whether it is new, and those that gave way to it. One that
    is not new may be a broader one, that already says the same of this name."""

    rule: Rule
    created: bool
    replaced: tuple[Rule, ...] = ()


def add(trail: Trail, news: Iterable[NewRule]) -> list[Added]:
    """Add each rule, unless one says the same and holds at least as long: of the same name, or, of those without an
    end, a broader one of the same scope between which and this name nothing says the opposite.

    For the same name and scope it takes the place of a rule with the opposite action, and of one that ends sooner; one
    for a name and all below it, also of those for that name alone. But a rule with an end is an exception to one
    without, and leaves that as it is.
    """
    standing = _Standing([Rule(**row) for row in trail.rows(rules)])
    return [_add(trail, standing, new) for new in news]


def delete(trail: Trail, ids: Iterable[int]) -> list[Rule]:
    """Delete the rules of these ids; returns those that were in force."""
    found = [row for id in ids if (row := trail.row(rules, id)) is not None]
    for row in found:
        trail.delete(rules, row)
    return [Rule(**row) for row in found]


def told(found: Sequence[NewRule], now: float) -> str:
    """Rules in words, the first of many by its own."""
    first = found[0]
    text = words.row("rules", msgspec.structs.asdict(first)) + words.lasting(first.until, now)
    return text if len(found) == 1 else f"{text}, and {len(found) - 1} more rules"


class _Standing:
    """The rules in force, by what they are about."""

    def __init__(self, found: Iterable[Rule]) -> None:
        self._named: dict[tuple[str, str, str], list[Rule]] = {}
        self._texts: dict[tuple[str, str, str], list[Rule]] = {}
        for rule in found:
            self.put(rule)

    def put(self, rule: Rule) -> None:
        self._named.setdefault((rule.client, rule.group, rule.name), []).append(rule)
        if rule.text:
            self._texts.setdefault((rule.client, rule.group, rule.text), []).append(rule)

    def drop(self, rule: Rule) -> None:
        self._named[rule.client, rule.group, rule.name].remove(rule)
        if rule.text:
            self._texts[rule.client, rule.group, rule.text].remove(rule)

    def same(self, new: NewRule) -> list[Rule]:
        """Those of the same scope and line; or name, and then no broader than the new one."""
        if new.text:
            return list(self._texts.get((new.client, new.group, new.text), ()))
        named = self._named.get((new.client, new.group, new.name), ())
        return [rule for rule in named if not rule.text and (rule.exact or not new.exact)]

    def covering(self, new: NewRule) -> Rule | None:
        """A broader rule without an end that says what a new one would say."""
        if new.until is not None or new.text:
            return None
        for suffix in suffixes(new.name):
            own = suffix == new.name
            here = [rule for rule in self._named.get((new.client, new.group, suffix), ()) if rule.until is None]
            if any(rule.action != new.action and (own or not rule.exact) for rule in here):
                return None
            for rule in here:
                if rule.action == new.action and not rule.exact and not rule.text:
                    return rule
        return None


def _add(trail: Trail, standing: _Standing, new: NewRule) -> Added:
    same = standing.same(new)
    holding = next((rule for rule in same if _holds(rule, new)), None) or standing.covering(new)
    if holding is not None:
        return Added(holding, created=False)
    gone = tuple(rule for rule in same if _gives_way(rule, new))
    for rule in gone:
        trail.delete(rules, msgspec.structs.asdict(rule))
        standing.drop(rule)
    row = trail.insert(rules, {**msgspec.structs.asdict(new), "created": trail.now})
    standing.put(rule := Rule(**row))
    return Added(rule, created=True, replaced=gone)


def _holds(rule: Rule, new: NewRule) -> bool:
    """Whether a rule makes a new one needless. One with an end outranks schedules, one without does not, so neither
    stands for the other."""
    if rule.action != new.action or rule.exact != new.exact:
        return False
    if rule.until is None or new.until is None:
        return rule.until is new.until
    return rule.until >= new.until


def _gives_way(rule: Rule, new: NewRule) -> bool:
    if rule.until is None:
        return new.until is None
    if rule.action != new.action:
        return True
    return new.until is not None and rule.until <= new.until
