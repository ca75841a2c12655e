"""Stage record: wraps everything; no answer, not even REFUSED, escapes the journal."""

from __future__ import annotations

from typing import assert_never

from resolver.model import Allow, Block, Exchange, Pass, Query, Rcode, Response, Rewrite, RuleRef, Verdict
from resolver.wire.name import to_text
from resolver.wire.query import Fault

REFUSED = "refused"


TOO_MANY = Exchange("", 0, Rcode.REFUSED, "local", REFUSED, "limits")
"""What the journal keeps of queries beyond what a client may ask."""


def exchange(query: Query, response: Response) -> Exchange:
    """What the journal keeps of an answered query."""
    word, rule = _words(response.verdict)
    shadow = response.verdict.shadow if isinstance(response.verdict, Pass) else None
    if response.rcode == Rcode.REFUSED and word == "pass" and response.origin == "local":
        word = REFUSED
    return Exchange(
        query.name,
        query.question.type,
        response.rcode,
        response.origin.value,
        word,
        "" if rule is None else rule.source,
        "" if rule is None else rule.text,
        response.via,
        response.upstream,
        "" if shadow is None else str(shadow),
        "" if rule is None else rule.own,
    )


def again(first: Exchange) -> Exchange:
    """The same exchange when it is answered from the packet cache: what came from upstream now comes from cache."""
    if first.origin != "upstream":
        return first
    name, type, rcode = first.name, first.type, first.rcode
    verdict, source, rule = first.verdict, first.source, first.rule
    return Exchange(name, type, rcode, "cache", verdict, source, rule, first.via, "", first.shadow, first.own)


def fault(fault: Fault) -> Exchange:
    """What the journal keeps of a query that broke the protocol."""
    name, type = ("", 0) if fault.question is None else (to_text(fault.question.name), fault.question.type)
    return Exchange(name, type, fault.rcode, "local", REFUSED)


def _words(verdict: Verdict) -> tuple[str, RuleRef | None]:
    """The verdict as a word, and the rule behind it."""
    match verdict:
        case Pass():
            return "pass", None
        case Allow(rule):
            return "allow", rule
        case Block(rule):
            return "block", rule
        case Rewrite(rule):
            return "rewrite", rule
        case unknown:
            assert_never(unknown)
