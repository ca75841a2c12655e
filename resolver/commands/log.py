"""`lull log`: what was asked and how it was answered, oldest first; as it comes, as a file, and forgotten."""

from __future__ import annotations

import sys
import time
from argparse import Namespace

from resolver.admin.bodies import LogEntry, LogPage
from resolver.commands import logfollow, logforget
from resolver.commands.api import A_WHILE, Api, connect, decode
from resolver.commands.logshown import text
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, line, note, when
from resolver.errors import TextError
from resolver.paths import PRODUCT

LIMIT = 50
ANY = "*"  # any shadow list
VERDICTS = ("block", "allow", "pass", "rewrite", "refused")
ORIGINS = ("upstream", "cache", "stale", "local")
FORMATS = ("csv", "jsonl")
CONDITIONS = (
    "client",
    "group",
    "name",
    "exact",
    "part",
    "type",
    "verdict",
    "list",
    "rule",
    "origin",
    "upstream",
    "rcode",
    "slower",
    "shadow",
)
SPAN = ("since", "until")
_PAGE = 1000
_TOLD = 3.0  # seconds after which somebody who waits is told how far back the search has come


def run(arguments: Namespace) -> int:
    """Show the log, follow it, write it out, or forget some of it."""
    _check(arguments)
    api = connect(arguments)
    conditions = {key: getattr(arguments, key) for key in CONDITIONS}
    if arguments.action:
        return logforget.run(api, arguments)
    if arguments.export:
        return _export(api, arguments.export, {**conditions, **_span(arguments)})
    limit = arguments.limit or LIMIT
    if arguments.follow:
        page = {**conditions, **_span(arguments)}
        logfollow.run(api, conditions, lambda: newest(api, page, limit), json=arguments.json)
    found = newest(api, {**conditions, **_span(arguments)}, limit)
    if arguments.json:
        as_json(found)
    elif found.entries:
        text(found.entries)
    else:
        line("nothing in the log matches")
    return OK


def newest(api: Api, filters: dict[str, str | float | None], limit: int) -> LogPage:
    """The newest entries, newest first: at most `limit`. The admin looks for a moment only at each request, and there
    may be little to find: it is asked until there is enough, or no more."""
    found: list[LogEntry] = []
    cursor: int | None = None
    said = time.monotonic()
    while True:
        count = min(limit - len(found), _PAGE)
        page = decode(api.get("log", wait=A_WHILE, cursor=cursor, limit=count, **filters), LogPage)
        found += page.entries
        cursor = page.next
        if cursor is None or len(found) >= limit:
            return LogPage(found, cursor, page.reached)
        if time.monotonic() - said >= _TOLD and sys.stderr.isatty():
            note(f"looked back to {when(page.reached)}, found {len(found)} so far …")
            said = time.monotonic()


def _export(api: Api, format: str, filters: dict[str, str | float | None]) -> int:
    if sys.stdout.isatty():
        raise TextError(f"that is not to be read on a terminal: {PRODUCT} log --export {format} > FILE")
    sys.stdout.flush()
    with api.stream("log/export", wait=A_WHILE, format=format, **filters) as response:
        for piece in api.pieces(response):
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    return OK


def _span(arguments: Namespace) -> dict[str, str | float | None]:
    return {key: getattr(arguments, key) for key in SPAN}


def _check(arguments: Namespace) -> None:
    """Refuse options that say nothing together."""
    forgets = arguments.action == "forget"
    given = [option for option in ("before", "yes") if getattr(arguments, option)]
    if given and not forgets:
        raise TextError(f"--{given[0]} is for {PRODUCT} log forget")
    if forgets:
        others = (*CONDITIONS, *SPAN, "limit", "follow", "export")
        given = [one for one in others if one not in {"client", "name"} and getattr(arguments, one)]
        if given:
            raise TextError(f"what is to be forgotten is said by --client, --name and --before, not by --{given[0]}")
    if arguments.export and (arguments.limit or arguments.follow or arguments.json):
        raise TextError("--export writes all of it, in its own form: without --limit, --follow and --json")
    if arguments.follow and arguments.until:
        raise TextError("--follow has no end: without --until")
