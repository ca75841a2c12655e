"""What a config says of devices and of groups of them: a part of the schema."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from resolver import model
from resolver.config.blocking import GroupBlocking
from resolver.config.values import (
    ClientId,
    DeviceRef,
    HostName,
    ListId,
    Mac,
    MacAddress,
    Member,
    Network,
    OwnRule,
    ScheduleName,
    ServiceId,
    Tag,
    Upstream,
)


class Device(Struct, frozen=True):
    """It has one at least of addresses, MAC address, names and id."""

    addresses: Annotated[
        tuple[Network, ...],
        Meta(description="Its addresses and networks, by which it is known. The longest match decides."),
    ] = ()
    mac: Annotated[
        Mac, Meta(description="Its MAC address, by which it is known whatever its IP addresses are, on this network.")
    ] = ""
    names: Annotated[
        tuple[HostName, ...],
        Meta(description="The names that the router or a file of leases has for it, by which it is known."),
    ] = ()
    id: Annotated[
        ClientId,
        Meta(
            description="What it says it is in encrypted queries, by which it is known wherever it is: the last part "
            "of https://NAME/dns-query/ID, or ID.NAME over TLS. Whoever knows it may ask: make it hard to "
            "guess."
        ),
    ] = ""
    tags: Annotated[tuple[Tag, ...], Meta(description="What it is, for rules of lists that say $ctag.")] = ()
    rules: Annotated[
        tuple[OwnRule, ...], Meta(description="Rules for this device alone, written as in rules. They outrank others.")
    ] = ()
    privacy: Annotated[
        model.Privacy | None,
        Meta(description="What the log keeps of this device, as in log.privacy. Left out: as of its group."),
    ] = None


class Group(Struct, frozen=True):
    """As loaded, `services` holds ids alone, no kinds, and `safe_search` ids of engines."""

    clients: Annotated[
        tuple[Member, ...],
        Meta(
            description="Who is of this group: addresses and networks, of which the longest match decides; MAC "
            "addresses and names of devices, which outrank them."
        ),
    ] = ()
    lists: Annotated[
        tuple[ListId, ...] | None,
        Meta(description="The ids and presets of the lists this group uses. Left out: all; []: none."),
    ] = None
    schedules: Annotated[
        tuple[ScheduleName, ...], Meta(description="The schedules that this group is under, by name.")
    ] = ()
    services: Annotated[
        tuple[ServiceId, ...],
        Meta(description="Services that are blocked for this group: their ids, or kinds for all of a kind."),
    ] = ()
    safe_search: Annotated[
        tuple[ServiceId, ...],
        Meta(
            description="Search engines that leave out adult results for this group: their ids, or all.",
            extra={"word": "all"},
        ),
    ] = field(default=(), name="safe-search")
    rules: Annotated[
        tuple[OwnRule, ...], Meta(description="Rules for this group, written as in rules. They outrank those.")
    ] = ()
    default: Annotated[
        Literal["pass", "deny"],
        Meta(description="What happens to a name that nothing speaks of: it passes, or it is denied (allow-only)."),
    ] = "pass"
    blocking: Annotated[
        GroupBlocking, Meta(description="How a blocked name is answered for this group, where that differs.")
    ] = GroupBlocking()
    privacy: Annotated[
        model.Privacy | None,
        Meta(description="What the log keeps of this group, as in log.privacy. Left out: as of everyone."),
    ] = None
    upstreams: Annotated[
        tuple[Upstream, ...],
        Meta(description="The resolvers to forward this group's questions to. Left out: those of all."),
    ] = ()

    @property
    def networks(self) -> tuple[Network, ...]:
        """Its addresses and networks."""
        networks = (ipaddress.IPv4Network, ipaddress.IPv6Network)
        return tuple(one for one in self.clients if isinstance(one, networks))

    @property
    def macs(self) -> tuple[str, ...]:
        """Its MAC addresses: small letters, colons."""
        return tuple(one.text for one in self.clients if isinstance(one, MacAddress))

    @property
    def members(self) -> tuple[str, ...]:
        """The names of its devices, in small letters."""
        return tuple(one.name for one in self.clients if isinstance(one, DeviceRef))
