"""What people ask the log for, and what they get: conditions, rows and pages."""

from __future__ import annotations

import msgspec

ANY = "*"
"""Stands for every shadow list in a LogFilter; no id is like it."""


class LogFilter(msgspec.Struct, frozen=True):
    """What rows to show; None is no condition, and all that are given hold at once.

    `clients` are addresses, any of which it may be (of none: no rows). `name` is presentation text, in small letters:
    the name itself and all below it; `exact` is that name alone, `part` any piece of one, in whatever letters. `source`
    is the id of the list that decided, or who else did, `rule` the whole text of the rule. `since` and `until` are Unix
    time, the first from then on, the second before then. `slower` is milliseconds: what took longer than that. `shadow`
    is the id of a shadow list, or ANY: rows that it would have blocked.
    """

    clients: tuple[str, ...] | None = None
    group: str | None = None
    name: str | None = None
    exact: str | None = None
    part: str | None = None
    type: int | None = None
    verdict: str | None = None
    source: str | None = None
    rule: str | None = None
    origin: str | None = None
    upstream: str | None = None
    rcode: int | None = None
    since: float | None = None
    until: float | None = None
    slower: float | None = None
    shadow: str | None = None

    @property
    def alike(self) -> dict[str, str | int]:
        """The conditions that a field of a row equals a value, by the field."""
        fields = ("group", "type", "verdict", "source", "origin", "upstream", "rcode", "rule")
        return {field: value for field in fields if (value := getattr(self, field)) is not None}


class LogRow(msgspec.Struct, frozen=True):
    """`count` equal exchanges of one second, the slowest of which took `took_us` microseconds. `shadow` is the rule of
    a shadow list that would have blocked them, "list: rule"."""

    id: int
    at: int
    client: str
    group: str
    name: str
    type: int
    rcode: int
    origin: str
    verdict: str
    source: str
    rule: str
    via: str
    upstream: str
    count: int
    took_us: int
    shadow: str


class LogPage(msgspec.Struct, frozen=True):
    """Rows, newest first, and the cursor of the page after it; None when there is none.

    A page may have fewer rows than were asked for, even none, and yet a `next`: its time was over. `reached` is the
    Unix second down to which the log has been looked through; 0 when that was all of it.
    """

    rows: list[LogRow]
    next: int | None
    reached: int = 0


def matches(filter: LogFilter, row: LogRow) -> bool:
    """Whether a filter lets a row through."""
    return (
        all(getattr(row, field) == value for field, value in filter.alike.items())
        and (filter.clients is None or row.client in filter.clients)
        and (filter.since is None or row.at >= filter.since)
        and (filter.until is None or row.at < filter.until)
        and (filter.slower is None or row.took_us > filter.slower * 1000)
        and (filter.shadow is None or of_shadow(filter.shadow, row.shadow))
        and named(filter, row.name)
    )


def named(filter: LogFilter, name: str) -> bool:
    """Whether the conditions on names hold for a name."""
    below = filter.name in {None, ".", name} or name.endswith(f".{filter.name}")
    return below and filter.exact in {None, name} and (filter.part is None or filter.part.lower() in name)


def of_shadow(list: str, shadow: str) -> bool:
    """Whether a row's `shadow` ("list: rule", or the list alone where privacy keeps no rules) is of a list."""
    return bool(shadow) and (list in {ANY, shadow} or shadow.startswith(f"{list}: "))
