"""Who is who among the devices that were seen: which address belongs to which. Pure: rows in, rows out.

A device is known by its MAC address once that is known, and by its one address until then. An address belongs to the
MAC address that it was last seen with, however long that one has been silent.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

MOST_DEVICES = 2000
MOST_ADDRESSES = 64  # of one device
KEPT = 90 * 86_400.0
"""Seconds for which a device that nobody named is remembered, and an address of any."""

CREEP = 60.0
"""Seconds by which the last sight may lag behind in the rows."""

_AT_ONCE = 50  # devices given up together, when there are too many
_DAY = 86_400.0


class Seen(msgspec.Struct, frozen=True):
    """An address that somebody asked from at `at` (Unix time), or (0) that the network tells of; with its MAC address
    if that is known. What the network tells is kept of devices that are known, and of those `wanted`."""

    address: str
    mac: str = ""
    at: float = 0.0
    wanted: bool = False


class Device(msgspec.Struct):
    """A row of `devices`."""

    id: int
    name: str = ""
    group: str = ""
    mac: str = ""
    host: str = ""
    first: float = 0.0
    last: float = 0.0
    privacy: str = ""

    @property
    def chosen(self) -> bool:
        """Whether somebody named it, put it in a group or said what is kept of it: then it is never given up."""
        return bool(self.name or self.group or self.privacy)


class Address(msgspec.Struct):
    """A row of `addresses`."""

    address: str
    device: int
    first: float
    last: float


class Book:
    """The rows of one moment, and what sights make of them: `moved` are addresses that belong to another device now,
    `changed` and `gone` what is to be written. New devices have ids below zero until they are stored."""

    def __init__(self, devices: Iterable[Device], addresses: Iterable[Address]) -> None:
        self.devices = {device.id: device for device in devices}
        every = list(addresses)
        self.addresses = {one.address: one for one in every if one.device in self.devices}
        self._by_mac: dict[str, Device] = {}
        self._of: dict[int, set[str]] = {id: set() for id in self.devices}
        for one in self.addresses.values():
            self._of[one.device].add(one.address)
        self.moved: set[str] = set()
        self.changed_devices: dict[int, Device] = {}
        self.changed_addresses: dict[str, Address] = {}
        self.gone_devices: set[int] = set()
        self.gone_addresses = {one.address for one in every} - self.addresses.keys()  # whose device was taken back
        self._ids = itertools.count(-1, -1)
        for device in sorted(self.devices.values(), key=lambda one: (not one.chosen, one.id)):
            if device.mac and self._by_mac.setdefault(device.mac, device) is not device:
                self._join(device, self._by_mac[device.mac])

    def of(self, device: int) -> Collection[str]:
        """The addresses of a device."""
        return self._of[device]

    def note(self, seen: Seen, now: float, keep: Callable[[Device], bool]) -> None:
        """Take in a sight. Devices that `keep` speaks for are not given up when there are too many."""
        held = self.addresses.get(seen.address)
        holder = None if held is None else self.devices[held.device]
        device = self._by_mac.get(seen.mac) if seen.mac else holder
        if device is None and holder is not None and not holder.mac:
            device = holder  # its MAC address is known from now on
            device.mac = seen.mac
            self._by_mac[seen.mac] = device
            self._changed(device)
        if device is None and not seen.at and not seen.wanted:
            if holder is not None:  # somebody has it now who is no concern of ours
                self._forget_address(seen.address)
                self.moved.add(seen.address)
            return
        if device is None:
            if not self._room(keep):
                return
            holder = self.devices.get(holder.id) if holder else None  # it may have given way
            device = self._new(seen.mac, seen.at)
        if holder is not None and holder is not device:
            self._take_from(holder, device, seen.address)
        self._sighted(device, seen, now)

    def called(self, hosts: Mapping[str, tuple[int, str]]) -> None:
        """What the network calls each address, as (rank, name): a device is called as the best of its addresses is,
        by rank. Addresses that have just moved have no say: that name may be of the device before."""
        for device in self.devices.values():
            names = [(*hosts[address], address) for address in self._of[device.id] - self.moved if address in hosts]
            best = min(((rank, address, host) for rank, host, address in names), default=None)
            if best is not None and best[2] != device.host:
                device.host = best[2]
                self._changed(device)

    def tidy(self, now: float, keep: Callable[[Device], bool]) -> None:
        """Give up what was not seen for KEPT."""
        for one in [one for one in self.addresses.values() if now - one.last >= KEPT]:
            holder = self.devices[one.device]
            if holder.mac or not holder.chosen:
                self._forget_address(one.address)
        for device in list(self.devices.values()):
            last = max([device.last, *(self.addresses[address].last for address in self._of[device.id])])
            if now - last >= KEPT and not device.chosen and not keep(device):
                self._forget(device)

    def _new(self, mac: str, at: float) -> Device:
        device = Device(next(self._ids), mac=mac, first=at, last=at)
        self.devices[device.id] = device
        self._of[device.id] = set()
        if mac:
            self._by_mac[mac] = device
        self._changed(device)
        return device

    def _take_from(self, holder: Device, device: Device, address: str) -> None:
        """An address goes over to another device. If it was all that `holder` was known by, what people said of it
        goes over too, unless they said something of that device itself."""
        self._forget_address(address)
        self.moved.add(address)
        if holder.mac or self._of[holder.id] or (holder.chosen and device.chosen):
            return
        if holder.chosen:
            device.name, device.group, device.privacy = holder.name, holder.group, holder.privacy
        device.first = min(filter(None, (device.first, holder.first)), default=0.0)
        self._changed(device)
        self._forget(holder)

    def _sighted(self, device: Device, seen: Seen, now: float) -> None:
        if seen.at and _lags(device.last, seen.at, now, CREEP):
            device.first = device.first or seen.at
            device.last = seen.at
            self._changed(device)
        at = seen.at or now
        held = self.addresses.get(seen.address)
        if held is None:
            held = self.addresses[seen.address] = Address(seen.address, device.id, at, at)
            self._of[device.id].add(seen.address)
            self.changed_addresses[seen.address] = held
            self._shorten(device)
        elif _lags(held.last, at, now, CREEP if seen.at else _DAY):
            held.last = at
            self.changed_addresses[seen.address] = held

    def _join(self, device: Device, other: Device) -> None:
        """One that was forgotten and seen again, and then brought back: there are two rows of it."""
        for address in list(self._of[device.id]):
            held = self.addresses[address]
            self._forget_address(address)
            self.addresses[address] = self.changed_addresses[address] = held
            held.device = other.id
            self._of[other.id].add(address)
        if device.chosen:
            device.mac = ""  # people said something of both: it is known by nothing any more
            self._changed(device)
        else:
            self._forget(device)

    def _changed(self, device: Device) -> None:
        self.changed_devices[device.id] = device

    def _shorten(self, device: Device) -> None:
        """Give up the addresses that were not used for longest, when there are too many."""
        mine = self._of[device.id]
        for address in sorted(mine, key=lambda one: self.addresses[one].last)[: max(0, len(mine) - MOST_ADDRESSES)]:
            self._forget_address(address)

    def _room(self, keep: Callable[[Device], bool]) -> bool:
        """Whether there is room for one more device; those seen last long ago give way."""
        if len(self.devices) < MOST_DEVICES:
            return True
        idle = [device for device in self.devices.values() if not device.chosen and not keep(device)]
        for device in sorted(idle, key=lambda one: one.last)[:_AT_ONCE]:
            self._forget(device)
        return bool(idle)

    def _forget(self, device: Device) -> None:
        for address in list(self._of[device.id]):
            self._forget_address(address)
        del self.devices[device.id], self._of[device.id]
        if self._by_mac.get(device.mac) is device:
            del self._by_mac[device.mac]
        self.changed_devices.pop(device.id, None)
        if device.id > 0:
            self.gone_devices.add(device.id)

    def _forget_address(self, address: str) -> None:
        self._of[self.addresses.pop(address).device].discard(address)
        self.changed_addresses.pop(address, None)
        self.gone_addresses.add(address)


def _lags(last: float, at: float, now: float, by: float) -> bool:
    """Whether a row's last sight is to be written anew; one from the future is of a clock that was wrong."""
    return at - last >= by or last > now + _DAY
