"""`lull why`: how a name is answered for a client, and which rule says so. The verdict comes first."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from resolver.admin.whybodies import Link, MatchedRule, Why
from resolver.commands.api import connect, decode
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, colour_of, line, when
from resolver.config.leaves import show_duration
from resolver.paths import PRODUCT

_HEADS = {"block": "BLOCKED", "allow": "ALLOWED", "pass": "PASSES", "rewrite": f"ANSWERED BY {PRODUCT.upper()}"}
_MOST = 8  # rules beside the one that decided


def run(arguments: Namespace) -> int:
    asked = {"name": arguments.name, "client": arguments.client, "type": arguments.type, "at": arguments.at}
    data = connect(arguments).get("why", **asked)
    why = decode(data, Why)
    if arguments.json:
        as_json(data)
    else:
        _text(why, at=arguments.at is not None)
    return OK


def _text(why: Why, *, at: bool) -> None:
    then = f", at {when(why.at)}" if at else ""
    head = _HEADS.get(why.verdict, why.verdict)
    line(f"  {why.name} {why.type}, for {_who(why)}{then}", head=head, colour=colour_of(why.verdict))
    for title, text in _fields(why):
        line(f"  {title:<6} {text}")
    if why.advice:
        line(why.advice)


def _who(why: Why) -> str:
    if not why.client and not why.device:
        return f"any device of group {why.group}"
    known = f"known by {why.identified}" if why.identified else ""
    parts = [why.client if why.device else "", f"group {why.group}", known]
    return f"{why.device or why.client} ({', '.join(filter(None, parts))})"


def _fields(why: Why) -> Iterator[tuple[str, str]]:
    decided = why.matched[:1] if why.decided_by else []
    others = why.matched[len(decided) :]
    if why.via:
        yield "via", f"it is an alias of {why.via}"
    yield "by", _rule(decided[0]) if decided else "no rule: nothing has an opinion on it"
    if why.answer:
        yield "answer", why.answer
    if why.until is not None:
        yield "until", when(why.until)
    for other in others[:_MOST]:
        yield "also", f"{_rule(other)}: {other.lost}" if other.lost else _rule(other)
    if len(others) > _MOST:
        yield "also", f"{len(others) - _MOST} more: --json shows all"
    if why.chain:
        yield "alias", " > ".join(map(_link, why.chain))
    for cached in _cached(why):
        yield "cached", cached
    for window in why.windows:
        yield "window", f"{window.rule}, open until {when(window.until)}"
    for edge in filter(lambda edge: edge.bears, why.edges):
        until = "" if edge.until is None else f" until {when(edge.until)}"
        changed = f" ({edge.why})" if edge.why else ""
        yield "hours", f"{edge.schedule} is {'on' if edge.on else 'off'}{until}{changed}"


def _rule(rule: MatchedRule) -> str:
    """A rule with what it is, for whom, where it stands, and its tier."""
    written = "" if rule.rule.endswith(f": {rule.line_text}") else f": {rule.line_text}"
    place = "" if rule.line is None else f", line {rule.line:,}{written}"
    scope = "" if rule.scope == "everyone" else f", for {rule.scope}"
    number = "" if rule.id is None else f", rule {rule.id}"
    return f"{rule.rule}  ({rule.word}{scope}{number}{place}; tier {rule.tier})"


def _link(link: Link) -> str:
    return f"{link.name} ({link.rule})" if link.rule else link.name


def _cached(why: Why) -> Iterator[str]:
    """What is remembered: the answer that this device is given, and what the upstream said."""
    truth = why.cached
    is_answer = truth is not None and truth.left > 0 and why.verdict in {"pass", "allow"}
    if why.finished is not None and not is_answer:
        yield f"answered from memory for {show_duration(why.finished)} more"
    if truth is None:
        return
    said = f"{truth.rcode}, asked {show_duration(truth.age)} ago"
    if is_answer:
        yield f"answered from memory for {show_duration(truth.left)} more ({said})"
    elif truth.left > 0:
        yield f"what the upstream says ({said}) is kept for {show_duration(truth.left)} more"
    else:
        yield f"what the upstream said ({said}) is too old: it is asked again"
