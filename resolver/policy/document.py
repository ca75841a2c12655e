"""The policy of a bundle as it is written to disk: everything but the names of the lists. Typed, msgpack."""

from __future__ import annotations

from typing import Literal

import msgspec

from resolver.model import BlockAnswer, NullAddress, Privacy, RRset

VERSION = 3


class ListEntry(msgspec.Struct, frozen=True):
    """One list; its place in the sequence is its bit in the masks."""

    id: str
    kind: Literal["block", "allow"] = "block"
    mode: Literal["live", "shadow"] = "live"


class DeviceEntry(msgspec.Struct, frozen=True):
    """A device that the config names: addresses and CIDRs as text, MAC address (lower case, colons), tags."""

    name: str
    addresses: tuple[str, ...] = ()
    mac: str = ""
    tags: tuple[str, ...] = ()


class GroupEntry(msgspec.Struct, frozen=True):
    """A group of clients (addresses and CIDRs as text), the lists it uses, the ids of the services it blocks and of the
    engines whose search is safe, and the names of its schedules. With `deny`, what nothing allows is blocked. `answer`
    and `ttl`: None as for all."""

    name: str
    clients: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    safe_search: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    deny: bool = False
    answer: BlockAnswer | None = None
    ttl: int | None = None


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


class OwnRule(msgspec.Struct, frozen=True):
    """A rule of people's own for a name and all below it. `client` and `group` are its scope; both empty: everyone."""

    action: Literal["allow", "deny"]
    name: str
    client: str = ""
    group: str = ""
    until: float | None = None
    origin: Literal["config", "api"] = "api"

    def __str__(self) -> str:
        return f"{self.action} {self.name}"


class Pause(msgspec.Struct, frozen=True):
    """Until `until` (Unix time) nothing is blocked for a client, a group, or everyone."""

    until: float
    client: str = ""
    group: str = ""


class Document(msgspec.Struct, frozen=True):
    """Everything a worker needs to know beside the names: it reads no config and no database."""

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
    records: tuple[RRset, ...] = ()
    answer: BlockAnswer = NullAddress()
    ttl: int = 10
    upstreams: tuple[str, ...] = ()
    allow: tuple[str, ...] = ("private",)
    privacy: Privacy = "full"
