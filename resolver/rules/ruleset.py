"""A compiled set of rules, mapped: which rule decides about a name for these lists, in microseconds."""

from __future__ import annotations

import pathlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import marisa_trie
import msgspec

from resolver.errors import BundleError
from resolver.model import Client, Nodata, Type
from resolver.rules import files, keys, settle
from resolver.rules.entries import Entries, Reader
from resolver.rules.fact import Fact
from resolver.rules.matcher import NOTHING, open_matcher
from resolver.rules.rule import Action, Datum, Form, Options, Saying, show
from resolver.wire.name import to_text

_ESCAPE = re.compile(r"\\(?:[0-9]{3}|.)", re.DOTALL)  # RFC 1035 section 5.1
_FRAMES = tuple(tuple(tuple(show("/", action, form).split("/")) for form in Form) for action in Action)  # show is slow
_UNSETTLED = tuple(action in (Action.REWRITE, Action.EXCEPT, Action.EXEMPT) for action in Action)


class Winner(msgspec.Struct, frozen=True, gc=False):
    """A rule that matches: what it does, the list that holds it (id and index), its owner (a name, a network, "" for a
    pattern), its text, what it wants said. One that is `void` has no effect, since another takes it away."""

    action: Action
    list: str
    index: int
    owner: str
    text: str
    says: tuple[Saying, ...] = ()
    void: bool = False


class RuleSet:
    """The rules of many lists. Immutable; many processes may map the same files.

    Names that are asked for are in the text form of `wire.name`: lower case, no trailing dot, odd bytes escaped
    (RFC 1035 section 5.1). A mask holds a bit for each list that counts; `type` is the RR type asked for, or at an
    answer the record's. Precedence: the stronger action wins whatever the lengths; then the longest owner name, with
    patterns last; then the list with the lowest index (`settle`).
    """

    def __init__(
        self,
        trie: marisa_trie.Trie,
        ids: memoryview[int],
        index: files.Index,
        names: Sequence[str],
    ) -> None:
        """`names` are the lists' ids by index. Raises ValueError when the index speaks of what does not exist."""
        reader = Reader(len(names), index.options)
        entries = Entries(index.sets, reader)
        self._trie = trie
        self._ids = ids
        self._names = tuple(names)
        self._at = entries.at
        self._below = entries.below
        self._inside = entries.inside
        self._facts = entries.facts
        self._counts = index.names
        self._patterns = open_matcher(index.expressions, index.filters, reader)
        self._stronger = self._patterns.stronger
        self._options: list[Options | None] = [None, *index.options]
        self._frames = [
            None if options is None or not any(options.frame) else options.frame for options in self._options
        ]
        self._says = [None if options is None else options.says for options in self._options]
        self._admissions = reader.conditions.admissions
        self._len = index.count - index.networks
        self.has_networks = index.networks > 0

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
            return cls(trie, ids, index, names)
        except ValueError as error:
            raise files.damaged(directory / files.INDEX, str(error)) from error

    def winner(self, name: str, mask: int, type: int, client: Client) -> Winner | None:
        """The rule that decides about a name among the lists in `mask`; None when no rule has an opinion."""
        if "\\" in name or not name.isascii():
            name = _harmless(name)
        key = f".{name}"[::-1]  # keys.key, in place: this is the hot path
        size = len(key)
        best: Fact | None = None
        owner = ""
        for prefix, key_id in self._trie.iter_prefixes_with_ids(key):  # shortest first
            for bit, fact, condition in (self._at if len(prefix) == size else self._below)[self._ids[key_id]]:
                if bit & mask and (condition is None or condition.holds(name, mask, type, client)):
                    if best is None or fact.action <= best.action:
                        best, owner = fact, prefix
                    break
        text = ""
        if mask & self._stronger[-1 if best is None else best.action]:
            numbers = self._patterns.find(name, strong=best is not None)
            if numbers:
                pattern, said = self._patterns.best(numbers, name, mask, type, client)
                if pattern is not None and (best is None or pattern.action < best.action):
                    best, owner, text = pattern, "", said
        if best is None:
            return None
        saying = self._says[best.options]
        if _UNSETTLED[best.action] or isinstance(saying, Datum | Nodata):  # others may add to these
            return self._settled(self._about(name, mask, type, client), mask)
        if owner:
            owner = owner[-2::-1]  # keys.name_of
            text = owner.join(self._frames[best.options] or _FRAMES[best.action][best.form])
        says = () if saying is None else (saying,)
        return Winner(best.action, self._names[best.index], best.index, owner, text, says)

    def address(self, packed: bytes, mask: int, type: int, client: Client) -> Winner | None:
        """The same for an address in an answer, in network byte order; None for other than 4 or 16 bytes. Needs no
        asking unless `has_networks`."""
        if len(packed) not in (4, 16) or not self._trie.prefixes(keys.address_key(packed)):
            return None  # as nearly all
        return self._settled(self._around(packed, mask, type, client), mask)

    def matches(self, name: str, mask: int, type: int, client: Client) -> list[Winner]:
        """Every rule of every list that matches a name, in order of precedence, those without effect last. `mask` tells
        whose exceptions and `$badfilter` count."""
        settled = settle.settle(self._about(_harmless(name), mask, type, client), mask)
        found = [(one, False) for one in settled.effective] + [(one, True) for one in settled.void]
        return [self._winner(one, () if one.says is None else (one.says,), void=void) for one, void in found]

    def every(self, name: str, type: int, client: Client) -> list[tuple[Winner, int]]:
        """Every rule of every list that matches a name, each for itself as if it were the only one, with the length of
        its owner name, 0 for a pattern; in no order."""
        if "\\" in name or not name.isascii():
            name = _harmless(name)
        return self._each(self._about(name, 0, type, client))

    def every_around(self, packed: bytes, type: int, client: Client) -> list[tuple[Winner, int]]:
        """The same for an address in an answer; the longer the prefix of a network, the greater its length."""
        return self._each(self._around(packed, 0, type, client))

    def signature(self, client: Client) -> int:
        """What the rules can tell clients apart by: those with equal signatures are treated alike by every rule."""
        return sum(1 << place for place, admission in enumerate(self._admissions) if admission.admits(client))

    @property
    def kinds(self) -> int:
        """Signatures have so many bits."""
        return len(self._admissions)

    def items(self) -> Iterator[tuple[str, tuple[Fact, ...]]]:
        """Every name with what the lists say of it, sorted by list, action and form."""
        for key, key_id in self._trie.iteritems():
            if key[0] not in keys.NETWORKS:
                yield keys.name_of(key), self._facts[self._ids[key_id]]

    def under(self, name: str) -> Iterator[Fact]:
        """What the lists say of a name and of each name below it; patterns aside."""
        for _, key_id in self._trie.iteritems(keys.key(_harmless(name))):
            yield from self._facts[self._ids[key_id]]

    def options(self, fact: Fact) -> Options | None:
        """The options of a rule of this set."""
        return self._options[fact.options]

    def every_options(self) -> list[Options]:
        """The options of all rules of this set, each once."""
        return [one for one in self._options if one is not None]

    def counts(self) -> dict[frozenset[int], int]:
        """Set of list indexes → number of names that just these lists hold."""
        found: Counter[frozenset[int]] = Counter()
        for facts, count in zip(self._facts, self._counts, strict=False):
            if count:
                found[frozenset(fact.index for fact in facts)] += count
        return dict(found)

    def __len__(self) -> int:
        return self._len

    def close(self) -> None:
        """Let go of the files. What is asked afterwards finds no rule."""
        self._trie = marisa_trie.Trie()
        self._ids = memoryview(b"")
        self._patterns = NOTHING
        self._stronger = NOTHING.stronger
        self._facts, self._counts = [], []
        self._len = 0
        self.has_networks = False

    def _about(self, name: str, mask: int, type: int, client: Client) -> Iterator[settle.Match]:
        """Every rule, of every list, that matches a name. One that makes the name an alias of itself is none."""
        return (one for one in self._matching(name, mask, type, client) if not _is_alias(one.says, name))

    def _matching(self, name: str, mask: int, type: int, client: Client) -> Iterator[settle.Match]:
        key = keys.key(name)
        for prefix, key_id in self._trie.iter_prefixes_with_ids(key):
            owner = keys.name_of(prefix)
            for _, fact, condition in (self._at if prefix == key else self._below)[self._ids[key_id]]:
                if condition is None or condition.holds(name, mask, type, client):
                    text = owner.join(self._frames[fact.options] or _FRAMES[fact.action][fact.form])
                    yield settle.Match(fact, owner, len(owner), 0, text, self._says[fact.options])
        for number, fact, text in self._patterns.matches(name, mask, type, client):
            yield settle.Match(fact, "", 0, number, text, self._says[fact.options])

    def _around(self, packed: bytes, mask: int, type: int, client: Client) -> Iterator[settle.Match]:
        """Every rule, of every list, about a network that an address is in."""
        if not self.has_networks or len(packed) not in (4, 16):
            return
        for prefix, key_id in self._trie.iter_prefixes_with_ids(keys.address_key(packed)):
            network = keys.network_of(prefix)
            for _, fact, condition in self._inside[self._ids[key_id]]:
                if condition is None or condition.holds("", mask, type, client):
                    text = keys.unfold(network, fact.form, self._frames[fact.options] or ("", ""))
                    yield settle.Match(fact, str(network), len(prefix), 0, text, self._says[fact.options])

    def _each(self, found: Iterator[settle.Match]) -> list[tuple[Winner, int]]:
        return [(self._winner(one, () if one.says is None else (one.says,)), one.length) for one in found]

    def _settled(self, found: Iterator[settle.Match], mask: int) -> Winner | None:
        counting = [one for one in found if mask >> one.fact.index & 1]
        effective = settle.settle(counting, mask).effective if counting else []
        return self._winner(effective[0], settle.says(effective)) if effective else None

    def _winner(self, match: settle.Match, says: tuple[Saying, ...], *, void: bool = False) -> Winner:
        fact = match.fact
        return Winner(fact.action, self._names[fact.index], fact.index, match.owner, match.text, says, void)


def _is_alias(said: Saying | None, target: str) -> bool:
    return isinstance(said, Datum) and said.type == Type.CNAME and to_text(said.rdata) == target


def _harmless(name: str) -> str:
    """A name in which every character that no rule can hold is one `?`: an escaped dot then parts no labels."""
    return _ESCAPE.sub("?", name.encode("ascii", "replace").decode("ascii"))
