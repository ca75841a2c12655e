"""What the tests of attacks send that no client would."""

from __future__ import annotations

import asyncio

from tests.admin.household import House

EVIL = "https://evil.example"


async def raw(house: House, request: bytes) -> bytes:
    """What comes back for bytes that no client would send as they are."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(request)
    reply = await reader.read()
    writer.close()
    return reply


def write(path: str, host: str, *headers: str, body: str = "") -> bytes:
    lines = (f"POST {path} HTTP/1.1", f"Host: {host}", "Connection: close", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join((*lines, "", body)).encode("latin-1")
