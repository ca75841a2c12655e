"""What is refused before it takes the place of a good version. The one place for such rules."""

from __future__ import annotations

import codecs
import pathlib
import re

from resolver.rules import auto
from resolver.rules.read import TooLong, lines
from resolver.rules.rule import Rule

_HEAD = 65_536
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*+<(?:!doctype|html|head|body|meta|title|script)\b",
    re.IGNORECASE | re.DOTALL,
)
# The possessive `*+` keeps a page of many comments from being tried in every way there is.
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r"))
_MOST_CONTROL = 50  # one byte in so many; text has none, what is packed one in ten, and a stray NUL is survived


def refuse(
    path: pathlib.Path, previous_rules: int, syntax: str = "auto", *, subdomains: bool = False, own: bool = False
) -> str | None:
    """Why this version of a list must not take the place of the one before; None when it may. Blocking.

    `previous_rules` is how many rules that one has, 0 without one. An `own` file may say nothing: whoever wrote it
    means it; only one that was emptied wholly, as failed writing leaves it, is refused after one with rules. Raises
    OSError.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        if own and not previous_rules:
            return None
        return "it is empty" + ("; to keep it without rules, write a comment into it" if own else "")
    if not head.startswith(_MARKS):
        if _HTML.match(head) is not None:
            return "it is a web page, not a list; a sign-in page of the network may have answered"
        if len(head) - len(head.translate(None, _CONTROL)) > len(head) // _MOST_CONTROL:
            return "it is not text; lists that are packed into archives cannot be read"
    if not own and not _has_rule(path, syntax, subdomains):
        return f"no line of it is a rule (syntax {syntax})"
    return None


def _has_rule(path: pathlib.Path, syntax: str, subdomains: bool) -> bool:
    parse = auto.parser(syntax, subdomains=subdomains)
    if parse is None:
        return False
    with path.open("rb") as file:
        for line in lines(file):
            if not isinstance(line, TooLong) and any(isinstance(found, Rule) for found in parse(line)):
                return True
    return False
