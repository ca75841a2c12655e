"""Patterns while lists are compiled: gathered by their expression, bounded, and cut into filters that compile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from resolver.rules import cancel
from resolver.rules.fact import CANCELS, index_of
from resolver.rules.files import Expression
from resolver.rules.matcher import build, is_usable
from resolver.rules.rule import Reason

MAX_PATTERNS = 5_000
"""Patterns that one list may have."""

MAX_EXPRESSIONS = 10_000
"""Different expressions of all lists together."""

MAX_TEXT = 8 << 20
"""Characters that patterns and their expressions may take in all."""

MAX_FILTERS = 4
"""Filters that a set may have; nearly all have one. Each holds some 200,000 characters of literal pieces."""


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
            if not is_usable(regex):
                return Reason.REGEX
            facts = self._facts[regex] = {}
        facts[fact] = text
        self._by_list[index] += 1
        self._room -= size
        return None

    def finish(self, essence: Callable[[int], int]) -> Gathered:
        """What is to be written. When not all fit into the filters, lists with the most of them lose some."""
        expressions = []
        for regex, texts in self._facts.items():
            facts = cancel.resolve(tuple(texts), essence)
            if facts:
                expressions.append(Expression(regex, [(fact, "" if fact & CANCELS else texts[fact]) for fact in facts]))
        filters = [len(expressions)] if expressions else []
        if expressions and not _compiles(expressions):
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
    """How many expressions, in their order, each filter takes: as many as compile."""
    sizes: list[int] = []
    start = 0
    while start < len(expressions) and len(sizes) < MAX_FILTERS:
        size = _most(expressions[start:])
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
