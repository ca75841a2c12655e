"""`lull allow` and `lull deny`: a rule for a name and all below it, in force at once."""

from __future__ import annotations

from argparse import Namespace

from resolver.admin.bodies import NewRule, RuleInfo, RuleResult
from resolver.commands.api import connect, decode
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, colour_of, line, when, whom
from resolver.config.leaves import own_rule
from resolver.paths import PRODUCT

_COLOURED = {"allow": "allow", "deny": "block"}


def run(arguments: Namespace) -> int:
    rule = own_rule(f"{arguments.command} {arguments.name}")
    new = NewRule(
        action=rule.action,
        name=rule.name,
        client=arguments.client or "",
        group=arguments.group or "",
        duration=arguments.duration,
        comment=arguments.comment,
    )
    data = connect(arguments).post("rules", new)
    result = decode(data, RuleResult)
    if arguments.json:
        as_json(data)
    else:
        _text(result)
    return OK if result.effective else FAILED


def _text(result: RuleResult) -> None:
    rule = result.rule
    line(f" {_rest(rule)}", head=rule.action, colour=colour_of(_COLOURED.get(rule.action, "")))
    for old in result.replaced:
        line(f"  instead of {old.action} {_rest(old)}")
    if not result.created:
        line("  it already held")
    for other in result.outranked_by:
        undo = f"; to end that: {PRODUCT} rules delete {other.id}" if other.id is not None else ""
        line(f"  but {whom(other.client, other.group)} still has: {other.action} {other.name}{undo}")
    force = "in force everywhere" if result.effective else f"not in force everywhere yet: {result.note}"
    line(f"  {force}" + (f"; undo: {PRODUCT} rules delete {rule.id}" if result.created and rule.id is not None else ""))


def _rest(rule: RuleInfo) -> str:
    """A rule after its action: name, for whom, until when."""
    until = "" if rule.until is None else f", until {when(rule.until)}"
    return f"{rule.name} for {whom(rule.client, rule.group)}{until}"
