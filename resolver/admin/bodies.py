"""The typed bodies of the API: what `service` returns and takes, and what the command prints. Times are Unix time."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from resolver.model import UpstreamHealth


class WorkerStatus(msgspec.Struct, frozen=True):
    """One connected worker; counters are since its start."""

    number: int
    pid: int
    generation: str
    answered: int
    waiting: int
    dropped: int
    rrsets: int
    packets: int
    journal_waiting: int
    journal_dropped: int
    trouble: str


class StoreStatus(msgspec.Struct, frozen=True):
    """The database: "ok", or what is wrong with it; rows written and given up since control started."""

    state: str
    detail: str
    since: float
    rows_written: int
    rows_waiting: int
    rows_dropped: int
    incidents: list[str]


class BundleStatus(msgspec.Struct, frozen=True):
    """The policy in force: its generation, and what went wrong with the last attempt to change it ("" if nothing)."""

    generation: str
    names: int
    trouble: str


class PauseInfo(msgspec.Struct, frozen=True):
    """A pause in force; empty client and group mean everyone. `id` is 0 while the database that knows it cannot be
    read."""

    id: int
    until: float
    client: str
    group: str


class Status(msgspec.Struct, frozen=True):
    """How everything is. `well` and `sentence` answer "is it the DNS?"; `troubles` is what needs attention.
    `compiling`: how much of a compile of the lists is done, in per cent; None while there is none."""

    well: bool
    sentence: str
    version: str
    started: float
    workers: list[WorkerStatus]
    upstreams: list[UpstreamHealth]
    bundle: BundleStatus
    store: StoreStatus
    lists_failing: list[str]
    pauses: list[PauseInfo]
    troubles: list[str]
    compiling: float | None = None


class Health(msgspec.Struct, frozen=True):
    """What `/healthz` says. `ok`: control can do its work; `well` and `sentence` as in `Status`, of DNS itself."""

    ok: bool
    well: bool
    sentence: str


class Count(msgspec.Struct, frozen=True):
    """A name or a client with its number of queries."""

    value: str
    count: int


class Hour(msgspec.Struct, frozen=True):
    """The queries of one hour by verdict."""

    at: int
    verdicts: dict[str, int]


class Stats(msgspec.Struct, frozen=True):
    """Totals since a time: all queries, by verdict and by origin, hour by hour, and the names and clients on top."""

    since: float
    queries: int
    verdicts: dict[str, int]
    origins: dict[str, int]
    hours: list[Hour]
    blocked: list[Count]
    names: list[Count]
    clients: list[Count]


class LogEntry(msgspec.Struct, frozen=True):
    """Equal exchanges of one second: `at` is that second; type and RCODE as text; `took_us` the longest of them;
    `shadow` the rule of a shadow list that would have blocked it, "list: rule"."""

    id: int
    at: int
    client: str
    group: str
    name: str
    type: str
    rcode: str
    origin: str
    verdict: str
    list: str
    rule: str
    via: str
    upstream: str
    count: int
    took_us: int
    shadow: str = ""


class LogPage(msgspec.Struct, frozen=True):
    """Entries, newest first, and the cursor of the next page (None: this was the last)."""

    entries: list[LogEntry]
    next: int | None


class RuleInfo(msgspec.Struct, frozen=True):
    """One of people's own rules. Rules of the config have no id: they are changed there."""

    id: int | None
    action: str
    name: str
    client: str
    group: str
    until: float | None
    comment: str
    created: float | None
    origin: str


class NewRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule to add: the name and all below it; for everyone unless client or group is given; for good unless `for`
    is, as a duration such as "10m" or in seconds."""

    action: Literal["allow", "deny"]
    name: Annotated[str, Meta(min_length=1, max_length=1024)]
    client: Annotated[str, Meta(max_length=64)] = ""
    group: Annotated[str, Meta(max_length=64)] = ""
    duration: str | int | None = msgspec.field(name="for", default=None)
    comment: Annotated[str, Meta(max_length=500)] = ""


class RuleResult(msgspec.Struct, frozen=True):
    """The rule that now holds. `created` is false when it already held; `replaced` are rules that gave way; `effective`
    tells whether every worker has it, `note` says what not. `outranked_by` are rules for the same name that say the
    opposite to somebody in particular, and go on winning there."""

    rule: RuleInfo
    created: bool
    replaced: list[RuleInfo]
    effective: bool
    note: str = ""
    outranked_by: list[RuleInfo] = []


class NewPause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pause to begin now: for how long, and for whom (neither: everyone)."""

    duration: str | int = msgspec.field(name="for", default="10m")
    client: Annotated[str, Meta(max_length=64)] = ""
    group: Annotated[str, Meta(max_length=64)] = ""


class Done(msgspec.Struct, frozen=True):
    """A change that was made. `effective` tells whether every worker has it, `note` says what not."""

    effective: bool
    note: str = ""


class SourceLine(msgspec.Struct, frozen=True):
    """Where a rule of a list stands: the rule as `matched` has it, the list, the line's number from 1 and its text."""

    rule: str
    list: str
    line: int
    text: str


class Why(msgspec.Struct, frozen=True):
    """Why a question is answered as it is. `verdict` is block, allow, rewrite or pass; `decided_by` the rule that
    decided ("" for none); `matched` all that matched, the deciding one first; `unused` rules of lists that this group
    does not use, `shadow` those of lists in shadow mode; `lines` tells where rules of lists stand."""

    name: str
    type: str
    client: str
    group: str
    verdict: str
    tier: int
    decided_by: str
    until: float | None
    matched: list[str]
    unused: list[str]
    shadow: list[str]
    lines: list[SourceLine]
    advice: str
