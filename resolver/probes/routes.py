"""The way out of this machine, as the kernel tells it (proc(5), section /proc/net)."""

from __future__ import annotations

import ipaddress
import pathlib
from collections.abc import Iterator
from operator import itemgetter

from resolver.diagnosis.facts import Network, Route

PROC = pathlib.Path("/proc/net")

_UP, _REJECT = 0x1, 0x0200  # RTF_UP, RTF_REJECT
_COMPLETE = 0x2  # ATF_COM
_LOOPBACK = "lo"
_METRIC = itemgetter(0)  # of two default routes the one with the smaller counts


def network(proc: pathlib.Path = PROC) -> Network:
    """The default routes, and whether the IPv4 router is heard of. Where the kernel tells nothing, there is nothing."""
    v4 = min(_v4(_rows(proc / "route")), key=_METRIC, default=None)
    v6 = min(_v6(_rows(proc / "ipv6_route")), key=_METRIC, default=None)
    heard = _heard(_rows(proc / "arp"), v4[1].gateway) if v4 is not None and v4[1].gateway else None
    return Network(None if v4 is None else v4[1], None if v6 is None else v6[1], heard)


def _rows(path: pathlib.Path) -> list[list[str]]:
    try:
        return [line.split() for line in path.read_text("ascii", "replace").splitlines()]
    except OSError:
        return []


def _v4(rows: list[list[str]]) -> Iterator[tuple[int, Route]]:
    """Default routes of /proc/net/route; its addresses are words in the machine's own byte order."""
    for row in rows[1:]:
        if len(row) < 8 or row[1] != "00000000" or row[7] != "00000000" or not int(row[3], 16) & _UP:
            continue
        if int(row[3], 16) & _REJECT:
            continue
        gateway = ipaddress.IPv4Address(bytes.fromhex(row[2])[::-1])
        yield int(row[6]), Route(row[0], "" if gateway.is_unspecified else str(gateway))


def _v6(rows: list[list[str]]) -> Iterator[tuple[int, Route]]:
    """Default routes of /proc/net/ipv6_route; one over the loopback is how the kernel says that there is none."""
    for row in rows:
        if len(row) < 10 or row[0].strip("0") or row[1] != "00" or row[9] == _LOOPBACK:
            continue
        if int(row[8], 16) & _REJECT or not int(row[8], 16) & _UP:
            continue
        gateway = ipaddress.IPv6Address(bytes.fromhex(row[4]))
        yield int(row[5], 16), Route(row[9], "" if gateway.is_unspecified else str(gateway))


def _heard(rows: list[list[str]], gateway: str) -> bool | None:
    """Whether the table of IPv4 neighbours has the router's MAC address; None when it was not looked for lately."""
    for row in rows[1:]:
        if len(row) >= 3 and row[0] == gateway:
            return bool(int(row[2], 16) & _COMPLETE)
    return None
