"""The kernel's neighbour tables of both address families: which MAC address an address has on this network.

Entries come by a dump, and then as they change. An entry that goes away says nothing: the device may be asleep.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import socket
from collections.abc import Callable, Iterable, Iterator
from struct import Struct

import msgspec

from resolver.network import netlink

log = logging.getLogger(__name__)

_NEW, _GET = 28, 30  # RTM_NEWNEIGH, RTM_GETNEIGH
_NEW_ADDRESS, _GONE_ADDRESS = 20, 21
_HEAD = Struct("=BBHiHBB")  # family, padding, interface, state, flags, type
_DST, _LLADDR = 1, 2
_ALIVE = 0x02 | 0x08 | 0x10 | 0x80  # NUD_REACHABLE, DELAY, PROBE, PERMANENT
_STALE = 0x04
_ETHERNET = 6  # bytes of its addresses
_FAMILIES = {int(socket.AF_INET): 4, int(socket.AF_INET6): 16}
_AT_ONCE = 64  # datagrams read before other work gets its turn


class Neighbour(msgspec.Struct, frozen=True):
    """An address and the MAC address it has (small letters, colons); `alive`: it was heard of in these seconds."""

    address: str
    mac: str
    alive: bool


def table() -> list[Neighbour]:
    """Every neighbour that the kernel knows a MAC address of. Raises OSError where the kernel tells nothing."""
    return list(_read(netlink.dump(_GET, _HEAD.size)))


def _read(messages: Iterable[netlink.Message]) -> Iterator[Neighbour]:
    for message in messages:
        found = _neighbour(message.body) if message.type == _NEW else None
        if found is not None:
            yield found


def _neighbour(body: bytes) -> Neighbour | None:
    """What an entry says, if it is of a single machine on an Ethernet or Wi-Fi."""
    if len(body) < _HEAD.size:
        return None
    family, _, _, _, state, _, _ = _HEAD.unpack_from(body)
    values = netlink.attributes(body, _HEAD.size)
    address, mac = values.get(_DST, b""), values.get(_LLADDR, b"")
    if not state & (_ALIVE | _STALE) or len(address) != _FAMILIES.get(family) or len(mac) != _ETHERNET:
        return None
    if mac[0] & 1 or not any(mac):  # of many, or of nobody
        return None
    found = ipaddress.ip_address(address)
    if found.is_multicast or found.is_loopback or found.is_unspecified:
        return None
    return Neighbour(str(found), mac.hex(":"), bool(state & _ALIVE))


class Watch:
    """News of neighbours and of the machine's own addresses, in the running loop.

    `met` gets every neighbour, `readdressed` is called when an address came to this machine or went. `lost` is called
    when news were lost, or cannot be had any more: the tables are then to be read again now and then.
    """

    def __init__(
        self, met: Callable[[Neighbour], None], readdressed: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        self._met = met
        self._readdressed = readdressed
        self._lost = lost
        self._sock: socket.socket | None = None

    def start(self) -> None:
        """Begin, unless that was done. Raises OSError where the kernel tells nothing."""
        if self._sock is not None:
            return
        sock = netlink.connect(netlink.NEIGHBOURS | netlink.V4_ADDRESSES | netlink.V6_ADDRESSES)
        sock.settimeout(0)
        self._sock = sock
        asyncio.get_running_loop().add_reader(sock, self._readable)

    def stop(self) -> None:
        sock, self._sock = self._sock, None
        if sock is not None:
            with contextlib.suppress(RuntimeError):  # the loop may be closed
                asyncio.get_running_loop().remove_reader(sock)
            sock.close()

    def _readable(self) -> None:
        moved = False
        for _ in range(_AT_ONCE):
            if self._sock is None:
                break
            try:
                found = netlink.receive(self._sock)
            except BlockingIOError:
                break
            except OSError as error:
                self._failed(error)
                break
            for neighbour in _read(found):
                self._met(neighbour)
            moved = moved or any(message.type in {_NEW_ADDRESS, _GONE_ADDRESS} for message in found)
        if moved:
            self._readdressed()

    def _failed(self, error: OSError) -> None:
        """ENOBUFS: more came than was read in time. Anything else: there will be no more news."""
        if error.errno != errno.ENOBUFS:
            log.warning("news of the network's neighbours end: %s", error)
            self.stop()
        self._lost()
