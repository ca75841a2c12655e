"""`$badfilter`: which facts beside one owner take which others away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resolver.rules.fact import Fact


def resolve(packed: tuple[int, ...], essence: Callable[[int], int]) -> tuple[int, ...]:
    """Packed facts with each that cancels written as it is needed later: with the very options of the rules that it
    takes away. Those that take nothing away are left out. `essence` gives equal numbers for options ids that say the
    same (`options.Interned.essence`)."""
    facts = [Fact.unpack(fact) for fact in packed]
    rules = [fact for fact in facts if not fact.cancels]
    found = {fact.pack() for fact in rules}
    for cancel in facts:
        if cancel.cancels:
            same = essence(cancel.options)
            found |= {
                Fact(cancel.index, rule.action, rule.form, rule.options, cancels=True).pack()
                for rule in rules
                if (rule.action, rule.form) == (cancel.action, cancel.form) and essence(rule.options) == same
            }
    return tuple(sorted(found))


def unless(facts: Sequence[Fact]) -> dict[Fact, int]:
    """The rules among facts that were resolved, each with the mask of the lists that take it away."""
    masks: dict[tuple[int, ...], int] = {}
    for fact in facts:
        if fact.cancels:
            masks[_same(fact)] = masks.get(_same(fact), 0) | 1 << fact.index
    return {fact: masks.get(_same(fact), 0) for fact in facts if not fact.cancels}


def _same(fact: Fact) -> tuple[int, ...]:
    return fact.action, fact.form, fact.options
