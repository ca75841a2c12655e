"""`lull log --follow`: the log as it comes. A connection that is lost is made again, and nothing is shown twice."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import NoReturn

import msgspec
from msgspec.structs import replace

from resolver.admin.bodies import LogEntry, LogPage
from resolver.commands.api import Api, decode
from resolver.commands.logshown import text
from resolver.commands.outcome import NOT_RUNNING
from resolver.commands.output import json_line, note
from resolver.errors import ApiError, LullError

PAUSE = 1.0
"""Seconds before the connection is tried again."""

_SILENCE = 40.0  # seconds after which a connection is lost: something comes every fifteen
_OVERLAP = 15  # seconds: what is not in the database yet may be so old, and what other workers tell later
_REMEMBERED = 20_000  # entries that were shown


class _Missed(msgspec.Struct, frozen=True):
    rows: int | None


class _Shown:
    """What was shown lately, so that it is not shown again; and from when on (Unix second) there is something to be
    shown."""

    def __init__(self, since: int) -> None:
        self.last = 0
        self._since = since
        self._order: deque[LogEntry] = deque()
        self._again: Counter[LogEntry] = Counter()

    def add(self, entry: LogEntry) -> None:
        self.last = max(self.last, entry.at)
        self._order.append(_key(entry))
        while len(self._order) > _REMEMBERED or (self._order and self._order[0].at < self.last - 2 * _OVERLAP):
            self._order.popleft()

    def connect(self) -> None:
        """From now on entries may come again, each as often as it was shown."""
        self._again = Counter(self._order)

    def is_news(self, entry: LogEntry) -> bool:
        """Whether this is neither from too long ago nor one that was shown before the connection was made."""
        key = _key(entry)
        if self._again[key]:
            self._again[key] -= 1
            return False
        return entry.at >= self._since


def run(api: Api, conditions: dict[str, str | float | None], newest: Callable[[], LogPage], *, json: bool) -> NoReturn:
    """Print what is there (`newest`) and what comes, until interrupted. A daemon that restarts is waited for."""
    shown: _Shown | None = None
    waiting = False
    while True:
        since = f"{shown.last - _OVERLAP}" if shown and shown.last else f"{_OVERLAP}s"
        try:
            with api.stream("log/stream", wait=_SILENCE, since=since, **conditions) as response:
                if shown is None:  # not before: what comes meanwhile is in the stream
                    page = newest()
                    shown = _Shown(page.entries[-1].at if page.entries and page.next is not None else 0)
                    _print(page.entries, shown, json=json)
                elif waiting:
                    note("connected again")
                waiting = False
                shown.connect()
                _follow(api.lines(response), shown, json=json)
        except ApiError as error:
            if shown is None or (error.code != NOT_RUNNING and error.status != 503):
                raise
            if not waiting:
                note(f"{error}; waiting")
            waiting = True
        time.sleep(PAUSE)


def _follow(lines: Iterator[bytes], shown: _Shown, *, json: bool) -> None:
    for event, data in _events(lines):
        match event:
            case "message":
                entry = decode(data, LogEntry)
                if shown.is_news(entry):
                    _print([entry], shown, json=json)
            case "missed":
                rows = decode(data, _Missed).rows
                many = "some" if rows is None else f"{rows:,}"
                note(f"{many} entries came faster than they can be shown: not all that match are here")
            case "ended":
                raise LullError("the session is over: the admin tells no more")
            case _:
                pass  # what a newer daemon may say


def _events(lines: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """The events of a stream (HTML Living Standard, section 9.2.6): the word of each, and its data."""
    event, data = "message", b""
    for one in lines:
        field, _, value = one.rstrip(b"\r\n").partition(b":")
        if field == b"event":
            event = value.strip().decode("ascii", "replace")
        elif field == b"data":
            data += value.strip()
        elif not field and not value:
            if data:
                yield event, data
            event, data = "message", b""


def _print(entries: list[LogEntry], shown: _Shown, *, json: bool) -> None:
    """Print entries, which come newest first."""
    for entry in reversed(entries):
        shown.add(entry)
        if json:
            json_line(entry)
    if not json and entries:
        text(entries)
    print(end="", flush=True)


def _key(entry: LogEntry) -> LogEntry:
    """An entry without what differs when it comes from elsewhere, or later."""
    return replace(entry, id=0, device="")
