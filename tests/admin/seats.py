"""Devices of the household that open pages without anybody being signed in: each by the address it comes from."""

from __future__ import annotations

import pytest
from aiohttp import web

from resolver.journal import frames
from tests.admin.browsing import Reply
from tests.admin.household import House
from tests.admin.parts import NOON, row

TABLET, PHONE = "192.0.2.10", "192.0.2.20"
SEAT = "X-Seat-Of-These-Tests"


@pytest.fixture
def seats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a request come from the address that it names; what the kernel says is tried in test_peers."""
    monkeypatch.setattr(web.BaseRequest, "remote", property(lambda self: self.headers.get(SEAT, "127.0.0.1")))


async def asked(house: House, *names: str, at: str = TABLET, verdict: str = "block", second: int = NOON - 60) -> None:
    """Have a device look up names, as far as it is known what that leaves behind."""
    rows = [row(name, verdict, client=at) for name in names]
    house.parts.devices.take(frames.Batch("life", 1, second, rows, {}))
    await house.journal(rows, second)


class Seat:
    """Who sits at a device."""

    def __init__(self, house: House, address: str = TABLET, **headers: str) -> None:
        self.house = house
        self.headers = {SEAT: address, "Accept": "text/html", **headers}

    async def get(self, path: str = "/me") -> Reply:
        return await self.house.get(path, token=None, headers=self.headers)

    async def page(self, path: str = "/me") -> str:
        reply = await self.get(path)
        assert reply.status == 200, (reply.status, reply.text)
        return reply.text

    async def post(self, name: str = "", *, path: str = "/me/here", **fields: str) -> Reply:
        sent = {**({"name": name} if name else {}), **fields}
        return await self.house.call("POST", path, token=None, data=sent, headers=self.headers)
