"""Queries put together byte by byte."""

from __future__ import annotations

import struct

from resolver.model import Message
from resolver.wire.query import Fault, decode

NAME = b"\x07example\x03com\0"
A_IN = b"\0\x01\0\x01"
OPT = b"\0\0\x29\x04\xd0\0\0\0\0\0\0"


def raw(
    counts: tuple[int, int, int, int] = (1, 0, 0, 0),
    body: bytes = NAME + A_IN,
    flags: int = 0x0100,
) -> bytes:
    return struct.pack("!6H", 0x1234, flags, *counts) + body


def opt(options: bytes = b"", version: int = 0, flags: int = 0, payload: int = 1232, owner: bytes = b"\0") -> bytes:
    return owner + struct.pack("!HHBBHH", 41, payload, 0, version, flags, len(options)) + options


def cookie(size: int) -> bytes:
    return struct.pack("!HH", 10, size) + bytes(size)


def fault(data: bytes) -> Fault:
    found = decode(data)
    assert isinstance(found, Fault), found
    return found


def message(data: bytes) -> Message:
    found = decode(data)
    assert isinstance(found, Message), found
    return found
