"""The typed bodies of the API about devices and groups. Times are Unix time."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from resolver.model import Privacy


class DeviceInfo(msgspec.Struct, frozen=True):
    """A device. `group` is the one it is in by now, and `how` tells by what it is known; `host` is what the router or a
    lease calls it. `origin`: where its name is from, or that it has none yet and was only seen. `id` is None for one of
    the config that was never seen, and then `first` and `last` are 0. `queries` and `blocked` are of the last 24 hours,
    None while the log does not tell. `privacy` is what the log keeps of it, as `said_by` the device's own setting, its
    group's or that for all. `placed` is the group that people put it in ("": none, it is where it is by what the config
    says)."""

    id: int | None
    name: str
    group: str
    how: str
    mac: str
    host: str
    addresses: list[str]
    first: float
    last: float
    queries: int | None
    blocked: int | None
    origin: Literal["config", "api", "seen"]
    privacy: Privacy = "full"
    said_by: Literal["device", "group", "all"] = "all"
    placed: str = ""


class DeviceHour(msgspec.Struct, frozen=True):
    """An hour of a device: the Unix second at which it begins, the queries in it, and how many were blocked."""

    at: int
    queries: int
    blocked: int


class DeviceChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to call a device, the group to put it in ("": as its address says), and what the log keeps of it ("": as of
    its group). What is left out stays."""

    name: Annotated[str, Meta(max_length=64)] | None = None
    group: Annotated[str, Meta(max_length=64)] | None = None
    privacy: Privacy | Literal[""] | None = None


class DeviceResult(msgspec.Struct, frozen=True):
    """A device as it is after a change; not `changed`: it was so before. `effective` tells whether every worker has it,
    `note` says what not."""

    device: DeviceInfo
    changed: bool
    effective: bool
    note: str = ""


class GroupInfo(msgspec.Struct, frozen=True):
    """A group: who is in it (as the config says; and the devices that people put there), the ids of the lists it uses,
    of the services it blocks and of the engines whose search is safe, its schedules, what the log keeps of it, what
    happens to names that nothing speaks of, and how many rules it has of its own."""

    name: str
    clients: list[str]
    devices: list[str]
    lists: list[str]
    services: list[str]
    safe_search: list[str] = msgspec.field(name="safe-search")
    schedules: list[str]
    privacy: Privacy
    default: Literal["pass", "deny"]
    rules: int
