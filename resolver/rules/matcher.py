"""Patterns, ready to be matched: which of many RE2 expressions find something in a name, in microseconds.

Each filter is one RE2 set of the literal pieces that expressions cannot do without, and the expressions, of which only
those are tried whose pieces were found. Measured with expressions as lists have them, on names not seen before: 400
take 2 µs and 10,000 in 20 filters take 18, where one set of whole expressions takes 46 and 3,000, as it has to keep in
mind how far each of them has got.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import re2

from resolver.model import Client
from resolver.rules.entries import Entry, Reader
from resolver.rules.fact import Fact
from resolver.rules.files import Expression
from resolver.rules.rule import Action

_MAX_MEM = 32 << 10
"""Bytes that RE2 may take for one expression: some 2,000 steps. A hostile one that keeps many ways in mind would fill
more; with this it is followed step by step: 2 ns for each step and character, so `expressions` bounds the steps."""

_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789_-.?"
_COMMON = (
    "".join([first + second for first in _CHARACTERS for second in _CHARACTERS])
    + " http api. app. cdn. static. img. www.google.com facebook youtube apple amazon microsoft netflix"
    + " whatsapp instagram akamai cloudfront .net .org .info .co.uk .de .fr .ru .cn .jp .io .in-addr.arpa"
)
"""Every literal piece of two characters, and longer ones that many names have."""

_ODD = re.compile(r"[^a-z0-9._-]")  # what no rule can name


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _MAX_MEM
    options.log_errors = False
    options.never_capture = True
    return options


def steps(regex: str) -> int | None:
    """How many steps RE2 has to keep in mind for an expression, some for each of its characters; the time that a name
    costs can grow with them. None for one that RE2 does not take, in the space that is given to one."""
    try:
        return int(re2.compile(regex, _options()).programsize)
    except (re2.error, UnicodeError):
        return None


def build(regexes: Sequence[str]) -> re2.Filter | None:
    """A filter of these expressions; None when it does not compile: one is wrong, or their pieces are too many."""
    options = _options()
    made = re2.Filter()
    try:
        for regex in regexes:
            made.Add(regex, options)
        made.Compile()
        made.Match("a.example")
    except (re2.error, UnicodeError):
        return None
    return made


def is_broad(regex: str) -> bool:
    """Whether an expression that RE2 takes is tried on nearly every name, having no literal piece that is rare."""
    made = build([regex])
    return made is None or bool(made.Match(_COMMON, potential=True))


class Filter(NamedTuple):
    """Expressions that are matched together: their numbers in the set, and what finds places among these."""

    numbers: Sequence[int]
    match: Callable[[str], list[int] | None]


class Matcher:
    """The expressions of a compiled set, with the rules that each stands for."""

    def __init__(
        self,
        every: Sequence[Filter],
        strong: Sequence[Filter],
        entries: Sequence[tuple[Entry, ...]],
        texts: Sequence[Mapping[Fact, str]],
    ) -> None:
        """Filters of every expression, and of the few that do more than block: a name that is blocked anyway asks these
        alone. `entries` and their `texts` by the number of their expression."""
        self._every = tuple(every)
        self._strong = tuple(strong)
        self._entries = tuple(entries)
        self._texts = tuple(texts)
        bits = {(fact.action, bit) for rules in entries for bit, fact, _ in rules}
        self.stronger = tuple(sum({bit for action, bit in bits if action < limit}) for limit in range(len(Action) + 1))
        """By action: the mask of the lists that have a pattern whose action is stronger. The last: that have any."""

    def find(self, name: str, *, strong: bool = False) -> list[int]:
        """The numbers of the expressions that find something in a name; with `strong`, of those that do more than
        block."""
        if _ODD.search(name) is not None:
            name = _ODD.sub("?", name)
        found: list[int] = []
        for numbers, match in self._strong if strong else self._every:
            places = match(name)
            if places is not None:
                found += [numbers[place] for place in places]
        return found

    def best(self, numbers: Iterable[int], name: str, mask: int, type: int, client: Client) -> tuple[Fact | None, str]:
        """The pattern that takes precedence among those of some expressions, and its text."""
        best: Fact | None = None
        text = ""
        for number in numbers:
            for bit, fact, condition in self._entries[number]:
                if bit & mask and (condition is None or condition.holds(name, mask, type, client)):
                    if best is None or (fact.action, fact.index) < (best.action, best.index):
                        best, text = fact, self._texts[number][fact]
                    break
        return best, text

    def matches(self, name: str, mask: int, type: int, client: Client) -> Iterator[tuple[int, Fact, str]]:
        """Every pattern that matches a name, of every list, with the number of its expression and its text."""
        for number in self.find(name):
            for _, fact, condition in self._entries[number]:
                if condition is None or condition.holds(name, mask, type, client):
                    yield number, fact, self._texts[number][fact]


NOTHING = Matcher((), (), (), ())


def open_matcher(expressions: Sequence[Expression], sizes: Sequence[int], reader: Reader) -> Matcher:
    """The patterns of an index. Raises ValueError for what no table writes."""
    if not expressions:
        return NOTHING
    entries, texts = [], []
    for expression in expressions:
        facts = reader.facts(fact for fact, _ in expression.facts)
        entries.append(reader.entries(facts))
        texts.append(dict(zip(facts, (text for _, text in expression.facts), strict=True)))
    regexes = [expression.regex for expression in expressions]
    every, strong = [], []
    start = 0
    for size in sizes:
        numbers = range(start, start + size)
        every.append(_filter(numbers, regexes))
        if some := [number for number in numbers if _is_strong(entries[number])]:
            strong.append(_filter(some, regexes))
        start += size
    return Matcher(every, strong, entries, texts)


def _filter(numbers: Sequence[int], regexes: Sequence[str]) -> Filter:
    made = build([regexes[number] for number in numbers])
    if made is None:
        raise ValueError(f"{len(numbers)} expressions do not compile")
    return Filter(numbers, made.Match)


def _is_strong(entries: Iterable[Entry]) -> bool:
    return any(fact.action < Action.BLOCK for _, fact, _ in entries)
