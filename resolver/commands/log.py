"""`lull log`: what was asked and how it was answered, oldest first; with --follow, as it comes."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import NoReturn

from resolver.admin.bodies import LogEntry, LogPage
from resolver.commands.api import Api, connect, decode
from resolver.commands.outcome import NOT_RUNNING, OK
from resolver.commands.output import as_json, colour_of, json_line, line, note, painted, safe, when
from resolver.errors import ApiError

LIMIT = 50
ANY = "*"  # any shadow list
VERDICTS = ("block", "allow", "pass", "rewrite", "refused")
_PAGE = 1000
_MOST = 10 * _PAGE  # entries of one second that are followed; more than that nobody reads
_PAUSE = 1.0
_ADDRESS, _NAME = 15, 30  # columns that devices have, at least and at most


class _Log:
    """The log of a daemon through the filters of a command."""

    def __init__(self, api: Api, arguments: Namespace) -> None:
        self._api = api
        self._filters = {key: getattr(arguments, key) for key in ("client", "name", "verdict", "since", "shadow")}

    def newest(self, limit: int, after: int = 0) -> LogPage:
        """The newest entries, newest first: at most `limit`, and only those with an id above `after`."""
        found: list[LogEntry] = []
        cursor: int | None = None
        while True:
            page = self._page(cursor, min(limit - len(found), _PAGE))
            fresh = [entry for entry in page.entries if entry.id > after]
            found += fresh
            cursor = page.next
            if cursor is None or len(fresh) < len(page.entries) or not fresh or len(found) >= limit:
                return LogPage(found, cursor)

    def since(self, last: int) -> LogPage:
        """What has come after the entry `last`; everything, if a new log was begun meanwhile: its ids begin anew."""
        newest = self._page(None, 1).entries
        begun_anew = bool(newest) and newest[0].id < last
        return self.newest(_MOST, 0 if begun_anew else last)

    def _page(self, cursor: int | None, limit: int) -> LogPage:
        return decode(self._api.get("log", cursor=cursor, limit=limit, **self._filters), LogPage)


def run(arguments: Namespace) -> int:
    log = _Log(connect(arguments), arguments)
    page = log.newest(arguments.limit)
    if arguments.follow:
        _follow(log, page, json=arguments.json)
    if arguments.json:
        as_json(page)
    elif page.entries:
        _text(page.entries)
    else:
        line("nothing in the log matches")
    return OK


def _follow(log: _Log, page: LogPage, *, json: bool) -> NoReturn:
    """Print what is there and what comes, until interrupted. A daemon that restarts is waited for."""
    last, waiting = 0, False
    while True:
        if json:
            for entry in reversed(page.entries):
                json_line(entry)
        else:
            _text(page.entries)
        print(end="", flush=True)
        last = page.entries[0].id if page.entries else last
        time.sleep(_PAUSE)
        try:
            page, waiting = log.since(last), False
        except ApiError as error:
            if error.code != NOT_RUNNING and error.status != 503:
                raise
            if not waiting:
                note(f"{error}; waiting")
            page, waiting = LogPage([], None), True


def _text(entries: list[LogEntry]) -> None:
    width = max([_ADDRESS, *(len(_device(entry)) for entry in entries)])
    for entry in reversed(entries):
        print(_shown(entry, min(width, _NAME)))


def _device(entry: LogEntry) -> str:
    return safe(entry.device or entry.client) or "-"


def _shown(entry: LogEntry, width: int) -> str:
    verdict = painted(f"{safe(entry.verdict):<7}", colour_of(entry.verdict))
    before = f"{when(entry.at)}  {_device(entry):<{width}}  "
    times = f"  ({entry.count} times)" if entry.count > 1 else ""
    return f"{before}{verdict}" + safe(
        f"  {entry.rcode:<8}  {entry.type:<5}  {entry.name or '-'}  {_how(entry)}{times}"
    )


def _how(entry: LogEntry) -> str:
    """Where the answer came from, or the rule, and the alias that led to it; and what a shadow list would have done."""
    rule = f"{entry.list}: {entry.rule}" if entry.list else ""
    via = f"  via {entry.via}" if entry.via else ""
    shadow = f"  would have been blocked by {entry.shadow}" if entry.shadow else ""
    return (rule or entry.upstream or entry.origin) + via + shadow
