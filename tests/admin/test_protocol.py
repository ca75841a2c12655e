"""Connections: what is no HTTP is refused in the one form, and who asks for nothing is let go."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest

from resolver.admin import protocol
from resolver.admin.app import HEADERS
from resolver.admin.jobbodies import ErrorBody
from tests.admin.household import TOKEN, House, Opener

LINE = f"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"


async def said(house: House, data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to some bytes; the connection ends then."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(data)
    async with asyncio.timeout(5):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


MALFORMED: list[tuple[bytes, int, str]] = [
    (b"nonsense\r\n\r\n", 400, "malformed"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed"),
    (b"GET /api/v1/status HTTP/9.9\r\n\r\n", 400, "malformed"),
    (f"{LINE}Bad Header: x\r\n\r\n".encode(), 400, "malformed"),
    (f"{LINE}Content-Length: x\r\n\r\n".encode(), 400, "malformed"),
    (f"{LINE}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n".encode(), 400, "malformed"),
    (f"{LINE}X: a\rb\r\n\r\n".encode(), 400, "malformed"),
    (f"{LINE}Big: {'x' * 9000}\r\n\r\n".encode(), 431, "too-large"),
    ((LINE + "".join(f"H{n}: x\r\n" for n in range(200)) + "\r\n").encode(), 431, "too-large"),
    (f"GET /{'x' * 9000} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), 431, "too-large"),
]


def test_what_is_no_http(open_house: Opener, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def scenario(house: House) -> None:
        caplog.clear()
        for data, status, code in MALFORMED:
            found, headers, body = await said(house, data)
            assert found == status, data[:80]
            assert msgspec.json.decode(body, type=ErrorBody).error.code == code, data[:80]
            assert headers["Content-Type"] == "application/json"
            assert {name: headers[name] for name in HEADERS} == HEADERS
        assert (await house.get("/healthz")).status == 200
        assert not [one for one in caplog.records if one.name != "resolver.admin.welcome"], "strangers fill no log"

    open_house(scenario)


def test_whoever_says_nothing_is_let_go(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_FIRST", 0.2)

    async def scenario(house: House) -> None:
        begun = await asyncio.open_connection("127.0.0.1", house.port)
        silent = await asyncio.open_connection("127.0.0.1", house.port)
        slow = await asyncio.open_connection("127.0.0.1", house.port)
        for line in LINE.splitlines(keepends=True):
            slow[1].write(line.encode())
            await slow[1].drain()
        begun[1].write(f"{LINE}\r\n".encode())
        async with asyncio.timeout(3):
            assert (await begun[0].readline()).startswith(b"HTTP/1.1 200")
            assert await silent[0].read() == b""
            assert await slow[0].read() == b""
        begun[1].write(f"{LINE}\r\n".encode())
        async with asyncio.timeout(3):
            while b"HTTP/1.1 200" not in await begun[0].readline():
                pass
        for _, writer in (begun, silent, slow):
            writer.close()

    open_house(scenario)


def test_what_takes_long_is_waited_for(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_FIRST", 0.1)

    async def scenario(house: House) -> None:
        async def long(_: object) -> None:
            await asyncio.sleep(9)

        job = house.service.jobs.begin("test", "what takes long", long)
        reply = await house.get(f"/api/v1/jobs/{job.id}?seconds=0.5")
        assert (reply.status, reply.json["state"]) == (200, "running")

    open_house(scenario)
