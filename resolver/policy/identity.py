"""Who is behind an address: the device, its group, and how both are known."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from resolver.policy.clients import DEFAULT, ClientIndex, called
from resolver.policy.document import DeviceEntry, GroupEntry

_NO_DEVICE = DeviceEntry("")


class Identified(msgspec.Struct, frozen=True):
    """A device (one without a name when none is known), a group, and how it came to be these: "" for nobody known."""

    device: DeviceEntry
    group: str
    how: str


class Identity:
    """Addresses to devices and groups. An address that a device was found at outranks one that is written down, and an
    address a network; the group is the device's, or else that of the address."""

    def __init__(self, devices: Iterable[DeviceEntry], groups: Iterable[GroupEntry]) -> None:
        """Raises ValueError for text that is no address."""
        groups, devices = tuple(groups), tuple(devices)
        self._known = frozenset(group.name for group in groups)
        self._written = ClientIndex(
            (text, (device, f"{called(text)} of the config")) for device in devices for text in device.addresses
        )
        self._found = ClientIndex((text, (device, how)) for device in devices for text, how in device.found)
        self._by_id = {device.id: device for device in devices if device.id}
        self._grouped = ClientIndex(
            (text, (group.name, f"{called(text)} of group {group.name}")) for group in groups for text in group.clients
        )

    def of(self, address: str, id: str = "") -> Identified:
        """Who is behind an address in its normal form, or who says that it is `id`: that outranks any address."""
        device, how = self._found.of(address) or self._written.of(address) or (_NO_DEVICE, "")
        if id in self._by_id:
            device, how = self._by_id[id], f"client id {id}"
        if device.group in self._known:
            return Identified(device, device.group, how)
        group, placed = self._grouped.of(address) or (DEFAULT, "")
        return Identified(device, group, "; ".join(filter(None, (how, placed))))
