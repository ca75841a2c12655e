"""The PROXY protocol, version 2: who a proxy in front of Lull speaks for (haproxy, proxy-protocol.txt, section 2.2)."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from struct import Struct

from resolver.errors import WireError

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_HEAD = Struct("!12sBBH")  # signature, version and command, family and protocol, length
_LOCAL, _PROXY = 0x20, 0x21
_STREAMS = {0x11: 4, 0x21: 16}  # TCP over IPv4 and IPv6: bytes of an address
_LONGEST = 536  # bytes of addresses and TLVs that are read

Read = Callable[[int], Awaitable[bytes]]
"""Exactly so many bytes of a connection, no more."""


async def spoken_for(read: Read, proxy: str) -> str:
    """The address of the client that the proxy at this address brings; the proxy's own for its health checks (LOCAL).
    Raises WireError for anything that is not such a header."""
    signature, command, family, length = _HEAD.unpack(await read(_HEAD.size))
    if signature != SIGNATURE or length > _LONGEST:
        raise WireError("no PROXY header of version 2")
    rest = await read(length) if length else b""
    if command == _LOCAL:
        return proxy
    size = _STREAMS.get(family)
    if command != _PROXY or size is None or len(rest) < 2 * size + 4:
        raise WireError("a PROXY header that says nobody's address")
    return str(ipaddress.ip_address(rest[:size]))
