"""`lull rules`: people's own rules, and how to be rid of one."""

from __future__ import annotations

from argparse import Namespace

from resolver.admin.bodies import Done, RuleInfo
from resolver.commands.api import connect, decode
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, table, when_or, whom
from resolver.errors import TextError
from resolver.paths import PRODUCT


def run(arguments: Namespace) -> int:
    if arguments.action == "delete":
        return _delete(arguments)
    if arguments.id is not None:
        raise TextError("rules list takes no ID; to delete a rule: rules delete ID")
    return _list(arguments)


def _list(arguments: Namespace) -> int:
    data = connect(arguments).get("rules")
    rules = decode(data, list[RuleInfo])
    if arguments.json:
        as_json(data)
    elif rules:
        table(("ID", "ACTION", "NAME", "FOR", "UNTIL", "FROM", "COMMENT"), map(_row, rules))
    else:
        line(f"no rules yet; try: {PRODUCT} allow NAME")
    return OK


def _row(rule: RuleInfo) -> tuple[str, ...]:
    return (
        "-" if rule.id is None else str(rule.id),
        rule.action,
        rule.name,
        whom(rule.client, rule.group),
        when_or(rule.until, "for good"),
        rule.origin,
        rule.comment,
    )


def _delete(arguments: Namespace) -> int:
    if arguments.id is None:
        raise TextError(f"rules delete needs the ID of a rule: `{PRODUCT} rules` shows it")
    data = connect(arguments).delete(f"rules/{arguments.id}")
    done = decode(data, Done)
    if arguments.json:
        as_json(data)
    else:
        line(f"rule {arguments.id} is gone" + ("" if done.effective else f", but not everywhere yet: {done.note}"))
    return OK if done.effective else FAILED
