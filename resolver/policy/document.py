"""The policy of a bundle as it is written to disk: everything but the names of the lists. Typed, msgpack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from resolver.model import BlockAnswer, NullAddress, Privacy, RRset
from resolver.policy.truth import Truth

VERSION = 6


class ListEntry(msgspec.Struct, frozen=True):
    """One list; its place in the sequence is its bit in the masks."""

    id: str
    kind: Literal["block", "allow"] = "block"
    mode: Literal["live", "shadow"] = "live"


class DeviceEntry(msgspec.Struct, frozen=True):
    """A device that the config or somebody named: addresses and CIDRs as text; the addresses that it was found at, each
    with how ("MAC 02:00:5e:10:00:01", "name tablet"); MAC address (lower case, colons), tags, its group ("": as its
    address says), what the log keeps of it (None: as of its group), and what it says it is over encrypted transports
    ("": nothing)."""

    name: str
    addresses: tuple[str, ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    mac: str = ""
    tags: tuple[str, ...] = ()
    group: str = ""
    privacy: Privacy | None = None
    id: str = ""


class GroupEntry(msgspec.Struct, frozen=True):
    """A group of clients (addresses and CIDRs as text), the lists it uses, the ids of the services it blocks and of the
    engines whose search is safe, and the names of its schedules. With `deny`, what nothing allows is blocked. `answer`,
    `ttl` and `privacy`: None as for all."""

    name: str
    clients: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    safe_search: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    deny: bool = False
    answer: BlockAnswer | None = None
    ttl: int | None = None
    privacy: Privacy | None = None
    upstreams: tuple[str, ...] = ()


class ScheduleEntry(msgspec.Struct, frozen=True):
    """Hours of the week, and what holds in them for the groups that name the schedule.

    It begins on `days` (0 is Monday) at `begins` and ends at `ends`, in minutes after midnight by the clocks of `zone`;
    on the next day unless it ends later than it begins. `only`: the names that answer, None for all; names mean all
    below them too. `services` and `lists` are ids of what is blocked.
    """

    name: str
    days: tuple[int, ...]
    begins: int
    ends: int
    zone: str
    only: tuple[str, ...] | None = None
    block: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


class ServiceEntry(msgspec.Struct, frozen=True):
    """A service that some group or schedule blocks: `names` and all below them."""

    id: str
    title: str
    names: tuple[str, ...]


class SafeEntry(msgspec.Struct, frozen=True):
    """A search engine made safe: `names`, and nothing below them, are an alias of `target`."""

    engine: str
    title: str
    names: tuple[str, ...]
    target: str


class OwnRule(msgspec.Struct, frozen=True, gc=False):
    """A rule of people's own for a name and all below it, or (`exact`) for that name alone; or, with a `text`, for what
    that line of a list matches (then `name` is what it is mostly about, and may be empty).

    `client` (an address, or a device's name in small letters) and `group` are its scope; both empty: everyone. `key` is
    what its hits are counted by. What is allowed on trial is remembered for seconds only: it may be over at any moment.
    """

    action: Literal["allow", "deny"]
    name: str
    client: str = ""
    group: str = ""
    until: float | None = None
    origin: Literal["config", "api", "trial"] = "api"
    exact: bool = False
    text: str = ""
    key: str = ""

    def __str__(self) -> str:
        """As it is written in a config."""
        return f"{self.action} {'exact ' if self.exact else ''}{self.text or self.name}"


class ForwardEntry(msgspec.Struct, frozen=True):
    """A domain whose names, with all below them, these upstreams know (URLs)."""

    zone: str
    upstreams: tuple[str, ...]


class Pause(msgspec.Struct, frozen=True):
    """Until `until` (Unix time) nothing is blocked for a client, a group, or everyone."""

    until: float
    client: str = ""
    group: str = ""


class SiteEntry(msgspec.Struct, frozen=True):
    """While a client is on `site` (it looked that name up, or one below it, within `window` seconds; None: always), the
    names in `allow` and all below them are allowed for it; with `everything`, all names are.

    Scope and `key` are as in OwnRule; from `until` (Unix time) on the rule is void.
    """

    site: str
    allow: tuple[str, ...] = ()
    everything: bool = False
    window: int | None = 600
    client: str = ""
    group: str = ""
    until: float | None = None
    origin: Literal["config", "api"] = "api"
    key: str = ""

    def __str__(self) -> str:
        """As it is told: "on news.example allow player.example.net"."""
        return f"on {self.site} allow {'all' if self.everything else ' '.join(self.allow)}"


class Change(msgspec.Struct, frozen=True):
    """A change of a schedule for once: from `begins` until `until` (Unix times) it is in force (`on`) or not, for a
    client, a group, or every group that has it. `why` is how people call it: "not today", "30 more minutes"."""

    schedule: str
    on: bool
    begins: float
    until: float
    client: str = ""
    group: str = ""
    why: str = ""


class Limits(msgspec.Struct, frozen=True):
    """Queries a second that one client may ask, and errors that it is told of; but for those in `exempt`. Of what is
    refused over UDP, every `slip`-th is told to come again over TCP instead (0: none)."""

    client: int = 1000
    errors: int = 20
    exempt: tuple[str, ...] = ()
    slip: int = 2


class Doors(msgspec.Struct, frozen=True):
    """How encrypted queries come in: files of the certificate and its key (PEM), the names that it holds, the networks
    of proxies that say whom they speak for; and the ports of each transport, for discovery."""

    certificate: str = ""
    key: str = ""
    names: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    tls: tuple[int, ...] = ()
    https: tuple[int, ...] = ()
    quic: tuple[int, ...] = ()


class Document(msgspec.Struct, frozen=True):
    """Everything a worker needs to know beside the names: it reads no config and no database.

    Unix time ran `offset` seconds ahead of the machine's monotonic clock when this was written. If on the same `boot`
    (the machine's boot id) it runs by another number of seconds ahead now, somebody has set it, and every end that
    stands here is to be moved by the difference (`anchor`).
    """

    version: int = VERSION
    lists: tuple[ListEntry, ...] = ()
    groups: tuple[GroupEntry, ...] = (GroupEntry("default"),)
    services: tuple[ServiceEntry, ...] = ()
    safe_search: tuple[SafeEntry, ...] = ()
    schedules: tuple[ScheduleEntry, ...] = ()
    basics: tuple[str, ...] = ()
    devices: tuple[DeviceEntry, ...] = ()
    rules: tuple[OwnRule, ...] = ()
    pauses: tuple[Pause, ...] = ()
    sites: tuple[SiteEntry, ...] = ()
    changes: tuple[Change, ...] = ()
    records: tuple[RRset, ...] = ()
    answer: BlockAnswer = NullAddress()
    ttl: int = 10
    upstreams: tuple[str, ...] = ()  # URLs, as `upstream.endpoint` reads them
    clocks: tuple[str, ...] = ()  # names of time servers, with all below them
    truth: Truth = Truth()
    allow: tuple[str, ...] = ("private",)
    drops: bool = False  # whether others get no answer over UDP
    privacy: Privacy = "full"
    prefix_v4: int = 32  # bits of clients' addresses that the log keeps
    prefix_v6: int = 128
    strategy: Literal["fastest", "parallel", "ordered", "random", "sticky"] = "fastest"
    fallback: tuple[str, ...] = ()
    forward: tuple[ForwardEntry, ...] = ()
    bootstrap: tuple[str, ...] = ()  # addresses of who knows the addresses of upstreams given by name
    hosts: Mapping[str, tuple[str, ...]] = {}  # where those were when last asked for
    doors: Doors = Doors()
    limits: Limits = Limits()
    boot: str = ""
    offset: float = 0.0


class People(msgspec.Struct, frozen=True):
    """What people made beside the config. `devices` are those they named. `found` tells where the devices that the
    config speaks of were found: by name (small letters) or MAC address, addresses each with how (`DeviceEntry`)."""

    rules: tuple[OwnRule, ...] = ()
    pauses: tuple[Pause, ...] = ()
    sites: tuple[SiteEntry, ...] = ()
    changes: tuple[Change, ...] = ()
    devices: tuple[DeviceEntry, ...] = ()
    found: Mapping[str, tuple[tuple[str, str], ...]] = {}


class Machine(msgspec.Struct, frozen=True):
    """What the machine says of itself: its boot id, by how many seconds Unix time runs ahead of its monotonic clock,
    and the records of its own names."""

    boot: str = ""
    offset: float = 0.0
    records: tuple[RRset, ...] = ()
