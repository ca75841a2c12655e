"""Questions to the kernel about its network, and news of it, over AF_NETLINK (rtnetlink(7)). No privilege is needed.

Numbers are in the machine's own byte order. A kernel or a sandbox without it refuses the socket with OSError.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

NEIGHBOURS, V4_ADDRESSES, V6_ADDRESSES = 0x4, 0x10, 0x100
"""Groups of news (RTMGRP_NEIGH, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR)."""

SIZE = 1 << 16
"""Bytes of one datagram; the kernel fills 32 KiB at most."""

_HEAD = Struct("=LHHLL")  # length, type, flags, sequence, port
_ATTRIBUTE = Struct("=HH")  # length with these four bytes, type
_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH
_ERROR, _DONE = 2, 3


class Message(NamedTuple):
    """What the kernel says: the type (RTM_…), and what follows the header."""

    type: int
    body: bytes


def connect(groups: int = 0) -> socket.socket:
    """A socket that hears the news of `groups`. Raises OSError."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
    try:
        sock.bind((0, groups))
    except OSError:
        sock.close()
        raise
    return sock


def ask(sock: socket.socket, kind: int, body: bytes) -> None:
    """Ask for a whole table: RTM_GET… with its header of zeros."""
    sock.send(_HEAD.pack(_HEAD.size + len(body), kind, _DUMP, 1, 0) + body)


def receive(sock: socket.socket) -> list[Message]:
    """The messages of one datagram; none when it is not the kernel's. Raises OSError, ENOBUFS when news were lost."""
    data, sender = sock.recvfrom(SIZE)
    return list(messages(data)) if sender[0] == 0 else []


def messages(data: bytes) -> Iterator[Message]:
    """The messages of a datagram, as far as they are whole."""
    offset = 0
    while offset + _HEAD.size <= len(data):
        length, kind, _, _, _ = _HEAD.unpack_from(data, offset)
        if not _HEAD.size <= length <= len(data) - offset:
            return
        yield Message(kind, data[offset + _HEAD.size : offset + length])
        offset += _aligned(length)


def attributes(body: bytes, offset: int) -> dict[int, bytes]:
    """The attributes of a message from `offset` on, by type, as far as they are whole."""
    found = {}
    while offset + _ATTRIBUTE.size <= len(body):
        length, kind = _ATTRIBUTE.unpack_from(body, offset)
        if not _ATTRIBUTE.size <= length <= len(body) - offset:
            break
        found[kind & 0x3FFF] = body[offset + _ATTRIBUTE.size : offset + length]
        offset += _aligned(length)
    return found


def dump(kind: int, header: int, seconds: float = 2.0) -> list[Message]:
    """A whole table: `kind` is RTM_GET…, `header` the bytes of its own header. Blocks. Raises OSError."""
    found: list[Message] = []
    with connect() as sock:
        sock.settimeout(seconds)
        ask(sock, kind, bytes(header))
        while True:
            for message in receive(sock):
                if message.type == _DONE:
                    return found
                if message.type == _ERROR:
                    raise _refusal(message.body)
                found.append(message)


def _refusal(body: bytes) -> OSError:
    number = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
    return OSError(number, os.strerror(number))


def _aligned(length: int) -> int:
    return (length + 3) & ~3
