"""A compiled set of rules, mapped: which rule decides about a name for these lists, in microseconds."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator, Sequence

import marisa_trie
import msgspec

from resolver.errors import BundleError
from resolver.rules import files
from resolver.rules.rule import Action, Fact

_ESCAPE = re.compile(r"\\(?:[0-9]{3}|.)", re.DOTALL)  # RFC 1035 section 5.1


class Winner(msgspec.Struct, frozen=True, gc=False):
    """A rule that matches: what it does, the list that holds it (id and index), its owner name, its text."""

    action: Action
    list: str
    index: int
    owner: str
    text: str


class RuleSet:
    """The names of many lists and what each list says of them. Immutable; many processes may map the same files.

    Names that are asked for are in the text form of `wire.name`: lower case, no trailing dot, odd bytes escaped
    (RFC 1035 section 5.1). A mask holds a bit for each list that counts. Precedence: the stronger action
    wins whatever the lengths; then the longest owner name; then the list with the lowest index.
    """

    def __init__(
        self, trie: marisa_trie.Trie, ids: memoryview[int], sets: Sequence[tuple[Fact, ...]], names: Sequence[str]
    ) -> None:
        self._trie = trie
        self._ids = ids
        self._sets = sets
        self._names = tuple(names)
        # By set id: the facts that count for the name itself, and those that count for names below it; strongest first,
        # each with the bit of its list.
        self._at = [_by_strength(fact for fact in facts if fact.form.at) for facts in sets]
        self._below = [_by_strength(fact for fact in facts if fact.form.below) for facts in sets]

    @classmethod
    def open(cls, directory: pathlib.Path, names: Sequence[str]) -> RuleSet:
        """Map the files that `compile_sources` wrote into `directory`; `names` are the lists' ids by index.

        Raises BundleError when a file is missing or damaged, is of another format, or speaks of a list without an id.
        """
        try:
            index = files.read_index(directory / files.INDEX)
            trie = files.map_trie(directory / files.TRIE, index)
            ids = files.map_ids(directory / files.ARRAY, index)
        except OSError as error:
            where = error.filename or directory
            raise BundleError(f"{where} cannot be read: {error.strerror}; compile the lists again") from error
        try:
            sets = [tuple(map(Fact.unpack, packed)) for packed in index.sets]
        except ValueError as error:
            raise files.damaged(directory / files.INDEX, str(error)) from error
        highest = max((fact.index for facts in sets for fact in facts), default=-1)
        if highest >= len(names):
            raise files.damaged(directory / files.INDEX, f"it speaks of list {highest} of {len(names)}")
        return cls(trie, ids, sets, names)

    def winner(self, name: str, mask: int) -> Winner | None:
        """The rule that decides about a name among the lists in `mask`; None when no rule matches."""
        if "\\" in name or not name.isascii():
            name = _harmless(name)
        key = f".{name}"[::-1]  # files.key, in place: this is the hot path
        size = len(key)
        best: Fact | None = None
        owner = ""
        for prefix, key_id in self._trie.iter_prefixes_with_ids(key):  # shortest first
            for bit, fact in (self._at if len(prefix) == size else self._below)[self._ids[key_id]]:
                if bit & mask:
                    if best is None or fact.action <= best.action:
                        best, owner = fact, prefix
                    break
        return None if best is None else self._winner(best, files.name_of(owner))

    def matches(self, name: str) -> list[Winner]:
        """Every rule of every list that matches a name, in the order of precedence."""
        key = files.key(_harmless(name))
        found = [
            (fact.action, -len(prefix), fact.index, fact.form, self._winner(fact, files.name_of(prefix)))
            for prefix, key_id in self._trie.iter_prefixes_with_ids(key)
            for _, fact in (self._at if prefix == key else self._below)[self._ids[key_id]]
        ]
        return [winner for *_, winner in sorted(found, key=lambda match: match[:4])]

    def items(self) -> Iterator[tuple[str, tuple[Fact, ...]]]:
        """Every name with what the lists say of it, sorted by list, action and form."""
        for key, key_id in self._trie.iteritems():
            yield files.name_of(key), self._sets[self._ids[key_id]]

    def __len__(self) -> int:
        return len(self._ids)

    def close(self) -> None:
        """Let go of the files. What is asked afterwards finds no rule."""
        self._trie = marisa_trie.Trie()
        self._ids = memoryview(b"")

    def _winner(self, fact: Fact, owner: str) -> Winner:
        return Winner(fact.action, self._names[fact.index], fact.index, owner, fact.show(owner))


def _by_strength(facts: Iterator[Fact]) -> tuple[tuple[int, Fact], ...]:
    ranked = sorted(facts, key=lambda fact: (fact.action, fact.index, fact.form))
    return tuple((1 << fact.index, fact) for fact in ranked)


def _harmless(name: str) -> str:
    """A name in which every character that no rule can hold is one `?`: an escaped dot then parts no labels."""
    return _ESCAPE.sub("?", name.encode("ascii", "replace").decode("ascii"))
