"""Devices and groups as people are shown them, from what the rooms below know at one moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Literal

from resolver.admin.devicebodies import DeviceInfo, GroupInfo
from resolver.config.members import said
from resolver.config.people import Device
from resolver.config.schema import Config
from resolver.model import Privacy
from resolver.network.claims import Claims, privacy_of
from resolver.policy.bundle import Bundle
from resolver.policy.clients import DEFAULT
from resolver.store.devices import Known, Roll

Counts = Mapping[str, tuple[int, int]]
"""Queries and how many of them were blocked, by address."""


class Shown:
    """Of one moment. `counts` are None while the log does not tell; `seen` gives when a device was seen last."""

    def __init__(
        self,
        config: Config,
        bundle: Bundle | None,
        claims: Claims,
        counts: Counts | None,
        seen: Callable[[Known], float],
    ) -> None:
        self._config = config
        self._bundle = bundle
        self._claims = claims
        self._counts = counts
        self._seen = seen

    def every(self, roll: Roll) -> list[DeviceInfo]:
        """All devices, those of the config that were never seen among them: named ones first, by name, then those who
        asked last."""
        infos = [*map(self.info, roll.devices.values()), *self._unseen()]
        return sorted(infos, key=lambda one: (not one.name, one.name.lower(), -one.last, one.id or 0))

    def info(self, device: Known) -> DeviceInfo:
        owner = self._claims.owners.get(device.id, "")
        addresses = [address for address, _ in device.addresses]
        group, how = self._placed(addresses)
        counted = [self._counts.get(address, (0, 0)) for address in addresses] if self._counts is not None else None
        privacy, said_by = self._kept(owner or device.name, addresses, group or device.group or DEFAULT, device.privacy)
        return DeviceInfo(
            device.id,
            owner or device.name,
            group or device.group or DEFAULT,
            how,
            device.mac,
            device.host,
            addresses,
            device.first,
            self._seen(device),
            None if counted is None else sum(queries for queries, _ in counted),
            None if counted is None else sum(blocked for _, blocked in counted),
            "config" if owner else "api" if device.name else "seen",
            privacy,
            said_by,
            device.group,
        )

    def nobody(self, address: str) -> DeviceInfo:
        """What holds for an address (in normal form) under which nobody was seen."""
        group, how = self._placed([address])
        privacy, said_by = self._kept("", [address], group or DEFAULT)
        queries, blocked = (None, None) if self._counts is None else self._counts.get(address, (0, 0))
        place = group or DEFAULT, how, "", "", [address]
        return DeviceInfo(None, "", *place, 0.0, 0.0, queries, blocked, "seen", privacy, said_by)

    def _unseen(self) -> Iterator[DeviceInfo]:
        """The devices of the config that no row is."""
        there = set(self._claims.owners.values())
        for name, device in self._config.devices.items():
            if name not in there:
                addresses = [str(one.network_address) for one in device.addresses if one.num_addresses == 1]
                networks = [str(one) for one in device.addresses if one.num_addresses > 1]
                group, how = self._placed(addresses)
                group = self._group_of(name, device) or group or DEFAULT
                shown = [*addresses, *networks]
                kept = self._kept(name, addresses, group)
                yield DeviceInfo(None, name, group, how, device.mac, "", shown, 0.0, 0.0, None, None, "config", *kept)

    def _placed(self, addresses: Sequence[str]) -> tuple[str, str]:
        """The group of whoever has the first of these addresses, and how that is known."""
        if self._bundle is None or not addresses:
            return "", ""
        client, how = self._bundle.identified(addresses[0])
        return client.group, how

    def _kept(
        self, name: str, addresses: Sequence[str], group: str, said: str = ""
    ) -> tuple[Privacy, Literal["device", "group", "all"]]:
        """What the log keeps of a device, and who says so; `said` is what people did, of one that the config says
        nothing of."""
        if self._bundle is not None and addresses:
            return self._bundle.kept(addresses[0])
        config, device = self._config, self._config.devices.get(name)
        own = device.privacy if device is not None and device.privacy is not None else privacy_of(said)
        if own is not None:
            return own, "device"
        of_group = config.groups[group].privacy if group in config.groups else None
        return (config.log.privacy, "all") if of_group is None else (of_group, "group")

    def _group_of(self, name: str, device: Device) -> str:
        groups = self._config.groups.items()
        return next((id for id, group in groups if name.lower() in group.members or device.mac in group.macs), "")


def groups(config: Config, claims: Claims, own: Collection[str]) -> list[GroupInfo]:
    """Every group of the config; `own` are the groups that people's rules are for, each as often as it has one."""
    counted = list(own)
    written = {name.lower(): name for name in config.devices}
    placed = [
        (entry.group, entry.name or entry.mac or entry.found[0][0])
        for entry in claims.entries
        if entry.group and (entry.name or entry.mac or entry.found)
    ]
    return [
        GroupInfo(
            name,
            [written.get(said(client), said(client)) for client in group.clients],
            sorted({device for place, device in placed if place == name}),
            list(config.lists_of(name)),
            list(group.services),
            list(group.safe_search),
            list(group.schedules),
            group.privacy or config.log.privacy,
            group.default,
            len(group.rules) + counted.count(name),
        )
        for name, group in config.groups.items()
    ]


def words(name: str, text: str, change: Mapping[str, str]) -> str:
    """A change of a device, in words; `name` is how it was called, `text` how it was given."""
    new, group, privacy = change.get("name", name), change.get("group"), change.get("privacy")
    said = [f"name {name or text} {new}"] if "name" in change else []
    if group is not None:
        said.append(f"put {new or text} in group {group}" if group else f"take {new or text} out of its group")
    if privacy is not None:
        said.append(f"privacy of {new or name or text}: {privacy or 'as of its group'}")
    return "; ".join(said)
