"""Frame Streams: data and control frames ⇄ bytes, as farsightsec/fstrm has them. Pure.

A data frame is its length (four bytes, big-endian) and its bytes. A control frame is a length of zero, then its own
length, its type, and fields of a type, a length and bytes each.
"""

from __future__ import annotations

import struct
from enum import IntEnum

import msgspec

from resolver.errors import WireError

CONTENT_TYPE = b"protobuf:dnstap.Dnstap"

LONGEST_CONTROL = 512
"""Bytes of a control frame, after its own length."""

_FIELD_CONTENT_TYPE = 1
_LONGEST_CONTENT_TYPE = 256


class Control(IntEnum):
    """What a control frame says. Over a socket: READY → ACCEPT ← START →, data, STOP →, FINISH ←; in a file START and
    STOP alone."""

    ACCEPT = 1
    START = 2
    STOP = 3
    READY = 4
    FINISH = 5


class ControlFrame(msgspec.Struct, frozen=True):
    """A control frame and the content types it names."""

    type: int
    content_types: tuple[bytes, ...] = ()


def data_frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


def control_frame(type: Control, *content_types: bytes) -> bytes:
    fields = b"".join(struct.pack("!2L", _FIELD_CONTENT_TYPE, len(one)) + one for one in content_types)
    return struct.pack("!3L", 0, 4 + len(fields), type) + fields


def read_control(body: bytes) -> ControlFrame:
    """The control frame in these bytes: what comes after the zero and its length. Raises WireError."""
    if not 4 <= len(body) <= LONGEST_CONTROL:
        raise WireError(f"a control frame of {len(body)} bytes")
    (type,) = struct.unpack_from("!L", body)
    found, offset = [], 4
    while offset < len(body):
        if offset + 8 > len(body):
            raise WireError("a control frame with a field cut short")
        field, length = struct.unpack_from("!2L", body, offset)
        end = offset + 8 + length
        if field != _FIELD_CONTENT_TYPE or length > _LONGEST_CONTENT_TYPE or end > len(body):
            raise WireError(f"a control frame with a field of type {field} and {length} bytes")
        found.append(body[offset + 8 : end])
        offset = end
    return ControlFrame(type, tuple(found))
