"""A page that shows captive portals: plain HTTP, answered with 204 by who it belongs to, and with anything else by who
stands between (RFC 8952 section 1). Only the page that the config names is ever asked for."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from resolver.diagnosis.facts import Portal
from resolver.errors import UpstreamError

PATIENCE = 4.0
"""Seconds for everything."""

_HEADERS = 16 << 10  # bytes
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})")
_LOCATION = re.compile(rb"\r\nlocation:[ \t]*([!-~]{1,200})", re.IGNORECASE)

Find = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the addresses of a host's name. Raises UpstreamError."""


async def portal(url: str, find: Find) -> Portal:
    """What came of asking for the page at an http:// URL."""
    try:
        async with asyncio.timeout(PATIENCE):
            head = await _head(url, find)
    except TimeoutError:
        return Portal(captive=False, where="nothing came in time")
    except (OSError, EOFError, UpstreamError, ValueError) as error:
        return Portal(captive=False, where=str(error) or "no answer")
    status, location = _STATUS.match(head), _LOCATION.search(head)
    if status is None or status[1] == b"204":
        return Portal(captive=False, where="" if status else "what answers does not speak HTTP")
    return Portal(captive=True, where=location[1].decode() if location else f"HTTP status {status[1].decode()}")


async def _head(url: str, find: Find) -> bytes:
    """Status and headers of the response."""
    place = urlsplit(url)
    host = place.hostname or ""
    addresses = await find(host)
    if not addresses:
        raise OSError(f"{host} has no address")
    reader, writer = await asyncio.open_connection(addresses[0], place.port or 80, limit=_HEADERS)
    try:
        query = f"?{place.query}" if place.query else ""
        writer.write(
            f"GET {place.path or '/'}{query} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n".encode()
        )
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise ValueError("headers without end") from error
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
