"""What a list would do if it were in use: which of its names are new, and which queries of the log would have been
answered otherwise. Everything here blocks, some of it for seconds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

from resolver.admin.bodies import Count
from resolver.admin.listbodies import Affected, Effect, Overlap
from resolver.config.leaves import is_address
from resolver.model import Allow, Block, Client, Pass, Tier, Type
from resolver.policy.bundle import Bundle
from resolver.policy.clients import DEFAULT
from resolver.policy.decide import Moment, decide, group_of, judge
from resolver.rules.ruleset import RuleSet, Winner
from resolver.store.insight import Decided, Insight, Passed
from resolver.wire.name import from_text

LOOKED_INTO = 2_000
"""Names that are looked into device by device: those asked most."""

SHOWN = 200
DEVICES = 10

_NOBODY = Client("", DEFAULT)

R = TypeVar("R", Passed, Decided)


class Bench:
    """A list on trial, beside the policy in force at a Unix time."""

    def __init__(self, trial: RuleSet, bundle: Bundle, now: float, addresses: Iterable[str] = ()) -> None:
        """`trial` holds this one list, as its list 0; `addresses` are of clients, whom its rules may name."""
        self._trial = trial
        self._bundle = bundle
        self._now = now
        self._clients: dict[str, Client] = {"": _NOBODY}
        alike = {trial.signature(client): client for client in map(self._who, addresses)}
        self._samples = (_NOBODY, *alike.values())

    def overlap(self, *, allows: bool) -> tuple[int, list[Overlap]]:
        """How many of the names that it blocks (or `allows`) no list in use does, and who does the others. A list that
        has a rule for a longer stretch of names has the name too."""
        names, entries = self._bundle.names, self._bundle.document.lists
        used = _places(group.mask | group.shadow for group in self._bundle.groups.values())
        every = (1 << len(entries)) - 1
        new, held = 0, Counter[int]()
        for owner, facts in self._trial.items():
            forms = [fact.form for fact in facts if fact.action.allows is allows]
            if forms:
                name = owner if any(form.at for form in forms) else f"x.{owner}"  # of subdomains one stands for all
                found = names.matches(name, every, Type.A, _NOBODY)
                holders = {one.index for one in found if one.action.allows is allows and not one.void} & used
                held.update(holders)
                new += not holders
        return new, [Overlap(entries[index].id, count) for index, count in held.most_common()]

    def blocks(self, insight: Insight, since: float) -> Effect:
        """What was answered since, and would be blocked, or answered by the list. Raises StoreError."""
        return self._effect(
            insight.passed(since), lambda names: insight.passed(since, names), self._may_block, self._would_block
        )

    def allows(self, insight: Insight, since: float) -> Effect:
        """What was blocked since, and would be allowed. Raises StoreError."""
        return self._effect(
            insight.decided(since), lambda names: insight.decided(since, names), self._may_allow, self._would_allow
        )

    def _effect(
        self,
        rows: Iterable[R],
        details: Callable[[list[str]], Iterable[R]],
        may: Callable[[R], bool],
        would: Callable[[R], str],
    ) -> Effect:
        """First which names it can be about, then what becomes of each, device by device."""
        asked = Counter[str]()
        for row in rows:
            if may(row):
                asked[row.name] += row.count
        names = [name for name, _ in asked.most_common(LOOKED_INTO)]
        devices: defaultdict[str, Counter[str]] = defaultdict(Counter)
        rules: dict[str, str] = {}
        for row in details(names):
            if rule := would(row):
                devices[row.name][row.client] += row.count
                rules.setdefault(row.name, rule)
        totals = Counter({name: counts.total() for name, counts in devices.items()})
        shown = [_affected(name, rules[name], devices[name]) for name, _ in totals.most_common(SHOWN)]
        return Effect(len(totals), totals.total(), shown, len(asked) - len(names))

    def _may_block(self, row: Passed) -> bool:
        return any(not one.action.allows for one in self._ours(row.name, row.type))

    def _would_block(self, row: Passed) -> str:
        """The rule that would block it, or answer it; "" for none."""
        client = self._who(row.client)
        ours = self._trial.winner(row.name, 1, row.type, client)
        if ours is None or ours.action.allows:
            return ""
        match decide(from_text(row.name), row.name, row.type, client, self._bundle, self._now):
            case Pass():
                return ours.text
            case Allow(rule) if rule.tier == Tier.LISTS and self._outranks(ours, row.name, row.type, client):
                return ours.text
        return ""

    def _may_allow(self, row: Decided) -> bool:
        found = [*self._ours(row.name, row.type), *(self._ours(row.via, Type.CNAME) if row.via else ())]
        return row.verdict == "block" and any(one.action.allows for one in found)

    def _would_allow(self, row: Decided) -> str:
        """The rule that would allow it; "" for none. A name that a rule allows is not undone by its aliases."""
        client, subject = self._who(row.client), row.via or row.name
        type = Type.CNAME if row.via else row.type
        verdict = judge(from_text(subject), subject, type, Moment(client, self._bundle, self._now), row.type)
        if row.verdict != "block" or not isinstance(verdict, Block) or verdict.rule.tier != Tier.LISTS:
            return ""
        ours = self._trial.winner(row.name, 1, row.type, client)
        if ours is not None and ours.action.allows and (row.via or self._outranks(ours, subject, type, client)):
            return ours.text
        ours = self._trial.winner(subject, 1, type, client)
        if ours is not None and ours.action.allows and self._outranks(ours, subject, type, client):
            return ours.text
        return ""

    def _ours(self, name: str, type: int) -> list[Winner]:
        """The rules of the list that may decide about a name: those for one of each kind of client."""
        found = [self._trial.winner(name, 1, type, client) for client in self._samples]
        return [one for one in found if one is not None]

    def _outranks(self, ours: Winner, name: str, type: int, client: Client) -> bool:
        """Whether it is stronger than the rule of the lists in force that decides now."""
        mask = group_of(self._bundle, client).mask
        theirs = self._bundle.names.winner(name, mask, type, client)
        return theirs is None or ours.action < theirs.action

    def _who(self, address: str) -> Client:
        known = self._clients.get(address)
        if known is None:
            who = self._bundle.identify(address) if is_address(address) else _NOBODY  # whom privacy made of it
            known = self._clients[address] = who
        return known


def _affected(name: str, rule: str, devices: Counter[str]) -> Affected:
    first = [Count(client, count) for client, count in devices.most_common(DEVICES)]
    return Affected(name, rule, devices.total(), first, len(devices) - len(first))


def _places(masks: Iterable[int]) -> set[int]:
    every = 0
    for mask in masks:
        every |= mask
    return {place for place in range(every.bit_length()) if every >> place & 1}
