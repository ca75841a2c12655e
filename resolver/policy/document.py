"""The policy of a bundle as it is written to disk: everything but the names of the lists. Typed, msgpack."""

from __future__ import annotations

from typing import Literal

import msgspec

from resolver.model import BlockAnswer, NullAddress, Privacy, RRset

VERSION = 2


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
    """A group of clients (addresses and CIDRs as text) and the lists it uses."""

    name: str
    clients: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


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
    devices: tuple[DeviceEntry, ...] = ()
    rules: tuple[OwnRule, ...] = ()
    pauses: tuple[Pause, ...] = ()
    records: tuple[RRset, ...] = ()
    answer: BlockAnswer = NullAddress()
    ttl: int = 10
    upstreams: tuple[str, ...] = ()
    allow: tuple[str, ...] = ("private",)
    privacy: Privacy = "full"
