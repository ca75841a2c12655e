"""RDATA: uncompressing the names inside it, and the few parts that policy looks at (RFC 1035, RFC 3597 section 4)."""

from __future__ import annotations

from struct import Struct

from resolver.errors import WireError
from resolver.model import Type
from resolver.paths import PRODUCT
from resolver.wire.name import Known, read

# type: (bytes before the first name, number of names, bytes after the last). Only these may hold compressed names
# (RFC 3597 section 4); all other RDATA is opaque and passes through untouched.
_NAMES = {
    2: (0, 1, 0),  # NS
    3: (0, 1, 0),  # MD
    4: (0, 1, 0),  # MF
    5: (0, 1, 0),  # CNAME
    6: (0, 2, 20),  # SOA
    7: (0, 1, 0),  # MB
    8: (0, 1, 0),  # MG
    9: (0, 1, 0),  # MR
    12: (0, 1, 0),  # PTR
    14: (0, 2, 0),  # MINFO
    15: (2, 1, 0),  # MX
    17: (0, 2, 0),  # RP
    18: (2, 1, 0),  # AFSDB
    21: (2, 1, 0),  # RT
    26: (2, 2, 0),  # PX
    33: (6, 1, 0),  # SRV
    36: (2, 1, 0),  # KX
    39: (0, 1, 0),  # DNAME
}
_ADDRESS_LENGTH = {int(Type.A): 4, int(Type.AAAA): 16}
_SOA_TAIL = Struct("!5L")


def expand(data: bytes, start: int, length: int, type: int, known: Known | None = None) -> bytes:
    """The RDATA at `start` with its names uncompressed and in lower case (RFC 4034 section 6.2). `known` is for
    `name.read`."""
    end = start + length
    raw = data[start:end]
    shape = _NAMES.get(type)
    if shape is None:
        if _ADDRESS_LENGTH.get(type, length) != length:
            raise WireError("an address of a wrong length")
        return raw
    before, names, after = shape
    parts = [raw[:before]]
    offset = start + before
    for _ in range(names):
        name, offset = read(data, offset, known)
        parts.append(name)
    if offset + after != end:
        raise WireError("RDATA that does not fill its length")
    parts.append(data[offset:end])
    return b"".join(parts)


def soa_minimum(rdata: bytes) -> int:
    """The MINIMUM field of an uncompressed SOA RDATA, in seconds (RFC 2308 section 4)."""
    return int(_SOA_TAIL.unpack(rdata[-20:])[4])


def synthetic_soa(seconds: int) -> bytes:
    """The RDATA of a synthetic SOA for a negative answer that is good for `seconds`."""
    host = bytes((len(PRODUCT),)) + PRODUCT.encode() + b"\x07invalid\0"
    return host + b"\x0ahostmaster" + host + _SOA_TAIL.pack(1, 3600, 600, 86400, seconds)


def covered(rdata: bytes) -> int:
    """The type that an RRSIG covers (RFC 4034 section 3.1)."""
    return int.from_bytes(rdata[:2], "big")
