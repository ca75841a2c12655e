"""The log as a file: whole, in pieces, and nothing but the log of whoever asks."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from typing import Any

import aiohttp
import msgspec
import pytest

from resolver.admin import logged
from resolver.admin.api import logexport
from resolver.admin.bodies import LogEntry
from resolver.errors import StoreError
from resolver.store.filters import LogFilter, LogRow
from resolver.store.queries import Queries
from tests.admin.household import TOKEN, House, Opener
from tests.admin.parts import NOON, row, until

ROW = LogRow(1, NOON, "192.0.2.10", "default", "n.example", 1, 0, "cache", "pass", "", "", "", "", 1, 90, "")


class Endless:
    """Stands for a very long log: rows without an end, and how many were taken; then (after so many) it fails."""

    def __init__(self, fails: int | None = None) -> None:
        self.taken = 0
        self._fails = fails

    def each(self, _: LogFilter) -> Iterator[LogRow]:
        while self.taken != self._fails:
            self.taken += 1
            yield ROW
        raise StoreError("the disk is gone")


def endless(monkeypatch: pytest.MonkeyPatch, fails: int | None = None) -> Endless:
    made = Endless(fails)
    monkeypatch.setattr(Queries, "each", lambda _, wanted: made.each(wanted))
    return made


async def fill(house: House) -> None:
    await house.journal([row("old.example", "pass")], NOON - 7200)
    await house.journal([row("ads.example", count=3), row("=cmd.example", client="192.0.2.11")])


def test_csv(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await fill(house)
        reply = await house.get("/api/v1/log/export")
        assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert reply.headers["Content-Disposition"] == 'attachment; filename="lull-log-2026-01-01.csv"'
        lines = list(csv.DictReader(io.StringIO(reply.text, newline="")))
        assert [(line["name"], line["count"]) for line in lines] == [
            ("'=cmd.example", "1"),
            ("ads.example", "3"),
            ("old.example", "1"),
        ]
        one = await house.get("/api/v1/log/export?format=csv&exact=ads.example&since=1h")
        assert [line["name"] for line in csv.DictReader(io.StringIO(one.text))] == ["ads.example"]
        nothing = await house.get("/api/v1/log/export?name=nothing.example")
        assert nothing.text.count("\n") == 1, "its head alone"

    open_house(scenario)


def test_jsonl(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await fill(house)
        reply = await house.get("/api/v1/log/export?format=jsonl&client=192.0.2.10")
        assert reply.headers["Content-Type"] == "application/jsonl; charset=utf-8"
        entries = [msgspec.json.decode(line, type=LogEntry) for line in reply.text.splitlines()]
        assert [one.name for one in entries] == ["ads.example", "old.example"]
        page: Any = await house.api("GET", "log?client=192.0.2.10")
        assert msgspec.to_builtins(entries) == page["entries"]
        for query, path in (("format=xml", "format"), ("cursor=1", "cursor"), ("since=1h&until=2h", "until")):
            refused = await house.get(f"/api/v1/log/export?{query}")
            assert (refused.status, refused.error["path"]) == (400, path)
        reader = await house.api("POST", "tokens", {"name": "reader", "scopes": ["read"]})
        assert (await house.get("/api/v1/log/export", token=reader["token"])).status == 403

    open_house(scenario)


def test_a_reader_who_goes_away_ends_it(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one who does not read holds nothing but a slice."""
    log = endless(monkeypatch)

    async def scenario(house: House) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with house.http.get(f"{house.url}/api/v1/log/export", headers=headers) as response:
            await response.content.readexactly(1000)
            taken = 0
            while taken != log.taken:  # what is on its way fills the buffers
                taken = log.taken
                await asyncio.sleep(0.3)
            assert taken < 300_000
            response.close()
        await until(lambda: house.service.logged.exports == 0)
        taken = log.taken
        await asyncio.sleep(0.2)
        assert log.taken == taken

    open_house(scenario)


def test_who_takes_nothing_is_given_up(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logexport, "_PATIENCE", 0.3)
    endless(monkeypatch)

    async def scenario(house: House) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", house.port, limit=1024)
        head = f"GET /api/v1/log/export HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        writer.write(head.encode())
        await until(lambda: house.service.logged.exports == 1)
        await until(lambda: house.service.logged.exports == 0, 10)
        writer.close()

    open_house(scenario)


def test_one_that_is_cut_short_is_not_taken_for_whole(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    endless(monkeypatch, fails=logged.SLICE * 3)

    async def scenario(house: House) -> None:
        with pytest.raises(aiohttp.ClientPayloadError):
            await house.get("/api/v1/log/export")
        assert house.service.logged.exports == 0
        endless(monkeypatch, fails=0)
        refused = await house.get("/api/v1/log/export")
        assert (refused.status, refused.error["code"]) == (503, "store")

    open_house(scenario)


def test_a_few_at_once(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    endless(monkeypatch)

    async def scenario(house: House) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        going = [await house.http.get(f"{house.url}/api/v1/log/export", headers=headers) for _ in range(logged.EXPORTS)]
        refused = await house.get("/api/v1/log/export")
        assert (refused.status, refused.error["code"]) == (503, "busy")
        for one in going:
            one.close()
        await until(lambda: house.service.logged.exports == 0)

    open_house(scenario)
