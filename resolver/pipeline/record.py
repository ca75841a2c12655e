"""Stage record: wraps everything; no answer, not even REFUSED, escapes the journal."""

from __future__ import annotations

from typing import assert_never

import msgspec

from resolver.model import Allow, Block, Exchange, Pass, Query, Rcode, Response, Rewrite, Verdict
from resolver.wire.name import to_text
from resolver.wire.query import Fault

REFUSED = "refused"


def exchange(query: Query, response: Response) -> Exchange:
    """What the journal keeps of an answered query."""
    word, source, rule = _words(response.verdict)
    shadow = response.verdict.shadow if isinstance(response.verdict, Pass) else None
    if response.rcode == Rcode.REFUSED and word == "pass" and response.origin == "local":
        word = REFUSED
    return Exchange(
        query.name,
        query.question.type,
        response.rcode,
        response.origin.value,
        word,
        source,
        rule,
        response.via,
        response.upstream,
        "" if shadow is None else str(shadow),
    )


def again(first: Exchange) -> Exchange:
    """The same exchange when it is answered from the packet cache: what came from upstream now comes from cache."""
    if first.origin != "upstream":
        return first
    return msgspec.structs.replace(first, origin="cache", upstream="")


def fault(fault: Fault) -> Exchange:
    """What the journal keeps of a query that broke the protocol."""
    name, type = ("", 0) if fault.question is None else (to_text(fault.question.name), fault.question.type)
    return Exchange(name, type, fault.rcode, "local", REFUSED)


def _words(verdict: Verdict) -> tuple[str, str, str]:
    """The verdict as a word, and the source and text of the rule behind it."""
    match verdict:
        case Pass():
            return "pass", "", ""
        case Allow(rule):
            return "allow", rule.source, rule.text
        case Block(rule):
            return "block", rule.source, rule.text
        case Rewrite(rule):
            return "rewrite", rule.source, rule.text
        case unknown:
            assert_never(unknown)
