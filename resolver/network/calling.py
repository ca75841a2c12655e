"""What people call devices, and what rules and the log call them. Pure."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Iterator

from resolver.config import called
from resolver.config.clients import mac as normal_mac
from resolver.config.leaves import is_address, shown
from resolver.config.read import likely
from resolver.config.schema import Config
from resolver.errors import ApiError
from resolver.network.claims import Claims
from resolver.network.naming import called as has_host
from resolver.paths import PRODUCT
from resolver.policy.clients import parse_address
from resolver.store.devices import Known, Roll


class Calling:
    """Of one moment. `names` are those of all devices, in small letters; `written` has them as somebody wrote them, by
    these."""

    def __init__(self, config: Config, roll: Roll, claims: Claims) -> None:
        self._config = config
        self._roll = roll
        self._claims = claims
        self._configured = {name.lower(): device for name, device in config.devices.items()}
        self.written = {small: device.name for small, device in roll.by_name.items()}
        self.written |= {name.lower(): name for name in config.devices}
        self.names = frozenset(self.written)

    def name(self, device: Known) -> str:
        """A device's name as it is written: in the config, or by somebody; "" if it has none."""
        return self._claims.owners.get(device.id) or device.name

    def of(self, address: str) -> str:
        """The name, as it is written, of the device that has an address (in normal form); "" for none."""
        device = self._roll.by_address.get(address)
        if device is not None and self.name(device):
            return self.name(device)
        with contextlib.suppress(ValueError):
            host = ipaddress.ip_address(address)
            devices = self._config.devices.items()
            around = [(one.prefixlen, name) for name, given in devices for one in given.addresses if host in one]
            return max(around, default=(0, ""))[1]
        return ""

    def find(self, text: str) -> Known | None:
        """The device that was seen under an address, a MAC address, its name or a host name that no other has; None
        if none was."""
        text = text.strip()
        with contextlib.suppress(ValueError):
            return self._roll.by_address.get(str(parse_address(text)))
        small = called.key(text)
        known = self._roll.by_mac.get(normal_mac(text))
        if not small:
            return None
        named = [device for device in self._roll.devices.values() if self.name(device).lower() == small]
        hosts = [device for device in self._roll.devices.values() if has_host(device.host, small)]
        return known or next(iter(named), None) or (hosts[0] if len(hosts) == 1 else None)

    def scope(self, text: str) -> str:
        """The key by which rules know a client: its device's name in small letters, or its address. Raises ApiError."""
        text = text.strip()
        with contextlib.suppress(ValueError):
            return self._of_address(str(parse_address(text)))
        small = called.key(text)
        if small in self.names:
            return small
        owner = next((name for name, one in self._configured.items() if one.mac and one.mac == normal_mac(text)), "")
        device = self.find(text)
        if owner or device is None:
            return owner or self._nobody(text)
        if name := self.name(device):
            return name.lower()
        if len(device.addresses) == 1 and not device.mac:
            return device.addresses[0][0]
        raise ApiError(
            409,
            "unnamed",
            f"{shown(text)} has no name yet that a rule could keep to; first: {PRODUCT} devices name {device.mac} NAME",
            "client",
        )

    def addresses(self, scope: str) -> tuple[str, ...]:
        """The addresses of a scope: those of the device, newest first, or the address itself."""
        with contextlib.suppress(ValueError):
            return (str(parse_address(scope)),)
        found = dict.fromkeys(
            address
            for device in self._roll.devices.values()
            if self.name(device).lower() == scope.lower()
            for address, _ in device.addresses
        )
        found.update(dict.fromkeys(self._written(scope.lower())))
        return tuple(found)

    def where(self, text: str) -> tuple[str, ...]:
        """The addresses of whoever is meant, newest first; a device needs no name for that. Raises ApiError."""
        found = None if is_address(text.strip()) else self.find(text)
        if found is not None and not self.name(found):
            return tuple(address for address, _ in found.addresses)
        return self.addresses(self.scope(text))

    def _of_address(self, address: str) -> str:
        device = self._roll.by_address.get(address)
        if device is not None and self.name(device):
            return self.name(device).lower()
        network = ipaddress.ip_network(address)
        return next((name for name, one in self._configured.items() if network in one.addresses), address)

    def _written(self, name: str) -> Iterator[str]:
        """The addresses that the config has of a device, and those seen in its networks that are nobody's else."""
        device = self._configured.get(name)
        networks = () if device is None else device.addresses
        yield from (str(one.network_address) for one in networks if one.num_addresses == 1)
        wide = [one for one in networks if one.num_addresses > 1]
        for address, known in self._roll.by_address.items() if wide else ():
            if not self.name(known) and any(ipaddress.ip_address(address) in one for one in wide):
                yield address

    def _nobody(self, text: str) -> str:
        hosts = {device.host.partition(".")[0] for device in self._roll.devices.values() if device.host}
        group = next((one for one in self._config.groups if called.key(one) == called.key(text)), "")
        advice = f"; there is a group {group}: say it as the group" if group else ""
        advice = advice or f"{likely(text, sorted(self.names | hosts))}; `{PRODUCT} devices` shows all"
        raise ApiError(404, "not-found", f"no device is called {shown(text)}{advice}", "client")
