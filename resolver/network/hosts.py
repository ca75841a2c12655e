"""The machine's own place in the network: its addresses, and the router that it goes out by."""

from __future__ import annotations

import ipaddress
import socket
import sys
from struct import Struct

from resolver.network import netlink

_GET_ADDRESSES, _GET_ROUTES = 22, 26  # RTM_GETADDR, RTM_GETROUTE
_ADDRESS_HEAD = Struct("=BBBBI")  # family, prefix length, flags, scope, interface
_ROUTE_HEAD = Struct("=BBBBBBBBI")  # family, lengths of destination and source, TOS, table, …, …, type, flags
_ADDRESS, _LOCAL, _FLAGS = 1, 2, 8  # IFA_…
_INTERFACE, _GATEWAY, _PRIORITY = 4, 5, 6  # RTA_…
_PASSING = 0x01 | 0x08 | 0x20 | 0x40  # of IPv6: IFA_F_TEMPORARY, DADFAILED, DEPRECATED, TENTATIVE
_MAIN, _UNICAST = 254, 1
_INNER = ("br-", "cali", "cni", "docker", "flannel", "lxc", "lxd", "podman", "veth", "virbr")
_INTERNET = {int(socket.AF_INET): 4, int(socket.AF_INET6): 16}  # bytes of an address


def own_addresses() -> tuple[str, ...]:
    """The addresses at which others reach this machine, IPv4 first: none of loopback or one link, no temporary ones,
    and none of networks that are inside the machine (containers, virtual machines). Blocks for a moment. Raises
    OSError where the kernel tells nothing."""
    found = set()
    for message in netlink.dump(_GET_ADDRESSES, _ADDRESS_HEAD.size):
        if len(message.body) < _ADDRESS_HEAD.size:
            continue
        family, _, flags, _, interface = _ADDRESS_HEAD.unpack_from(message.body)
        values = netlink.attributes(message.body, _ADDRESS_HEAD.size)
        raw = values.get(_LOCAL) or values.get(_ADDRESS, b"")
        flags |= int.from_bytes(values.get(_FLAGS, b""), sys.byteorder)
        if len(raw) != _INTERNET.get(family) or _name(interface).startswith(_INNER):
            continue
        address = ipaddress.ip_address(raw)
        passing = address.version == 6 and flags & _PASSING
        if not passing and not address.is_loopback and not address.is_link_local:
            found.add(address)
    return tuple(str(address) for address in sorted(found, key=lambda one: (one.version, int(one))))


def gateway() -> str:
    """The router of the default route, IPv4 before IPv6, if its address is not a public one; "" if there is none.
    A link-local one has its interface ("fe80::1%eth0"). Blocks for a moment. Raises OSError."""
    routes = [route for message in netlink.dump(_GET_ROUTES, _ROUTE_HEAD.size) if (route := _route(message.body))]
    return min(routes)[2] if routes else ""


def _route(body: bytes) -> tuple[int, int, str] | None:
    """The version, metric and router of a default route."""
    if len(body) < _ROUTE_HEAD.size:
        return None
    family, length, _, _, table, _, _, kind, _ = _ROUTE_HEAD.unpack_from(body)
    values = netlink.attributes(body, _ROUTE_HEAD.size)
    raw = values.get(_GATEWAY, b"")
    if length or table != _MAIN or kind != _UNICAST or len(raw) != _INTERNET.get(family):
        return None
    router = ipaddress.ip_address(raw)
    if router.is_global or router.is_unspecified:
        return None
    metric = int.from_bytes(values.get(_PRIORITY, b""), sys.byteorder)
    interface = int.from_bytes(values.get(_INTERFACE, b""), sys.byteorder)
    zone = f"%{_name(interface)}" if router.is_link_local and router.version == 6 else ""
    return router.version, metric, f"{router}{zone}"


def _name(interface: int) -> str:
    try:
        return socket.if_indextoname(interface)
    except (OSError, OverflowError):
        return str(interface)
