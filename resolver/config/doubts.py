"""What is no mistake in a config, and will perhaps not do what was meant."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import pathlib
from collections.abc import Iterator

from resolver.config.leaves import plain, shown
from resolver.config.nodes import joined
from resolver.config.schema import Config
from resolver.config.values import Crowd

NO_DRIVER = "PostgreSQL needs psycopg, which is not installed here: pip install 'lull-dns[postgresql]'"
_LIFTED = "allow all, with window always, for everyone: no list, service or default blocks anything any more"

_REACHED = "anybody can send queries to it; dns.allow says who is answered, and a firewall keeps the others out"
_ABUSED = "an open resolver is abused within hours; name the networks of your own"
_MOST = {4: 256, 6: 1 << 80}
"""Addresses that one house, or a firm, may have: an IPv4 /24, an IPv6 /48."""

_PATH = 1000  # characters of a path that are shown: its end tells most


def doubts(config: Config) -> Iterator[str]:
    """Sentences about a config as loaded: files that are not there, devices that nobody looks for, schedules that
    nobody is under. Looks at the disk."""
    for source in config.lists:
        if source.file and (reason := _unreadable(source.file)):
            said = plain(f"{source.id}: {source.file}", _PATH)
            yield f"list {said} cannot be read ({reason}); nothing of it counts until it can"
    for path in config.discovery.leases or ():
        if reason := _unreadable(path):
            yield f"discovery.leases: {plain(str(path), _PATH)} cannot be read ({reason})"
    if config.store.url and importlib.util.find_spec("psycopg") is None:
        yield f"store: {NO_DRIVER}"
    yield from _open(config)
    yield from _unseen(config)
    yield from _for_nobody(config)
    for number, site in enumerate(config.sites):
        if site.everything and site.window is None and not (site.client or site.group):
            yield f"sites[{number}]: {_LIFTED}"


def _open(config: Config) -> Iterator[str]:
    """What lets the world in."""
    doors = [("dns.listen", config.dns.listen)]
    doors += [(f"encrypted.{kind}", getattr(config.encrypted, kind)) for kind in ("tls", "https", "quic")]
    for key, endpoints in doors:
        for number, endpoint in enumerate(endpoints):
            if ipaddress.ip_address(endpoint.host).is_global:
                yield f"{key}[{number}]: {endpoint.host} is an address of the internet: {_REACHED}"
    for number, asker in enumerate(config.dns.allow):
        if asker is Crowd.ANY or (not isinstance(asker, Crowd) and _has_strangers(asker)):
            yield f"dns.allow[{number}]: {asker} lets strangers ask: {_ABUSED}"


def _has_strangers(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    """Whether there are more in it than may well be of one house. All of IPv4 is not called global: it has both ends in
    networks that are not."""
    return network.prefixlen == 0 or (network.is_global and network.num_addresses > _MOST[network.version])


def _for_nobody(config: Config) -> Iterator[str]:
    """Schedules that no group is under."""
    had = {schedule for group in config.groups.values() for schedule in group.schedules}
    for name in config.schedules:
        if name not in had:
            yield f"{joined('schedules', name)}: no group has it, so it does nothing; name it in schedules of a group"


def _unreadable(path: pathlib.Path) -> str:
    """Why a file cannot be read, as far as one can tell without opening it; empty when it can."""
    if not os.path.lexists(path):
        return "there is no such file"
    if not path.is_file():
        return "that is no file"
    return "" if os.access(path, os.R_OK) else "not by this user"


def _unseen(config: Config) -> Iterator[str]:
    """Devices whose only sign is looked for nowhere."""
    nameless = config.discovery.router == "off" and config.discovery.leases == ()
    for name, device in config.devices.items():
        at, by_mac, by_name = joined("devices", name), bool(device.mac), bool(device.names)
        mac_seen = by_mac and config.discovery.neighbours
        name_seen = by_name and not nameless
        if not (device.addresses or device.id or mac_seen or name_seen):
            yield f"{at}: {shown(name)} will not be found: discovery is off for what it is known by"
    for name, group in config.groups.items():
        if group.macs and not config.discovery.neighbours:
            yield f"{joined('groups', name)}.clients: MAC addresses are not found while discovery.neighbours is false"
