"""A page that shows captive portals, and who may answer in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from resolver.diagnosis.facts import Portal
from resolver.errors import UpstreamTimeout
from resolver.probes import portal as probing
from resolver.probes.portal import portal

END = b"\r\n\r\n"


def told(response: bytes | None, path: str = "/check?x=1") -> tuple[Portal, bytes]:
    asked = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.extend(await reader.readuntil(END))
        if response is not None:
            writer.write(response)
            await reader.read()
        writer.close()

    async def find(host: str) -> Sequence[str]:
        assert host == "check.example"
        return ["127.0.0.1"]

    async def run() -> Portal:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        found = await portal(f"http://check.example:{server.sockets[0].getsockname()[1]}{path}", find)
        server.close()
        await asyncio.sleep(0.01)
        return found

    return asyncio.run(run()), bytes(asked)


def test_no_portal() -> None:
    found, asked = told(b"HTTP/1.1 204 No Content" + END)
    assert found == Portal(captive=False)
    assert asked.startswith(b"GET /check?x=1 HTTP/1.1\r\nHost: check.example:")
    assert told(b"HTTP/1.1 204 No Content" + END, "")[1].startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("response", "where"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/" + END, "http://portal.example/"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 9" + END + b"<html>...", "HTTP status 200"),
        (b"HTTP/1.1 511 Network Authentication Required" + END, "HTTP status 511"),
    ],
)
def test_a_portal(response: bytes, where: str) -> None:
    assert told(response)[0] == Portal(captive=True, where=where)


@pytest.mark.parametrize("response", [None, b"what?" + END, b"HTTP/1.1 302 Found\r\nx: " + b"y" * 40_000 + END])
def test_what_is_no_portal_and_no_answer_either(response: bytes | None) -> None:
    found = told(response)[0]
    assert not found.captive
    assert found.where


def test_silence_and_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "PATIENCE", 0.1)

    async def nowhere(_: str) -> Sequence[str]:
        return []

    async def failing(_: str) -> Sequence[str]:
        raise UpstreamTimeout("no answer in time")

    async def never(_: str) -> Sequence[str]:
        await asyncio.sleep(9)
        return []

    async def run() -> list[Portal]:
        return [await portal("http://check.example/", find) for find in (nowhere, failing, never)]

    assert [found.where for found in asyncio.run(run())] == [
        "check.example has no address",
        "no answer in time",
        "nothing came in time",
    ]
