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
    """The database: "ok", or what is wrong with it; since control started, rows written, and queries whose rows were
    given up."""

    state: str
    detail: str
    since: float
    rows_written: int
    rows_waiting: int
    rows_dropped: int
    incidents: list[str]
    place: str = ""


class BundleStatus(msgspec.Struct, frozen=True):
    """The policy in force: its generation, and what went wrong with the last attempt to change it ("" if nothing)."""

    generation: str
    names: int
    trouble: str


class PauseInfo(msgspec.Struct, frozen=True):
    """A pause in force; empty client and group mean everyone. `client` is an address or a device's name, `who` began it
    ("" if that is not known). `id` is 0 while the database that knows it cannot be read."""

    id: int
    until: float
    client: str
    group: str
    who: str = ""


class Trouble(msgspec.Struct, frozen=True):
    """Something that needs attention, in a sentence, what it is about, and which of them (the id of a list)."""

    text: str
    about: Literal["dns", "upstreams", "lists", "rules", "sites", "devices", "policy", "config", "database"]
    id: str = ""


class Status(msgspec.Struct, frozen=True):
    """How everything is. `well` and `sentence` answer "is it the DNS?", and it is so `since` then (Unix time);
    `troubles` is what needs attention. `compiling`: how much of a compile of the lists is done, in per cent; None while
    there is none. So many `requests` of members wait for a decision."""

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
    since: float = 0.0
    requests: int = 0


class Health(msgspec.Struct, frozen=True):
    """What `/healthz` says. `ok`: control can do its work; `well` and `sentence` as in `Status`, of DNS itself."""

    ok: bool
    well: bool
    sentence: str


class Count(msgspec.Struct, frozen=True):
    """A name or a client with its number of queries."""

    value: str
    count: int


class ClientCount(Count, frozen=True):
    """A client by its address; `device` is what the device there is called now ("" if it has no name)."""

    device: str = ""


class Hour(msgspec.Struct, frozen=True):
    """The queries of one hour by verdict."""

    at: int
    verdicts: dict[str, int]


class UpstreamLatency(msgspec.Struct, frozen=True):
    """How many answers an upstream gave, and the milliseconds within which half of them came, 95 and 99 of 100."""

    upstream: str
    count: int
    p50: float
    p95: float
    p99: float


class Share(msgspec.Struct, frozen=True):
    """One of the values by which queries are told apart: its queries, of which so many were blocked."""

    value: str
    count: int
    blocked: int


class Stats(msgspec.Struct, frozen=True):
    """What was counted from the hour of `since` to that of `until` (None: until now): all queries, by verdict and by
    origin, hour by hour; the names and clients on top; how long upstreams took. `hit_ratio` is the share that the cache
    answered of what was for upstreams to answer, `blocked_share` what was blocked of all. `parts` are the queries by
    what was asked for, those with most first."""

    since: float
    queries: int
    verdicts: dict[str, int]
    origins: dict[str, int]
    hours: list[Hour]
    blocked: list[Count]
    names: list[Count]
    clients: list[ClientCount]
    until: float | None = None
    hit_ratio: float = 0.0
    blocked_share: float = 0.0
    upstreams: list[UpstreamLatency] = []
    parts: list[Share] = []


class LogEntry(msgspec.Struct, frozen=True):
    """Equal exchanges of one second: `at` is that second; type and RCODE as text; `took_us` the longest of them;
    `shadow` the rule of a shadow list that would have blocked it, "list: rule"; `device` what the device at the address
    `client` is called now ("" if it has no name)."""

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
    device: str = ""


class LogPage(msgspec.Struct, frozen=True):
    """Entries, newest first, and the cursor of the next page (None: this was the last). A page may have fewer entries
    than were asked for, and yet a next: time was over. `reached` is the Unix second down to which the log has been
    looked through (0: all of it)."""

    entries: list[LogEntry]
    next: int | None
    reached: int = 0


class Pausable(msgspec.Struct, frozen=True):
    """Whom a pause can be for, besides everyone: groups, and devices by their names, those seen last first; so many
    `more` devices are not named."""

    groups: list[str]
    devices: list[str]
    more: int = 0


class NewPause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pause to begin now: for how long, and for whom (neither: everyone). `client` is an address, a MAC address or a
    device's name."""

    duration: str | int = msgspec.field(name="for", default="10m")
    client: Annotated[str, Meta(max_length=64)] = ""
    group: Annotated[str, Meta(max_length=64)] = ""


class Done(msgspec.Struct, frozen=True):
    """A change that was made. `effective` tells whether every worker has it, `note` says what not; `hint` is what to
    know about it."""

    effective: bool
    note: str = ""
    hint: str = ""
