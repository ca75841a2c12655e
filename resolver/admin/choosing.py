"""Which devices there are to choose from, where one is to be chosen. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from resolver.admin.sitebodies import DeviceChoice
from resolver.network.calling import Calling
from resolver.store.devices import Roll

MOST = 40
"""So many devices are offered; whoever has more types the name of another."""


def choice(calling: Calling, roll: Roll, address: str, first: Iterable[str]) -> DeviceChoice:
    """Devices as rules can be told of them: these `first`, then those with a name, by that, then the others, who asked
    last first. One without a name is given by the address it had last, and has the network's name for it beside.
    `address` is where somebody asks from."""
    found = dict.fromkeys(first, "")
    found.update(dict.fromkeys(sorted(calling.written.values(), key=str.lower), ""))
    unnamed = [device for device in roll.devices.values() if device.addresses and not calling.name(device)]
    for device in sorted(unnamed, key=lambda one: -one.last):
        found.setdefault(device.addresses[0][0], device.host)
    known = calling.find(address)
    own = calling.of(address) or (address if known is not None else "")
    if own:
        found.setdefault(own, "")
    devices = list(found.items())
    shown = devices[:MOST]
    if own and own not in dict(shown):
        shown[-1] = own, found[own]
    return DeviceChoice(own, shown, len(devices) - len(shown))
