"""Devices and groups as people are shown them, from what the rooms below know at one moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from resolver.admin.devicebodies import DeviceInfo, GroupInfo
from resolver.config.members import said
from resolver.config.people import Device
from resolver.config.schema import Config
from resolver.network.claims import Claims
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
        )

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
                yield DeviceInfo(None, name, group, how, device.mac, "", shown, 0.0, 0.0, None, None, "config")

    def _placed(self, addresses: Sequence[str]) -> tuple[str, str]:
        """The group of whoever has the first of these addresses, and how that is known."""
        if self._bundle is None or not addresses:
            return "", ""
        client, how = self._bundle.identified(addresses[0])
        return client.group, how

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
    new, group = change.get("name", name), change.get("group")
    what = f"name {name or text} {new}" if "name" in change else ""
    if group is None:
        return what
    where = f"put {new or text} in group {group}" if group else f"take {new or text} out of its group"
    return f"{what}; {where}" if what else where
