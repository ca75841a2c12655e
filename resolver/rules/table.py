"""Rules of many lists on their way into a compiled set: names and networks with what lists say of each, interned while
they are gathered, and the patterns beside them."""

from __future__ import annotations

import ipaddress
import pathlib
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import marisa_trie
import msgspec

from resolver.rules import cancel, files, keys
from resolver.rules.expressions import Expressions
from resolver.rules.fact import CANCELS, SPECIAL, index_of, pack
from resolver.rules.options import Interned, trusted
from resolver.rules.rule import Action, Cancel, Form, Network, Options, Pattern, Reason, Rule

MAX_FACTS = 64
"""Rules with options that lists may have about one name in all; and those that cancel."""

# Measured on 804,762 real names. Bytes a name, its set id included: 11.5 with one trie, 8.5, 8.0, 7.9 with four;
# eight are slower for 7.8. A name that is there is found in 1.75 µs in order of weight and 2.05 in order of labels, one
# that is not in 0.6 and 0.7. Bigger caches are no faster, a binary tail is no smaller.
_TRIES = 4
_CACHE = marisa_trie.NORMAL_CACHE
_ORDER = marisa_trie.WEIGHT_ORDER


class Written(NamedTuple):
    """What a table came to: by list its distinct names and those of them that another list has too, and the patterns
    (list and text) for which there was no room."""

    names: Counter[int]
    shared: Counter[int]
    dropped: list[tuple[int, str]]


class Table:
    """Owner → set of packed facts. Adding a fact is a step from one set to another, and the steps are remembered: it
    costs two look-ups, however many names there are."""

    def __init__(self) -> None:
        self._owners: dict[str, int] = {}  # by key of the trie, so that each name is held once
        self._sets: list[tuple[int, ...]] = [()]
        self._ids: dict[tuple[int, ...], int] = {(): 0}
        self._steps: dict[tuple[int, int], int] = {}
        self._options = Interned()
        self._expressions = Expressions()
        self._cancels = False

    def add(self, index: int, found: Rule | Pattern | Network | Cancel, *, trust: bool = False) -> Reason | None:
        """Note what the list `index` says; with `trust` it is an allow list. Says why when it cannot be taken."""
        if not isinstance(found, Cancel):
            return self._rule(index, found, 0, trust=trust)
        self._cancels = True
        # What an allow list cancels are rules as they are written, and the trusting ones that they are in allow lists.
        refused = self._rule(index, found.rule, CANCELS)
        return refused or (self._rule(index, found.rule, CANCELS, trust=True) if trust else None)

    def _rule(self, index: int, rule: Rule | Pattern | Network, cancels: int, *, trust: bool = False) -> Reason | None:
        action, options = (Action.TRUST, trusted(rule.options)) if trust else (rule.action, rule.options)
        if isinstance(rule, Rule):
            id = 0 if options is None else self._options.id(options)
            if id is None:
                return Reason.TOO_MANY
            return self._note(keys.key(rule.name), pack(index, action, rule.form, id) | cancels)
        if isinstance(rule, Pattern):
            id = self._options.id(options)
            if id is None:
                return Reason.TOO_MANY
            return self._expressions.add(rule.regex, pack(index, action, Form.EXACT, id) | cancels, rule.text)
        return self._network(index, rule, action, options, cancels)

    def _network(
        self, index: int, rule: Network, action: Action, options: Options | None, cancels: int
    ) -> Reason | None:
        network = ipaddress.ip_network(rule.network)
        form, frame = keys.fold(network, rule.text)
        framed = msgspec.structs.replace(options or Options(), frame=frame)
        id = self._options.id(framed)
        if id is None:
            return Reason.TOO_MANY
        key = keys.network_key(network)
        for one in keys.FOLDS if cancels else (form,):
            if refused := self._note(key, pack(index, action, one, id) | cancels):
                return refused
        return None

    def _note(self, key: str, fact: int) -> Reason | None:
        before = self._owners.get(key, 0)
        after = self._steps.get((before, fact))
        if after is None:
            facts = {*self._sets[before], fact}
            if fact & SPECIAL and sum(1 for one in facts if one & SPECIAL) > MAX_FACTS:
                return Reason.TOO_MANY
            after = self._steps[before, fact] = self._intern(tuple(sorted(facts)))
        if after != before:
            self._owners[key] = after
        return None

    def _intern(self, facts: tuple[int, ...]) -> int:
        known = self._ids.setdefault(facts, len(self._sets))
        if known == len(self._sets):
            self._sets.append(facts)
        return known

    def write(self, out: pathlib.Path) -> Written:
        """Write the files into the directory `out`. Raises OSError."""
        if self._cancels:
            self._resolve()
        patterns = self._expressions.finish(self._options.essence)
        used = sorted(set(self._owners.values()))
        final = {before: after for after, before in enumerate(used)}
        sets = [self._sets[before] for before in used]
        trie = marisa_trie.Trie(self._owners, num_tries=_TRIES, cache_size=_CACHE, order=_ORDER)
        ids = [0] * len(trie)
        counts = [0] * len(used)
        networks = 0
        for key, key_id in trie.iteritems():
            id = ids[key_id] = final[self._owners[key]]
            if key[0] in keys.NETWORKS:
                networks += 1
            else:
                counts[id] += 1
        width = files.width_for(len(used))
        names, array = trie.tobytes(), files.encode_ids(ids, width)
        index = files.Index(
            format=files.FORMAT,
            count=len(ids),
            width=width,
            trie=files.Part.of(names),
            array=files.Part.of(array),
            sets=[list(facts) for facts in sets],
            names=counts,
            networks=networks,
            options=self._options.all,
            expressions=patterns.expressions,
            filters=patterns.filters,
        )
        (out / files.TRIE).write_bytes(names)
        (out / files.ARRAY).write_bytes(array)
        (out / files.INDEX).write_bytes(files.encode_index(index))
        return Written(*_tally(sets, counts), patterns.dropped)

    def _resolve(self) -> None:
        """Keep, of the facts that cancel, those that take a rule away, and the owners that have a rule."""
        resolved: dict[int, int] = {}
        for before in set(self._owners.values()):
            resolved[before] = self._intern(cancel.resolve(self._sets[before], self._options.essence))
        self._owners = {key: resolved[id] for key, id in self._owners.items() if resolved[id]}


def _tally(sets: Iterable[tuple[int, ...]], counts: Iterable[int]) -> tuple[Counter[int], Counter[int]]:
    """How many names each list has, and how many of them it shares."""
    names: Counter[int] = Counter()
    shared: Counter[int] = Counter()
    for facts, count in zip(sets, counts, strict=True):
        lists = {index_of(fact) for fact in facts if not fact & CANCELS}
        for index in lists:
            names[index] += count
            if len(lists) > 1:
                shared[index] += count
    return names, shared
