"""Which device of the household a request comes from, as far as its address tells. Nothing that a request says of
itself counts for that: what came by way of others, or from many, is of no device."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from resolver.admin.parts import Parts
from resolver.config.schema import Config
from resolver.journal.redaction import place
from resolver.policy.clients import parse_address

Reason = Literal["", "here", "proxy", "router", "public", "unseen"]
"""Why a device is not known: it is this machine, or a proxy, the router or somebody far away stands before it; or it
has never asked anything."""

PROXIES = ("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP")
"""The fields by which proxies tell of themselves. Anybody can send them, and has nothing of it: less is shown."""


class Visitor(msgspec.Struct, frozen=True):
    """A device, by the `address` that its connection comes from (normal text; "": none). It is `known` unless there is
    a reason why not; then `device` is how rules name it, `called` what people call it ("": no name), `alike` all by
    which its requests may stand, and `since` (Unix time) when it was first seen. `kept`: the log keeps what it asks,
    and that it was this device."""

    address: str
    unknown: Reason = ""
    device: str = ""
    called: str = ""
    alike: tuple[str, ...] = ()
    since: float = 0.0
    kept: bool = False

    @property
    def known(self) -> bool:
        return not self.unknown


class Visitors:
    """From memory."""

    def __init__(self, parts: Parts, config: Callable[[], Config]) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config

    @property
    def welcome(self) -> bool:
        """Whether who is not signed in is shown anything of their device."""
        return self._config().admin.my_device

    def of(self, remote: str | None, headers: Mapping[str, str]) -> Visitor:
        """Whoever is at the other end of a connection."""
        try:
            address = str(parse_address(remote or ""))
        except ValueError:
            return Visitor("", "here")
        unknown = self._foreign(address, headers)
        if unknown:
            return Visitor(address, unknown)
        devices = self._parts.devices
        held, mac, kept = devices.roll.by_address.get(address), devices.around.mac(address), self._is_kept(address)
        moved = held is not None and bool(held.mac and mac) and held.mac != mac
        # Of whom nothing is kept nobody can say whether they asked: what holds for them is all that they are shown.
        if moved or (kept and not devices.asked(address)):
            return Visitor(address, "unseen", kept=kept)
        calling = devices.calling()
        scope = calling.scope(address)
        places = tuple(one for one, _ in held.addresses) if held else ()
        alike = tuple(dict.fromkeys((scope, address, *places)))
        return Visitor(address, "", scope, calling.of(address), alike, held.first if held else 0.0, kept)

    def _is_kept(self, address: str) -> bool:
        bundle, log = self._parts.publisher.bundle, self._config().log
        whole = place(address, (log.prefix_v4, log.prefix_v6)) == address
        return whole and bundle is not None and bundle.kept(address)[0] == "full"

    def _foreign(self, address: str, headers: Mapping[str, str]) -> Reason:
        """Why an address is of no device of the household, if it is of none."""
        around, parsed = self._parts.devices.around, ipaddress.ip_address(address)
        if parsed.is_loopback or parsed.is_unspecified or address in around.machine:
            return "here"
        if any(field in headers for field in PROXIES):
            return "proxy"
        mac = around.mac(address)
        if address in around.routers or (mac and mac in {around.mac(router) for router in around.routers}):
            return "router"
        # A public address may be one for many, unless there is nobody between us and it.
        return "public" if parsed.is_global and not mac else ""
