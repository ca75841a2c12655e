"""The words of a console line: positional ones, `key=value` options, and flags."""

from __future__ import annotations

import shlex
from collections.abc import Collection

import msgspec


class UsageError(Exception):
    """A console line that cannot be understood; says what could be."""


class Words(msgspec.Struct, frozen=True):
    """What a line says after its command."""

    given: tuple[str, ...]
    options: dict[str, str]
    flags: frozenset[str]


def split(text: str, least: int, most: int, options: Collection[str] = (), flags: Collection[str] = ()) -> Words:
    """The words of a text. Raises UsageError for an option, a flag or a number of other words that is not expected."""
    given: list[str] = []
    taken: dict[str, str] = {}
    raised: set[str] = set()
    for word in shlex.split(text):
        key, equals, value = word.partition("=")
        if equals and key in options:
            taken[key] = value
        elif word in flags and len(given) >= least:
            raised.add(word)
        else:
            given.append(word)
    if not least <= len(given) <= most:
        known = [*(f"{option}=" for option in options), *flags]
        raise UsageError(f"{text!r}: give {least} to {most} words, and of {', '.join(known) or 'no others'}")
    return Words(tuple(given), taken, frozenset(raised))


def number(text: str) -> int:
    """A whole number. Raises UsageError."""
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a number") from None
