"""People's own rules, as far as they are read without knowing what lines of lists mean: that is for `rules.ownrule`."""

from __future__ import annotations

import re
from typing import Literal

from resolver.config import names
from resolver.config.leaves import shown
from resolver.config.values import OwnRule
from resolver.errors import RuleError, TextError

LONGEST = 2000
"""Characters of a rule."""

_SAID = re.compile(r"(allow|deny|block)\s+(\S.*)", re.IGNORECASE)
_EXACT = re.compile(r"exact\s+(\S.*)", re.IGNORECASE)
_TAIL = re.compile(r"\s+#.*")
_REMARKS = ("!", ";", "[")


def own_rule(text: str) -> OwnRule:
    """The rule in "allow NAME", "allow exact NAME" or "allow LINE" (deny and block likewise). A line is left as it
    was written, `line`, with no name. Raises RuleError."""
    word, rest = said(text)
    if not word:
        raise RuleError(f'{shown(text)} is not a rule: write "allow NAME" or "deny NAME"')
    return made(word, rest, written=text.strip())


def said(text: str) -> tuple[Literal["allow", "deny", ""], str]:
    """What is done, and what it is done to; no word for it: the text is all of that."""
    found = _SAID.fullmatch(text.strip())
    if found is None:
        return "", text.strip()
    return "allow" if found[1].lower() == "allow" else "deny", found[2]


def made(action: Literal["allow", "deny"], text: str, *, exact: bool = False, written: str = "") -> OwnRule:
    """The rule that does this, "allow" or "deny", to NAME, "exact NAME" or LINE; `written` is what it is shown as.
    Raises RuleError."""
    text = text.strip().replace("\t", " ")
    written = written or f"{action} {'exact ' if exact else ''}{text}"
    if len(text) > LONGEST or not text.isprintable():
        raise RuleError(f"{shown(text)} is longer than {LONGEST} characters, or holds what is no character of a rule")
    found = _EXACT.fullmatch(text)
    exact, text = exact or found is not None, found[1] if found else text
    if not text.startswith("/"):  # an expression may hold a #
        text = _TAIL.sub("", text)
    if text.lower() == "exact":
        raise RuleError(f'which name exactly? Write "{action} exact NAME"')
    if text[:1] in _REMARKS:
        raise RuleError(f"{shown(text)} says nothing: it begins as a comment does")
    if names.is_plain(text):
        return OwnRule(action, _name(text), written, exact)
    if exact:
        likely = names.plain_in(text)
        raise RuleError(f"{shown(text)} is not a name; exact is for plain names" + _likely(f"{action} exact", likely))
    return OwnRule(action, "", written, line=text)


def _name(text: str) -> str:
    try:
        return names.below(text)
    except TextError as error:
        raise RuleError(str(error)) from None


def _likely(before: str, name: str) -> str:
    return f'; did you mean "{before} {name}"?' if name else ""


def plain_only(rule: OwnRule) -> OwnRule:
    """The rule, if it is about a plain name. Raises RuleError for one with the line of a list."""
    if rule.line:
        raise RuleError(f"{shown(rule.line)} is not a name, and lines of lists are not read here")
    return rule
