"""Patterns while lists are compiled: gathered by their expression, bounded, and cut into filters that compile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from resolver.rules import cancel
from resolver.rules.fact import CANCELS, index_of
from resolver.rules.files import Expression
from resolver.rules.matcher import build, is_broad, steps
from resolver.rules.rule import Reason

MAX_PATTERNS = 5_000
"""Patterns that one list may have, those that cost too much included: to find that out takes time too."""

MAX_EXPRESSIONS = 10_000
"""Different expressions of all lists together."""

MAX_TEXT = 8 << 20
"""Characters that patterns and their expressions may take in all."""

MAX_STEPS = 300_000
"""Steps of all expressions together (`matcher.steps`); real ones have some 25 each. At worst a name that holds the
literal pieces of all of them costs 2 ns for each step and each of its characters. One list may have half."""

MAX_BROAD_STEPS = 20_000
"""Of these, the steps of expressions that are tried on nearly every name: at worst 0.2 ms for a name of 25 characters,
2 ms for the longest. One list may have half."""

FILTER = 500
"""Expressions in a filter. To make one holds up all that a worker does: 5 ms for so many. To match it takes 0.8 µs."""

MAX_FILTERS = MAX_EXPRESSIONS // FILTER + 4
"""Filters that a set may have; nearly all have one. One has room for some 200,000 characters of literal pieces."""


class Gathered(NamedTuple):
    """Expressions in the order of filters, how many each filter has, and the patterns (list and text) that fit none."""

    expressions: list[Expression]
    filters: list[int]
    dropped: list[tuple[int, str]]


class Expressions:
    """Expression → facts, each with the text of the rule. Equal patterns of several lists share an expression."""

    def __init__(self) -> None:
        self._facts: dict[str, dict[int, str]] = {}
        self._by_list: Counter[int] = Counter()
        self._steps: Counter[int] = Counter()  # by list
        self._broad: Counter[int] = Counter()
        self._room = MAX_TEXT

    def add(self, regex: str, fact: int, text: str) -> Reason | None:
        """Note a packed fact of an expression. Says why when it cannot be taken."""
        facts = self._facts.get(regex)
        if facts is not None and fact in facts:
            return None
        size = len(text) + (len(regex) if facts is None else 0)
        index = index_of(fact)
        if self._by_list[index] >= MAX_PATTERNS or size > self._room:
            return Reason.TOO_MANY
        if facts is None:
            if len(self._facts) >= MAX_EXPRESSIONS:
                return Reason.TOO_MANY
            if refused := self._weigh(index, regex):
                self._by_list[index] += 1
                return refused
            facts = self._facts[regex] = {}
        facts[fact] = text
        self._by_list[index] += 1
        self._room -= size
        return None

    def _weigh(self, index: int, regex: str) -> Reason | None:
        """Take an expression that is new into account. Says why when it cannot be used, or would cost too much."""
        weight = steps(regex)
        if weight is None:
            return Reason.REGEX
        used = [(self._steps, MAX_STEPS)]
        if is_broad(regex):
            used.append((self._broad, MAX_BROAD_STEPS))
        if any(by_list[index] + weight > most // 2 or by_list.total() + weight > most for by_list, most in used):
            return Reason.TOO_MANY
        for by_list, _ in used:
            by_list[index] += weight
        return None

    def finish(self, essence: Callable[[int], int]) -> Gathered:
        """What is to be written. When not all fit into the filters, lists with the most of them lose some."""
        expressions = []
        for regex, texts in self._facts.items():
            facts = cancel.resolve(tuple(texts), essence)
            if facts:
                expressions.append(Expression(regex, [(fact, "" if fact & CANCELS else texts[fact]) for fact in facts]))
        filters = _cut(expressions)
        if sum(filters) < len(expressions):
            expressions.sort(key=_lightest_first(expressions))
            filters = _cut(expressions)
        fitting = sum(filters)
        dropped = [
            (index_of(fact), text)
            for expression in expressions[fitting:]
            for fact, text in expression.facts
            if not fact & CANCELS
        ]
        return Gathered(expressions[:fitting], filters, dropped)


def _compiles(expressions: Iterable[Expression]) -> bool:
    return build([expression.regex for expression in expressions]) is not None


def _lightest_first(expressions: Iterable[Expression]) -> Callable[[Expression], int]:
    weights: Counter[int] = Counter()
    for expression in expressions:
        for index in {index_of(fact) for fact, _ in expression.facts}:
            weights[index] += len(expression.regex)
    return lambda expression: min(weights[index_of(fact)] for fact, _ in expression.facts)


def _cut(expressions: list[Expression]) -> list[int]:
    """How many expressions, in their order, each filter takes: FILTER, or as many as compile."""
    sizes: list[int] = []
    start = 0
    while start < len(expressions) and len(sizes) < MAX_FILTERS:
        size = _most(expressions[start : start + FILTER])
        if not size:
            break
        sizes.append(size)
        start += size
    return sizes


def _most(expressions: list[Expression]) -> int:
    """How many of the first expressions compile together; a bisection."""
    if _compiles(expressions):
        return len(expressions)
    good, bad = 0, len(expressions)
    while bad - good > 1:
        middle = (good + bad) // 2
        if _compiles(expressions[:middle]):
            good = middle
        else:
            bad = middle
    return good
