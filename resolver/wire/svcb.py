"""SVCB and HTTPS RDATA: where a service record leads (RFC 9460 section 2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.errors import WireError
from resolver.wire.name import read

_HINTS = {4: 4, 6: 16}  # ipv4hint and ipv6hint (RFC 9460 section 7.3): bytes of an address


def leads(rdata: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """The target name (canonical wire form; the root stands for the owner itself) and the addresses that are hinted at.

    RDATA that is not what its type says leads nowhere: an empty name, and what hints come before the fault.
    """
    try:
        target, offset = read(rdata, 2)
    except (WireError, IndexError):
        return b"", ()
    return target, tuple(_hints(rdata, offset))


def _hints(rdata: bytes, offset: int) -> Iterator[bytes]:
    while offset + 4 <= len(rdata):
        key, length = int.from_bytes(rdata[offset : offset + 2]), int.from_bytes(rdata[offset + 2 : offset + 4])
        offset += 4
        value = rdata[offset : offset + length]
        size = _HINTS.get(key)
        if size is not None:
            yield from (value[at : at + size] for at in range(0, len(value) - size + 1, size))
        offset += length
