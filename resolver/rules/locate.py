"""Where in a list a rule stands: the line that a verdict's text was made from."""

from __future__ import annotations

import functools
import io
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple

from resolver.rules import auto
from resolver.rules.normal import is_address
from resolver.rules.read import LONGEST_LINE, TooLong, lines
from resolver.rules.rule import Action, Found, Network, Outcome, Parser, Pattern, Rule, show

LONGEST_SHOWN = 500
"""Characters of a line that are given."""

_BLOCK = 1 << 20  # bytes of a file that are searched at once
_LONGEST = 4 * LONGEST_LINE  # bytes that the characters of a line may take
_WORD = re.compile(r"[a-z0-9_.-]+")
_EVERYWHERE = frozenset(("address", "server", "local", "cname", "a", "aaaa", "txt"))  # words that frames have
_IN_NAMES = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-")


class Located(NamedTuple):
    """A line: its number from 1, and its text without surrounding blanks, cut to LONGEST_SHOWN characters."""

    line: int
    text: str


class _Read(NamedTuple):
    number: int
    line: str
    outcome: Outcome


def locate(path: pathlib.Path, syntax: str, text: str, *, subdomains: bool = False) -> Located | None:
    """The first line of a list that holds the rule which a verdict shows as `text`; None when no line does.

    `syntax` and `subdomains` are the source's, as for `auto.parser`. Lines that hold the rule's name as it is shown are
    tried first, all others only if none of them fits. A record over several lines is found where it ends. Blocking: a
    few ms, or as long as the list takes to parse. Raises OSError.
    """
    make = functools.partial(auto.parser, syntax, subdomains=subdomains)
    parse = make()
    if parse is None:
        return None
    indent = syntax in auto.INDENTED
    with path.open("rb") as file:
        found = _best(_likely(file, _needle(text), make, indent=indent), text)
        if found is None:
            file.seek(0)
            found = _best(_all(file, parse, indent=indent), text)
    return found


def _best(read: Iterable[_Read], text: str) -> Located | None:
    """The first line with a rule of that text; if there is none, the first whose rule has it as an allow list's."""
    trusting = None
    for number, line, outcome in read:
        for found in outcome:
            texts = _texts(found, text)
            if text in texts[:1]:
                return Located(number, line[:LONGEST_SHOWN])
            if trusting is None and text in texts:
                trusting = Located(number, line[:LONGEST_SHOWN])
    return trusting


def _texts(found: Found, text: str) -> tuple[str, ...]:
    """What a rule is shown as: in a block list, and in an allow list, where every rule trusts."""
    if isinstance(found, Rule) and found.name in text:
        shown = functools.partial(show, found.name, form=found.form, options=found.options)
        return shown(action=found.action), shown(action=Action.TRUST)
    return (found.text,) if isinstance(found, Pattern | Network) else ()


def _all(file: BinaryIO, parse: Parser, *, indent: bool) -> Iterator[_Read]:
    for number, line in enumerate(lines(file, indent=indent), 1):
        if not isinstance(line, TooLong):
            yield _Read(number, line.strip(), parse(line))


def _needle(text: str) -> bytes:
    """The name in a rule's text, which its line will most probably hold; some other word if there is none."""
    words = [word.strip(".") for word in _WORD.findall(text.lower())]
    rare = [word for word in words if word and word not in _EVERYWHERE and not is_address(word)]
    names = [word for word in rare if "." in word]
    return next(iter(names or rare or words), "").encode()


def _likely(file: BinaryIO, needle: bytes, make: Callable[[], Parser | None], *, indent: bool) -> Iterator[_Read]:
    """The lines that hold the needle as a word, each read as if it stood alone.

    Ends before the end of a file whose lines are not told apart by LF alone, or depend on more than one $ORIGIN.
    """
    before = origins = 0
    while needle and (block := file.read(_BLOCK)):
        rest = file.readline(_LONGEST)
        block += rest
        low = block.lower()
        origins += low.count(b"$origin") if indent else 0
        alone = b"\r" in low and low.count(b"\r") != low.count(b"\r\n")
        if origins > 1 or alone or (len(rest) == _LONGEST and rest[-1:] != b"\n"):
            return
        counted = 0
        for begin, end in _holding(low, needle):
            before += low.count(b"\n", counted, begin)
            counted = begin
            parse = make()
            line = next(lines(io.BytesIO(block[begin:end]), indent=indent), "")
            if parse is not None and not isinstance(line, TooLong):
                yield _Read(before + 1, line.strip(), parse(line))
        before += low.count(b"\n", counted)


def _holding(low: bytes, needle: bytes) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end that hold the needle, and not as a part of a longer label."""
    at = low.find(needle)
    while at >= 0:
        after = at + len(needle)
        if (at and low[at - 1] in _IN_NAMES) or (after < len(low) and low[after] in _IN_NAMES):
            at = low.find(needle, at + 1)
            continue
        end = low.find(b"\n", after)
        if end < 0:
            end = len(low)
        yield low.rfind(b"\n", 0, at) + 1, end
        at = low.find(needle, end)
