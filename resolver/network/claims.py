"""Which of the devices that were seen are those that the config or somebody named, and where they are found. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import get_args

import msgspec

from resolver.config.schema import Config
from resolver.model import Privacy
from resolver.network.naming import called
from resolver.policy.document import DeviceEntry
from resolver.store.devices import Known, Roll

AWAY = 30 * 86_400.0
"""Seconds for which an address stays a device's without being heard of: devices sleep."""

Found = tuple[tuple[str, str], ...]
"""Addresses, each with how it is known whose it is."""


class Claims(msgspec.Struct, frozen=True):
    """`entries` are devices of which people said something; `found` is where those of the config are, by their names in
    small letters, and those that it only has MAC addresses of, by these. `owners` are the names (as written) of the
    config's devices, by the id of the row that is that device."""

    entries: tuple[DeviceEntry, ...] = ()
    found: dict[str, Found] = {}
    owners: dict[int, str] = {}


def claims(config: Config, roll: Roll, now: float) -> Claims:
    """MAC addresses come before names, the config before what was said later, and no address is of two devices."""
    owned = _owned(config, roll.devices.values())
    groups = _Groups(config)
    found: dict[str, list[tuple[str, str]]] = {}
    entries = []
    for device in roll.devices.values():
        places = _places(device, now)
        owner = owned.get(device.id)
        if owner is not None:
            name, how = owner
            if how:  # else its address is written in the config
                found.setdefault(name.lower(), []).extend((address, how) for address in places)
            if device.group or device.privacy:
                entries.append(DeviceEntry(name, group=device.group, privacy=privacy_of(device.privacy)))
        elif device.name or device.group or device.privacy:
            how = f"MAC {device.mac}" if device.mac else ""
            at = tuple(sorted((address, how or f"address {address}") for address in places))
            group = groups.of(device) or device.group
            entries.append(DeviceEntry(device.name, (), at, device.mac, (), group, privacy_of(device.privacy)))
        elif key := groups.key(device):
            how = f"MAC {key}" if key == device.mac else f"name {key}"
            found.setdefault(key, []).extend((address, how) for address in places)
    owners = {id: name for id, (name, _) in owned.items()}
    return Claims(tuple(entries), {name: tuple(sorted(places)) for name, places in found.items() if places}, owners)


class _Groups:
    """What groups say of devices that have no name of their own in the config."""

    def __init__(self, config: Config) -> None:
        named = {name.lower() for name in config.devices}
        self._macs = {mac: name for name, group in config.groups.items() for mac in group.macs}
        members = [(member, name) for name, group in config.groups.items() for member in group.members]
        self._members = {member: name for member, name in members if member not in named}

    def key(self, device: Known) -> str:
        """The MAC address, or the name that the network has for it, by which a group names a device; or nothing."""
        if device.mac in self._macs:
            return device.mac
        return next((member for member in self._members if device.host and called(device.host, member)), "")

    def of(self, device: Known) -> str:
        """The group that names a device which somebody named; "" for none."""
        key = self.key(device)
        return self._members.get(device.name.lower()) or self._macs.get(key) or self._members.get(key, "")


def wanted(config: Config) -> Callable[[str, str], bool]:
    """Whether the config speaks of a MAC address or a host's name ("": not known)."""
    macs = {device.mac for device in config.devices.values() if device.mac}
    macs |= {mac for group in config.groups.values() for mac in group.macs}
    names = [name for device in config.devices.values() for name in device.names]
    names += [member for group in config.groups.values() for member in group.members]

    def is_wanted(mac: str, host: str) -> bool:
        return mac in macs or (bool(host) and any(called(host, name) for name in names))

    return is_wanted


def _owned(config: Config, devices: Iterable[Known]) -> dict[int, tuple[str, str]]:
    """The config's name of each device that it knows, and how: by MAC address or name; or ("") by an address."""
    by_mac = {device.mac: name for name, device in reversed(config.devices.items()) if device.mac}
    hosts = [(host, name) for name, device in config.devices.items() for host in device.names]
    written = {str(network): name for name, device in config.devices.items() for network in device.addresses}
    owned = {}
    for device in devices:
        host = next((pair for pair in hosts if device.host and called(device.host, pair[0])), None)
        newest = device.addresses[0][0] if device.addresses else ""
        network = f"{newest}/{128 if ':' in newest else 32}"
        if device.mac in by_mac:
            owned[device.id] = by_mac[device.mac], f"MAC {device.mac}"
        elif host is not None:
            owned[device.id] = host[1], f"name {host[0]}"
        elif network in written and not device.name:
            owned[device.id] = written[network], ""
    return owned


def _places(device: Known, now: float) -> list[str]:
    """Where a device is. One that is known by nothing but its address, and that somebody named, is there for good."""
    for_good = not device.mac and bool(device.name or device.group or device.privacy)
    return [address for address, last in device.addresses if for_good or now - last < AWAY]


def privacy_of(text: str) -> Privacy | None:
    """A word of the database as what the log keeps; None for any other."""
    return next((one for one in get_args(Privacy) if one == text), None)
