"""`lull rules`: people's own rules, many added at once, how to be rid of some, and what was changed."""

from __future__ import annotations

import pathlib
import sys
from argparse import Namespace

from resolver.admin.bodies import Done
from resolver.admin.rulebodies import (
    BULK_BYTES,
    BULK_LINES,
    BulkLine,
    BulkResult,
    ChangeInfo,
    ChangesPage,
    NewRules,
    RuleInfo,
    Suggestion,
)
from resolver.commands.api import A_WHILE, connect, decode
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, table, when, when_or, whom
from resolver.errors import TextError
from resolver.paths import PRODUCT

_LIMIT = 50  # changes that are shown


def run(arguments: Namespace) -> int:
    """Do what the first word says."""
    if arguments.action != "add":
        given = {f"--{arguments.do}": arguments.do, "--for": arguments.duration, "--comment": arguments.comment}
        given |= {"--client": arguments.client, "--group": arguments.group, "--all": arguments.all}
        if option := next((option for option, value in given.items() if value), ""):
            raise TextError(f"{option} is for rules add, and says nothing to rules {arguments.action}")
    return ACTIONS[arguments.action](arguments)


def _list(arguments: Namespace) -> int:
    _refuse_words(arguments)
    data = connect(arguments).get("rules")
    rules = decode(data, list[RuleInfo])
    if arguments.json:
        as_json(data)
    elif rules:
        table(("ID", "ACTION", "RULE", "FOR", "UNTIL", "HITS", "LAST", "BY", "COMMENT"), map(_row, rules))
    else:
        line(f"no rules yet; try: {PRODUCT} allow NAME")
    return OK


def _row(rule: RuleInfo) -> tuple[str, ...]:
    return (
        _id(rule),
        rule.action,
        rule.what,
        whom(rule.client, rule.group),
        when_or(rule.until, "for good"),
        f"{rule.hits:,}" if rule.hits else "-",
        when_or(rule.last_hit, "-"),
        rule.who or rule.origin,
        " ".join(filter(None, (rule.comment, f"({rule.note})" if rule.note else ""))),
    )


def _delete(arguments: Namespace) -> int:
    ids = [word for word in arguments.words if word.isascii() and word.isdecimal() and len(word) < 19]
    if not ids or len(ids) < len(arguments.words):
        raise TextError(f"rules delete takes the IDs of rules: `{PRODUCT} rules` shows them")
    api = connect(arguments)
    done = Done(effective=True)
    for id in ids:
        done = decode(api.delete(f"rules/{id}"), Done)
        if not arguments.json:
            late = "" if done.effective else f", but not everywhere yet: {done.note}"
            line(f"rule {id} is gone{late}; to take it back: {PRODUCT} undo")
    if arguments.json:
        as_json(done)
    return OK if done.effective else FAILED


def _add(arguments: Namespace) -> int:
    """Add the rules of a file, or of standard input."""
    if len(arguments.words) != 1:
        raise TextError("rules add takes a FILE with a rule a line, or - for standard input")
    new = NewRules(
        text=_read(arguments.words[0]),
        action=arguments.do or "",
        client=arguments.client or "",
        group=arguments.group or "",
        duration=arguments.duration,
        comment=arguments.comment,
    )
    data = connect(arguments).post("rules/bulk", new, A_WHILE)
    result = decode(data, BulkResult)
    if arguments.json:
        as_json(data)
    else:
        _report(result)
    return OK if result.effective and not result.errors else FAILED


def _read(file: str) -> str:
    """The text of a file. Raises TextError for one that cannot be read, is too large, or no text."""
    if file == "-":
        raw = sys.stdin.buffer.read(BULK_BYTES + 1)
    else:
        try:
            with pathlib.Path(file).open("rb") as opened:
                raw = opened.read(BULK_BYTES + 1)
        except OSError as error:
            raise TextError(f"{file} cannot be read: {error.strerror}") from error
    if len(raw) > BULK_BYTES or raw.count(b"\n") > BULK_LINES:
        raise TextError(f"{file}: at most {BULK_LINES:,} lines and {BULK_BYTES >> 10:,} KiB go at once; use a list")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise TextError(f"{file} is not UTF-8: {error.reason} at byte {error.start}") from error


def _report(result: BulkResult) -> None:
    for one in result.lines:
        if one.outcome != "added":
            line(f"line {one.line}: {_outcome(one)}: {one.text}")
    instead = f", {result.replaced} other rules gave way" if result.replaced else ""
    instead = ", 1 other rule gave way" if result.replaced == 1 else instead
    line(f"{result.added} added{instead}, {result.holds} held already, {result.errors} are no rules")
    if result.added:
        force = "in force everywhere" if result.effective else f"not in force everywhere yet: {result.note}"
        undo = "" if result.change is None else f"; to take all of them back: {PRODUCT} undo {result.change}"
        line(f"{force}{undo}")


def _outcome(one: BulkLine) -> str:
    return f"held already ({one.reason})" if one.outcome == "holds" else one.reason


def _suggest(arguments: Namespace) -> int:
    _refuse_words(arguments)
    data = connect(arguments).get("rules/suggestions", wait=A_WHILE)
    found = decode(data, list[Suggestion])
    if arguments.json:
        as_json(data)
    elif found:
        rows = ((_id(one.rule), one.rule.what, whom(one.rule.client, one.rule.group), one.reason) for one in found)
        table(("ID", "ALLOWS", "FOR", "WHY NOT"), rows)
        line(f"to delete some: {PRODUCT} rules delete ID ...")
    else:
        line("every rule that allows something has been of use lately, and still is")
    return OK


def _changes(arguments: Namespace) -> int:
    _refuse_words(arguments)
    data = connect(arguments).get("changes", limit=_LIMIT)
    found = decode(data, ChangesPage).entries
    if arguments.json:
        as_json(data)
    elif found:
        table(("ID", "WHEN", "WHO", "WHAT", "TAKEN BACK"), map(_changed, found))
        line(f"to take one back: {PRODUCT} undo ID")
    else:
        line("nothing was changed yet")
    return OK


def _changed(change: ChangeInfo) -> tuple[str, ...]:
    undone = "" if change.undone is None else f"by change {change.undone}"
    return str(change.id), when(change.at), change.who, change.what, undone


def _id(rule: RuleInfo) -> str:
    return "-" if rule.id is None else str(rule.id)


def _refuse_words(arguments: Namespace) -> None:
    if arguments.words:
        raise TextError(f"rules {arguments.action} takes nothing more; to delete a rule: rules delete ID")


ACTIONS = {"list": _list, "delete": _delete, "add": _add, "suggest": _suggest, "changes": _changes}
