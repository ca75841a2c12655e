"""The facts of a compiled set, made ready to be asked: which count at an owner and which below it, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resolver.rules.cancel import unless
from resolver.rules.conditions import Condition, Conditions
from resolver.rules.fact import Fact
from resolver.rules.files import PAGE
from resolver.rules.rule import Options

Entry = tuple[int, Fact, Condition | None]
"""The bit of a rule's list, the rule, and its condition; None when it always holds, as for nearly all."""


class Reader:
    """Packed facts → entries. Equal ones are made once, as the sets share most of them."""

    def __init__(self, lists: int, options: list[Options]) -> None:
        """`lists` is the number of lists, `options` the table of options."""
        self._lists = lists
        self._most = len(options)
        self._facts: dict[int, Fact] = {}
        self._entries: dict[tuple[Fact, int], Entry] = {}
        self.conditions = Conditions(options)

    def facts(self, packed: Iterable[int]) -> list[Fact]:
        """The facts. Raises ValueError for one that no table writes."""
        return [self._facts.get(one) or self._fact(one) for one in packed]

    def _fact(self, packed: int) -> Fact:
        fact = self._facts[packed] = Fact.unpack(packed)
        if not 0 <= fact.index < self._lists:
            raise ValueError(f"it speaks of list {fact.index} of {self._lists}")
        if fact.options > self._most:
            raise ValueError(f"it speaks of options {fact.options} of {self._most}")
        return fact

    def entries(self, facts: Sequence[Fact]) -> tuple[Entry, ...]:
        """The rules among the facts beside one owner, strongest first."""
        masks = unless(facts) if any(fact.cancels for fact in facts) else dict.fromkeys(facts, 0)
        return tuple(self._entry(fact, masks[fact]) for fact in sorted(masks, key=_precedence))

    def _entry(self, fact: Fact, mask: int) -> Entry:
        known = self._entries.get((fact, mask))
        if known is None:
            known = self._entries[fact, mask] = 1 << fact.index, fact, self.conditions.of(fact.options, mask)
        return known


class Entries:
    """Entries by set id: `at` those that count for the owner itself, `below` those that count below it, and `inside`
    those that count for every address of the owner, when it is a network. `facts` are the rules as they were put in."""

    def __init__(self, sets: Sequence[Sequence[int]], reader: Reader) -> None:
        self.facts: list[tuple[Fact, ...]] = []
        self.at: list[tuple[Entry, ...]] = []
        self.below: list[tuple[Entry, ...]] = []
        self.inside: list[tuple[Entry, ...]] = []
        for packed in (*sets, *[()] * (-len(sets) % PAGE)):  # what else the ids may speak of
            facts = reader.facts(packed)
            entries = reader.entries(facts)
            self.facts.append(tuple(sorted(fact for fact in facts if not fact.cancels)))
            self.inside.append(entries)
            self.at.append(tuple(entry for entry in entries if entry[1].form.at))
            self.below.append(tuple(entry for entry in entries if entry[1].form.below))


def _precedence(fact: Fact) -> tuple[int, ...]:
    return fact.action, fact.index, fact.form, fact.options
