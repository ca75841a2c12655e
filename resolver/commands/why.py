"""`lull why`: how a name is answered for a client, and which rule says so. The verdict comes first."""

from __future__ import annotations

from argparse import Namespace

from resolver.admin.bodies import Why
from resolver.commands.api import connect, decode
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, colour_of, line, when
from resolver.paths import PRODUCT

_HEADS = {"block": "BLOCKED", "allow": "ALLOWED", "pass": "PASSES", "rewrite": f"ANSWERED BY {PRODUCT.upper()}"}


def run(arguments: Namespace) -> int:
    data = connect(arguments).get("why", name=arguments.name, client=arguments.client, type=arguments.type)
    why = decode(data, Why)
    if arguments.json:
        as_json(data)
    else:
        _text(why)
    return OK


def _text(why: Why) -> None:
    who = f"{why.client} (group {why.group})" if why.client else f"any device of group {why.group}"
    head = _HEADS.get(why.verdict, why.verdict)
    line(f"  {why.name} {why.type}, for {who}", head=head, colour=colour_of(why.verdict))
    places = {found.rule: f"  (line {found.line:,}: {found.text})" for found in why.lines}
    by = why.decided_by
    _field("by", by + places.get(by, "") if by else "no rule: nothing has an opinion on it")
    if why.until is not None:
        _field("until", when(why.until))
    for other in why.matched:
        if other != why.decided_by:
            _field("also", other + places.get(other, ""))
    for other in why.shadow:
        _field("shadow", f"{other}{places.get(other, '')} (that list is in shadow mode and blocks nothing)")
    for other in why.unused:
        _field("unused", f"{other}{places.get(other, '')} (this group does not use that list)")
    if why.advice:
        line(why.advice)


def _field(title: str, text: str) -> None:
    line(f"  {title:<6} {text}")
