"""What lists are good for: which queries each of them has a rule for, and what of it no other list has.

By the rules in force and the log. Everything here blocks, some of it for seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

import msgspec

from resolver.admin.listbodies import Overlap, Quality
from resolver.model import Client, Privacy, Type
from resolver.policy.bundle import Bundle
from resolver.policy.clients import DEFAULT
from resolver.store.insight import Allowing, Decided, Insight
from resolver.store.rules import Rule

DAYS = 7
"""How far back the log is looked at."""

MOST_RULES = 500
"""How many of people's rules are looked at, the newest first."""

_OVERLAPS = 5
_MOSTLY = 90  # per cent of a list's names that another has: without a hit of its own, it adds nothing
_WHOLLY = 98  # and of a list of whose hits nothing is known
_ENOUGH = 200  # queries that met a rule, before "no hit" means anything

_NOBODY = Client("", DEFAULT)

Addresses = Callable[[str], tuple[str, ...]]


def nameless(privacy: Privacy) -> str:
    """Why the log knows no names; "" when it does."""
    return f"the log keeps no names (log.privacy is {privacy})" if privacy in {"no-name", "off"} else ""


class Seen(msgspec.Struct, frozen=True):
    """What the log has: what met a rule, and of that what people allowed afterwards."""

    decided: list[Decided]
    righted: list[Decided]


def look(insight: Insight, rules: Iterable[Rule], since: float, addresses: Addresses) -> Seen:
    """What the log has since a Unix time; `addresses` gives those of the client of a rule. Raises StoreError."""
    # A rule for all of "com" is no verdict on a list, and would be a look at half the log.
    allowing = [rule for rule in rules if rule.action == "allow" and rule.created > since and "." in rule.name]
    latest = sorted(allowing, key=lambda rule: -rule.created)[:MOST_RULES]
    asked = [
        Allowing(rule.name, rule.created, addresses(rule.client) if rule.client else None, rule.group)
        for rule in latest
    ]
    righted: dict[tuple[str, int, str, str], Decided] = {}
    for one in chain.from_iterable(insight.before(asked, since)):
        key = (one.name, one.type, one.via, one.source)
        if key not in righted or righted[key].count < one.count:  # two rules may put the same thing right
            righted[key] = one
    return Seen(insight.decided(since), list(righted.values()))


def measure(bundle: Bundle, seen: Seen | None, since: float, unknown: str = "") -> dict[str, Quality]:
    """The quality of every list in a bundle, by id. Without `seen` hits are not known, and `unknown` says why."""
    lists = _Lists(bundle)
    hits, own, later = Counter[int](), Counter[int](), Counter[int]()
    for one in seen.decided if seen else ():
        holders = lists.holders(one)
        for list in holders:
            hits[list] += one.count
            if not (holders - {list}) & lists.live:
                own[list] += one.count
    for one in seen.righted if seen else ():
        later.update(dict.fromkeys(lists.holders(one), one.count))
    enough = seen is not None and sum(one.count for one in seen.decided) >= _ENOUGH
    found = {}
    for index, overlaps in lists.overlaps().items():
        advice = lists.advice(index, overlaps, own[index] if enough else None)
        shown = [Overlap(lists.ids[other], names) for other, names in overlaps[:_OVERLAPS]]
        found[lists.ids[index]] = Quality(
            since,
            hits=hits[index] if seen else None,
            own=own[index] if seen else None,
            allowed_later=later[index] if seen else None,
            overlaps=shown,
            advice=advice,
            unknown=unknown,
        )
    return found


class _Lists:
    """The lists of a bundle, by index. `live` are those that some group uses and that block or allow."""

    def __init__(self, bundle: Bundle) -> None:
        entries = bundle.document.lists
        self.ids = [entry.id for entry in entries]
        self.kinds = [entry.kind for entry in entries]
        self.live = frozenset(_places(group.mask for group in bundle.groups.values()))
        self._shadow = frozenset(_places(group.shadow for group in bundle.groups.values()))
        self._places = {id: place for place, id in enumerate(self.ids)}
        self._groups = [group.mask | group.shadow for group in bundle.groups.values()]
        self._live_in = [group.mask for group in bundle.groups.values()]
        self._names = bundle.names
        self._every = (1 << len(entries)) - 1
        self._known: dict[tuple[str, int], tuple[frozenset[int], frozenset[int]]] = {}

    def holders(self, one: Decided) -> frozenset[int]:
        """The lists that have a rule by which it could have been decided as it was. One that has decided it is among
        them even if that rule is gone since."""
        blocking, allowing = self._rules_for(one.name, one.type)
        if one.via:
            more = self._rules_for(one.via, Type.CNAME)
            blocking, allowing = blocking | more[0], allowing | more[1]
        source = frozenset(_there(self._places.get(one.source)))
        if one.verdict == "block" or (one.verdict == "rewrite" and source):
            return blocking | source
        if one.shadow:
            return (blocking & self._shadow) | frozenset(_there(self._places.get(one.shadow.partition(":")[0])))
        if one.verdict == "allow":
            return frozenset(list for list in allowing | source if self.kinds[list] == "allow")
        return frozenset()

    def overlaps(self) -> dict[int, list[tuple[int, int]]]:
        """For each list the others in use that have names of it, and how many, most first."""
        shared = {index: Counter[int]() for index in range(len(self.ids))}
        for lists, names in self._names.counts().items():
            for index in lists:
                for other in (lists - {index}) & (self.live | self._shadow):
                    shared[index][other] += names
        return {index: others.most_common() for index, others in shared.items()}

    def advice(self, index: int, overlaps: list[tuple[int, int]], own: int | None) -> str:
        """What to say of a list that adds nothing; "" for one that does. `own` is None when it is not known."""
        if own or index not in self.live | self._shadow:
            return ""
        sizes = self._sizes()
        for other, names in overlaps:
            share = 100 * names // sizes[index]
            if share < (_WHOLLY if own is None else _MOSTLY):
                return ""
            if self._stands_for(other, index, sizes):
                adds = "would add" if index in self._shadow else "adds"
                hits = "" if own is None else f", and no hit in {DAYS} days was its own"
                return f"{adds} almost nothing to {self.ids[other]}: {share} % of its names are there{hits}"
        return ""

    def _stands_for(self, other: int, index: int, sizes: Mapping[int, int]) -> bool:
        """Whether a list could stand in for one: it is live for everyone who uses that, of its kind, and larger, so
        that of two that are alike only one is thought needless."""
        everywhere = all(
            live >> other & 1 for used, live in zip(self._groups, self._live_in, strict=True) if used >> index & 1
        )
        larger = (sizes[other], -other) > (sizes[index], -index)
        return everywhere and larger and self.kinds[other] == self.kinds[index]

    def _sizes(self) -> Counter[int]:
        sizes = Counter[int]()
        for lists, names in self._names.counts().items():
            sizes.update(dict.fromkeys(lists, names))
        return sizes

    def _rules_for(self, name: str, type: int) -> tuple[frozenset[int], frozenset[int]]:
        """The lists that are against a name, and those that allow it: each by the strongest of its rules."""
        known = self._known.get((name, type))
        if known is None:
            found = [one for one in self._names.matches(name, self._every, type, _NOBODY) if not one.void]
            strongest = {one.index: one.action for one in reversed(found)}
            allowing = frozenset(index for index, action in strongest.items() if action.allows)
            known = self._known[name, type] = (frozenset(strongest) - allowing, allowing)
        return known


def _places(masks: Iterable[int]) -> Iterator[int]:
    for mask in masks:
        for place in range(mask.bit_length()):
            if mask >> place & 1:
                yield place


def _there(place: int | None) -> Iterator[int]:
    if place is not None:
        yield place
