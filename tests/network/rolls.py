"""Devices as rows have them, for the tests of this room."""

from __future__ import annotations

from resolver.config.people import Device, Group
from resolver.config.schema import Config
from resolver.config.values import DeviceRef, MacAddress
from resolver.store.devices import Known, Roll

NOW = 1_767_268_800.0
DAY = 86_400.0
MAC, OTHER, THIRD = "02:00:5e:10:00:01", "02:00:5e:10:00:02", "02:00:5e:10:00:03"


def known(
    id: int,
    *addresses: str,
    name: str = "",
    group: str = "",
    mac: str = "",
    host: str = "",
    ago: float = 60.0,
    privacy: str = "",
) -> Known:
    """A device that was last seen `ago` seconds before NOW, at all of its addresses."""
    at = NOW - ago
    return Known(id, name, group, mac, host, at, at, tuple((address, at) for address in addresses), privacy)


def roll(*devices: Known) -> Roll:
    return Roll(devices)


def config(groups: dict[str, tuple[str, ...]] | None = None, **devices: Device) -> Config:
    """Devices by name (with _ for a space), and groups by the MAC addresses and names in them."""
    named = {name.replace("_", " "): device for name, device in devices.items()}
    grouped = {
        name: Group(clients=tuple(MacAddress(one) if ":" in one else DeviceRef(one) for one in members))
        for name, members in (groups or {}).items()
    }
    return Config(devices=named, groups={"default": Group(), **grouped})
