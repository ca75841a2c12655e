"""Adblock syntax as far as it is about names: `||x^`, `@@||x^` and bare names. The rest is told apart and skipped."""

from __future__ import annotations

import re

from resolver.rules import domains
from resolver.rules.comment import is_comment
from resolver.rules.normal import no_name, normal
from resolver.rules.rule import Action, Form, Outcome, Reason, Rule, Skip

_SUBTREE = re.compile(r"(@@)?\|\|([^\s^$|/*]+)\^")
_REGEX = re.compile(r"/.+/(?:\$.*)?")
_COSMETIC = re.compile(r"#@?[$?%]{0,2}#|\$@?\$")  # x##y x#@#y x#?#y x#$#y x#$?#y x#%#y x$$y x$@$y
_COSMETIC_FIRST = re.compile(r"#@?[$?%]{0,2}##?[^#\s]")  # the same without the x; `## A title` is a comment
_LONGEST_NAME = 1024  # characters a name may take however it is written; no pattern is tried on a longer line
_BARE = re.compile(r"[^\s^$|/*#@!\[\]=,:.][^\s^$|/*#@!\[\]=,:]*\.[^\s^$|/*#@!\[\]=,:]+")  # with a dot inside: a name


def parse(line: str) -> Outcome:
    """One line of an adblock list."""
    subtree = _SUBTREE.fullmatch(line)
    if subtree is None:
        return _other(line)
    allows, text = subtree.groups()
    name = normal(text)
    if name is None:
        return (no_name(text.strip("[]")),)
    return (Rule(name, Action.ALLOW if allows else Action.BLOCK, Form.SUBTREE),)


def _other(line: str) -> Outcome:
    if is_comment(line):
        return (Skip(Reason.NOT_DNS),) if _COSMETIC_FIRST.match(line) else ()
    if len(line) <= _LONGEST_NAME and _BARE.fullmatch(line) is not None:
        return domains.parse(line)
    return (Skip(_reason(line)),)


def _reason(line: str) -> Reason:
    pattern = line.removeprefix("@@")
    if _REGEX.fullmatch(pattern) is not None:
        return Reason.REGEX
    if line.startswith("[$") or _COSMETIC.search(line) is not None:
        return Reason.NOT_DNS
    if "$" in pattern:
        return Reason.MODIFIER
    # A slash that opens a pattern (`/ads.`) or ends it as `/*` can still be about a name; any other is part of a URL.
    return Reason.NOT_DNS if "/" in pattern[1:].removesuffix("/*") else Reason.PATTERN
