"""How devices are known, and who is of which group: the mistakes that stand between values."""

from __future__ import annotations

from collections.abc import Hashable

from resolver.config.leaves import shown
from resolver.config.nodes import joined
from resolver.config.people import Device
from resolver.config.read import likely
from resolver.config.repeated import place, twice
from resolver.config.report import Report
from resolver.config.schema import Config
from resolver.config.values import DeviceRef, MacAddress, Member, Network

_KEYS = ("addresses", "mac", "names", "id")


def check(config: Config, report: Report) -> None:
    """Reports every mistake."""
    _devices(config, report)
    _clients(config, report)


def no_device(name: str, config: Config, report: Report) -> str:
    """What is wrong with the name of a device, in small letters; empty when there is one of it, or may be one: that is
    among what could not be read."""
    known = {device.lower(): device for device in config.devices}
    at = joined("devices", name)
    wrong = [problem.path.lower() for problem in report.problems]
    unread = report.lost("devices") or any(path in {"devices", at} or path.startswith(f"{at}.") for path in wrong)
    if name in known or unread:
        return ""
    advice = likely(name, known) or "; add it to devices, with its mac, names or addresses"
    return f"there is no device {shown(name)}{advice}"


def said(member: Member) -> str:
    """An address, a network, a MAC address or a device as people write it."""
    if isinstance(member, MacAddress | DeviceRef):
        return str(member)
    return str(member.network_address if member.num_addresses == 1 else member)


def _devices(config: Config, report: Report) -> None:
    twice(
        [(joined("devices", name), name.lower(), f'the device "{name}"') for name in config.devices],
        report,
        "rename one: capitals make no difference",
    )
    found: list[tuple[str, Hashable, str]] = []
    for name, device in config.devices.items():
        at = joined("devices", name)
        found += _known_by(at, device, report)
        lost = any(report.lost(f"{at}.{key}") or report.incomplete(f"{at}.{key}") for key in _KEYS)
        if not (device.addresses or device.mac or device.names or device.id or lost):
            report.add(at, "has nothing by which it is known; write its mac, its names, its addresses or its id")
    twice(found, report)


def _known_by(at: str, device: Device, report: Report) -> list[tuple[str, Hashable, str]]:
    """What one device is known by, as `twice` takes it."""
    addresses = zip(report.paths(f"{at}.addresses", len(device.addresses)), device.addresses, strict=True)
    names = zip(report.paths(f"{at}.names", len(device.names)), device.names, strict=True)
    found: list[tuple[str, Hashable, str]] = [(path, one, f'the address "{said(one)}"') for path, one in addresses]
    found += [(path, one, f"the host name {shown(one)}") for path, one in names if not report.lost(path)]
    if device.mac:
        found.append((f"{at}.mac", MacAddress(device.mac), f"the MAC address {shown(device.mac)}"))
    if device.id:
        found.append((f"{at}.id", f"id {device.id}", f"the id {shown(device.id)}"))
    return found


def _clients(config: Config, report: Report) -> None:
    found: list[tuple[str, Member]] = []
    for name, group in config.groups.items():
        paths = report.paths(f"{joined('groups', name)}.clients", len(group.clients))
        found += zip(paths, group.clients, strict=True)
    twice([(path, one, f'the client "{said(one)}"') for path, one in found], report)
    devices = {name.lower(): device for name, device in config.devices.items()}
    named = {devices[one.name].mac: path for path, one in found if isinstance(one, DeviceRef) and one.name in devices}
    for path, one in found:
        if isinstance(one, Network) and path.startswith("groups.default."):
            advice = "the group default is every client that no other group names; only MAC addresses and names of "
            report.add(path, f"{advice}devices can stand here")
        elif isinstance(one, DeviceRef) and (wrong := no_device(one.name, config, report)):
            report.add(path, wrong)
        elif isinstance(one, MacAddress) and one.text in named:
            device = f"is the MAC address of the device at {place(named[one.text], report)}"
            report.add(path, f"{shown(one.text)} {device}; remove one")
