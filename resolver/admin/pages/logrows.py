"""The rows of the log as its page shows them: in words, with links to more of the same, and with what can be done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import urlencode

import msgspec

from resolver.admin.bodies import LogEntry
from resolver.admin.pages.logfilter import ORIGINS, PAGE, Links
from resolver.admin.pages.render import plain
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.config.leaves import is_address
from resolver.errors import ApiError
from resolver.policy.schedules import SOURCE as SCHEDULES
from resolver.store.filters import LogFilter

EXTENSION = "30m"
"""For how long what a schedule blocks can be allowed: lasting rules do not come before schedules."""

SOURCES = {
    "rules": "own rule",
    "sites": "site rule",
    "schedules": "schedule",
    "services": "service",
    "safe-search": "safe search",
    "pause": "pause",
    "group": "the group's default",
    "records": "local record",
    "special-use": "special-use name",
    "rebinding": "rebinding",
}
"""Who decides beside the lists, in words."""

Act = Literal["allow", "deny", "extend", ""]

_VALUE = re.compile(r"([0-9]{1,18})\.([0-9]{1,11})")
_ACTS: Mapping[str, Act] = {"block": "allow", "pass": "deny", "allow": "deny"}
_LONGEST = 120  # characters of an address in a row
_START, _END = 24, 36  # characters of a long text in a row
_DATE = len("2026-11-23")
_MS = 1_000
_SECOND = 1_000_000


class Row(msgspec.Struct, frozen=True):
    """An entry: `when`, without the day if that is today; by `whom` it was decided, the answer and how long it took, in
    words; the `act` that is offered, and `value`, by which the entry is found again; the rule that allows it by `now`;
    and addresses of more of the same device, name and rule, and of why ("" where there is nothing to ask for)."""

    entry: LogEntry
    when: str
    whom: str
    answer: str
    took: str
    act: Act
    value: str
    now: str
    of_device: str
    of_name: str
    of_rule: str
    why: str


def rows_of(
    entries: Iterable[LogEntry], links: Links, titles: Mapping[str, str], allowing: Mapping[int, str], now: float
) -> list[Row]:
    """Entries as rows. `titles` are those of lists by their ids, `allowing` as of `Ruling.allowing`."""
    today = clock_time(now)[:_DATE]
    return [_row(entry, links, titles, allowing.get(entry.id, ""), today) for entry in entries]


def _row(entry: LogEntry, links: Links, titles: Mapping[str, str], now: str, today: str) -> Row:
    value = f"{entry.id}.{entry.at}"
    return Row(
        entry,
        when=clock_time(entry.at).removeprefix(f"{today} "),
        whom=SOURCES.get(entry.list) or titles.get(entry.list, entry.list),
        answer=_answer(entry),
        took=took(entry.took_us),
        act="" if entry.name in {"", "."} or now else _act(entry),
        value=value,
        now=now,
        of_device=links.more("client", entry.client),
        of_name=_brief(links.more("exact", entry.name), value, "name"),
        of_rule=_brief(links.more("rule", entry.rule), value, "rule"),
        why=_brief(why_of(entry), value, "why") if entry.name else "",
    )


def brief(text: str) -> str:
    """A text that fits a row, in which it stands more than once; the whole of a name is at Why."""
    return plain(text if len(text) <= _START + _END else f"{text[:_START]}…{text[-_END:]}")


def why_of(entry: LogEntry) -> str:
    """The address of the page that says why an entry was answered as it was."""
    who = entry.client if is_address(entry.client) else ""
    question = {"name": entry.name, "client": who, "type": "" if entry.type == "A" else entry.type}
    return f"/why?{urlencode({key: value for key, value in question.items() if value})}"


def _brief(address: str, value: str, to: str) -> str:
    """An address; of a very long one, which names of a thousand characters make, one that leads on to it."""
    return address if len(address) <= _LONGEST else f"{PAGE}/{to}?{urlencode({'row': value})}"


def _act(entry: LogEntry) -> Act:
    return "extend" if entry.verdict == "block" and entry.list == SCHEDULES else _ACTS.get(entry.verdict, "")


def _answer(entry: LogEntry) -> str:
    if entry.origin == "upstream" and entry.upstream:
        return f"{entry.rcode} from {_host(entry.upstream)}"
    return f"{entry.rcode} {ORIGINS.get(entry.origin, entry.origin)}"


def _host(url: str) -> str:
    """Whom a URL of an upstream is about: without scheme, path and the name of a certificate."""
    return re.split(r"[/#]", url.partition("://")[2] or url)[0]


def took(us: int) -> str:
    """Microseconds as people read them."""
    if us >= _SECOND:
        return f"{us / _SECOND:.1f} s"
    return f"{us / _MS:.0f} ms" if us >= 10 * _MS else f"{us / _MS:.1f} ms"


async def entry_of(asked: Service, value: str) -> LogEntry:
    """The entry that the `value` of a row stands for. Raises ApiError when it is none, or is there no longer: another
    database may have come in its place."""
    match = _VALUE.fullmatch(value)
    if match is None:
        raise ApiError(400, "invalid", "that is no row of the log: load the page again")
    id, at = int(match[1]), int(match[2])
    found = (await asked.log(LogFilter(), id + 1, 1)).entries
    if not found or (found[0].id, found[0].at) != (id, at):
        raise ApiError(404, "not-found", "that row is no longer in the log: load the page again")
    return found[0]
