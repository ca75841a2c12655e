"""What is refused before it takes the place of a good version. The one place for such rules."""

from __future__ import annotations

import codecs
import pathlib
import re
from collections.abc import Iterable, Sequence

import msgspec

from resolver.config.schema import Updates
from resolver.lists.canaries import Canary
from resolver.model import Client, Type
from resolver.rules.compile import SourceReport
from resolver.rules.expressions import MAX_PATTERNS
from resolver.rules.rule import Action, Datum, Reason
from resolver.rules.ruleset import RuleSet, Winner

SMALL = 50
"""A list of fewer rules may grow and shrink as it likes."""

_HEAD = 65_536
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?P<xml><\?xml\b[^>]*>\s*)?(?:<!--.*?-->\s*)*+"
    rb"(?:(?P<html><(?:!doctype\s+html|html|head|body|meta|title|script)\b)|(?P<tag><(?:!doctype\b|[a-z][^<>\n]*>)))?",
    re.IGNORECASE | re.DOTALL,
)
# The possessive `*+` keeps a page of many comments from being tried in every way there is.
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r"))
_MOST_CONTROL = 50  # one byte in so many; text has none, what is packed one in ten, and a stray NUL is survived
_ANYBODY = Client("", "default")
_TYPES = (Type.A, Type.AAAA)
_SHOWN = 5


class Hit(msgspec.Struct, frozen=True):
    """A canary, and the rule that would keep people from it."""

    canary: Canary
    winner: Winner


def not_a_list(path: pathlib.Path, rules_before: int, *, own: bool = False) -> str | None:
    """Why a file is no list at all, by its first bytes; None when it may be one. Blocking.

    `rules_before` is how many rules the version before has, 0 without one. An `own` file may say nothing: whoever wrote
    it means it; only one that was emptied wholly, as failed writing leaves it, is refused after one with rules. Raises
    OSError.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        if own and not rules_before:
            return None
        return "it is empty" + ("; to keep it without rules, write a comment into it" if own else "")
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return _foreign(head[len(mark) :].decode(encoding, "replace").encode())
    if (reason := _foreign(head)) is not None:
        return reason
    if len(head) - len(head.translate(None, _CONTROL)) > len(head) // _MOST_CONTROL:
        return "it is not text; lists that are packed into archives cannot be read"
    return None


def _foreign(head: bytes) -> str | None:
    markup = _MARKUP.match(head)
    if markup is not None and markup["html"]:
        return "it is a web page, not a list; a sign-in page of the network may have answered"
    if markup is not None and (markup["xml"] or markup["tag"]):
        return "it is XML, not a list; the server may have answered with an error"
    if _JSON.match(head) is not None:
        return "it is JSON, not a list; the server may have answered with an error"
    return None


def without_rule(report: SourceReport, syntax: str) -> str | None:
    """Why a list says nothing at all."""
    return None if report.rules else f"no line of it is a rule (syntax {syntax})"


def too_many(report: SourceReport) -> str | None:
    """Why a list has more patterns than are good for whoever waits for an answer."""
    over = report.skipped.get(Reason.TOO_MANY.value, 0)
    return f"it has {_count(over, 'pattern')} too many; a list may have {MAX_PATTERNS:,}" if over else None


def matches_all(report: SourceReport) -> str | None:
    """Why a rule of a list cannot be meant."""
    if not report.everything:
        return None
    first = report.everything[0]
    return f"line {first.line:,} ({first.text}) matches every name"


def out_of_proportion(rules: int, before: int, updates: Updates) -> str | None:
    """Why a list cannot have become so small, or so large, since the version before (0: there is none)."""
    said = f"it has {_count(rules, 'rule')}, the version before had {before:,}"
    if before < SMALL:
        return None
    if rules * 100 < before * updates.shrink:
        return f"{said}: less than {updates.shrink} %"
    if rules * 100 > before * updates.grow:
        return f"{said}: more than {updates.grow} %"
    return None


def hits(canaries: Iterable[Canary], names: RuleSet) -> list[Hit]:
    """The canaries that the only list of a set keeps people from, in their order. Microseconds for each."""
    found: dict[str, Hit] = {}
    for canary in canaries:
        for type in _TYPES:
            winner = names.winner(canary.name, 1, type, _ANYBODY)
            if winner is not None and (winner.action.blocks or winner.action is Action.REWRITE):
                found.setdefault(canary.name, Hit(canary, winner))
                break
    return list(found.values())


def harm(found: Sequence[Hit]) -> str | None:
    """Why a list must not have these."""
    if not found:
        return None
    first, *others = _without_www(found)
    rewrites = first.winner.action is Action.REWRITE and all(isinstance(one, Datum) for one in first.winner.says)
    verb = "answer in its own way for" if rewrites else "block"
    more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
    rest = f"; also {', '.join(hit.canary.name for hit in others[:_SHOWN])}{more}" if others else ""
    return f"it would {verb} {first.canary.name} ({first.winner.text[:200]}), {first.canary.what}{rest}"


def _without_www(found: Sequence[Hit]) -> list[Hit]:
    """Names with and without `www.` are one to people."""
    names = {hit.canary.name for hit in found}
    return [hit for hit in found if not (hit.canary.name.startswith("www.") and hit.canary.name[4:] in names)]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
