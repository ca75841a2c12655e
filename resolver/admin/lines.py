"""Where a rule stands: the line of the list's text that a compiled rule was made from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from resolver.admin.whybodies import SourceLine
from resolver.errors import ListError
from resolver.lists.compiler import Input
from resolver.lists.update import Lists
from resolver.model import RuleRef, Tier
from resolver.rules.locate import locate

_MOST = 20  # rules that are looked up; more than so many lists seldom say the same


async def lines_of(lists: Lists, rules: Iterable[RuleRef]) -> list[SourceLine]:
    """The lines of those rules that come from lists, as far as their texts are still there."""
    try:
        inputs = {one.id: one for one in lists.compiled.inputs}
    except ListError:
        return []
    found = []
    for rule in [rule for rule in rules if rule.tier == Tier.LISTS and rule.source in inputs][:_MOST]:
        line = await asyncio.to_thread(_line, lists, inputs[rule.source], rule)
        if line is not None:
            found.append(line)
    return found


def _line(lists: Lists, held: Input, rule: RuleRef) -> SourceLine | None:
    path = lists.version_file(held.id, held.sha256)
    try:
        found = path and locate(path, held.syntax, rule.text, subdomains=held.subdomains)
    except OSError:
        return None
    return SourceLine(str(rule), held.id, found.line, found.text) if found else None
