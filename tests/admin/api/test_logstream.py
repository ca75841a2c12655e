"""The log as server-sent events, over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest

from resolver.admin.api import logstream
from resolver.config.people import Device
from tests.admin.household import TOKEN, House, Opener, config_of
from tests.admin.parts import row, until

Event = tuple[str, Any]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logstream, "_LOOK", 0.05)
    monkeypatch.setattr(logstream, "_ALLOWED", 0.1)


class Stream:
    """What comes of a stream: `ids`, and events with their data as JSON makes it; comments are "#"."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.ids: list[str] = []

    async def some(self, count: int) -> list[Event]:
        """The next so many events."""
        found: list[Event] = []
        event = "message"
        async with asyncio.timeout(5):
            while len(found) < count:
                line = (await self.response.content.readline()).decode()
                assert line, "the stream has ended"
                field, _, value = line.rstrip("\n").partition(":")
                if field == "event":
                    event = value.strip()
                elif field == "id":
                    self.ids.append(value.strip())
                elif field == "data":
                    found.append((event, msgspec.json.decode(value)))
                    event = "message"
                elif line == ":\n":
                    found.append(("#", None))
        return found

    async def names(self, count: int) -> list[str]:
        return [data["name"] for _, data in await self.some(count)]


@contextlib.asynccontextmanager
async def streaming(house: House, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    sent = headers or {"Authorization": f"Bearer {TOKEN}"}
    before = house.service.logged.tail.readers
    async with house.http.get(f"{house.url}/api/v1/log/stream{query}", headers=sent) as response:
        assert response.status == 200, await response.text()
        await until(lambda: house.service.logged.tail.readers == before + 1)
        yield Stream(response)
    await until(lambda: house.service.logged.tail.readers <= before)  # or the next one would count it


def test_entries_come_as_they_are_told(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with streaming(house) as stream:
            assert stream.response.headers["Content-Type"] == "text/event-stream"
            assert stream.response.headers["Cache-Control"] == "no-store"
            house.worker.journal([row("a.example", count=3), row(r"\226\128\168\000<b>.example", "pass")])
            (first, one), (_, two) = await stream.some(2)
        assert first == "message"
        assert (one["id"], one["name"], one["count"], one["list"], one["type"]) == (0, "a.example", 3, "ads", "A")
        assert two["name"] == r"\226\128\168\000<b>.example"
        await until(lambda: house.service.logged.tail.readers == 0)

    open_house(scenario)


def test_the_database_is_not_asked(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.database.close()
        async with streaming(house) as stream:
            house.worker.journal([row("a.example")])
            assert await stream.names(1) == ["a.example"]

    open_house(scenario)


FILTERS = {
    "?name=ads.example": ["t.ads.example", "last.ads.example"],
    "?exact=t.ads.example": ["t.ads.example"],
    "?verdict=pass": ["www.example"],
    "?client=192.0.2.11&list=ads": ["last.ads.example"],
    "?client=tablet": ["last.ads.example"],
    "?part=WW": ["www.example"],
}


def test_filters(open_house: Opener) -> None:
    tablet = Device(addresses=(ipaddress.ip_network("192.0.2.11"),))
    config = msgspec.structs.replace(config_of(open_house.lists), devices={"Tablet": tablet})

    async def scenario(house: House) -> None:
        rows = [row("t.ads.example"), row("www.example", "pass"), row("last.ads.example", client="192.0.2.11")]
        async with contextlib.AsyncExitStack() as stack:
            streams = {query: await stack.enter_async_context(streaming(house, query)) for query in ("", *FILTERS)}
            house.worker.journal(rows)
            assert await streams.pop("").names(3) == [one.exchange.name for one in rows]
            for query, found in FILTERS.items():
                assert await streams[query].names(len(found)) == found, query
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(streams[query].some(1), 0.02)

    open_house(scenario, config=config)


def test_it_goes_on_where_it_was(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with streaming(house) as stream:
            house.worker.journal([row("a.example"), row("b.example")])
            await stream.some(2)
        last, whole = stream.ids[0], {"Authorization": f"Bearer {TOKEN}"}
        house.worker.journal([row("c.example")])
        await until(lambda: house.parts.recent.end == 4)
        async with streaming(house, **whole, **{"Last-Event-ID": last}) as again:
            assert await again.names(2) == ["b.example", "c.example"]
        async with streaming(house, **whole, **{"Last-Event-ID": "0000-7"}) as other:
            assert await other.some(1) == [("missed", {"rows": None})]
        async with streaming(house, "?since=1h") as before:
            assert await before.names(3) == ["a.example", "b.example", "c.example"]

    open_house(scenario)


def test_something_is_said_while_nothing_comes(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logstream, "BEAT", 0.1)

    async def scenario(house: House) -> None:
        async with streaming(house) as stream:
            assert await stream.some(2) == [("#", None)] * 2

    open_house(scenario)


def test_it_ends_when_the_session_does(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        async with streaming(house, Cookie=browser.cookies) as stream:
            house.worker.journal([row("a.example")])
            assert await stream.names(1) == ["a.example"]
            house.service.entrance.accounts.store.sessions.end(lambda _: True)
            assert await stream.some(1) == [("ended", {"reason": "the session is over"})]
            assert await stream.response.content.read() == b"\n"
        await until(lambda: house.service.logged.tail.readers == 0)

    open_house(scenario)


def test_it_ends_with_the_token_it_was_opened_with(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        made = await house.api("POST", "tokens", {"name": "shelf", "scopes": ["log"]})
        other = await house.api("POST", "tokens", {"name": "reader", "scopes": ["read"]})
        refused = await house.get("/api/v1/log/stream", token=other["token"])
        assert refused.status == 403
        async with streaming(house, Authorization=f"Bearer {made['token']}") as stream:
            house.worker.journal([row("a.example")])
            assert await stream.names(1) == ["a.example"]
            await house.api("DELETE", f"tokens/{made['info']['id']}")
            assert (await stream.some(1))[0][0] == "ended"

    open_house(scenario)


def test_a_token_that_expires_meanwhile(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        made = await house.api("POST", "tokens", {"name": "shelf", "scopes": ["log"], "for": "1h"})
        async with streaming(house, Authorization=f"Bearer {made['token']}") as stream, streaming(house) as roots:
            house.clock.now += 7200
            assert (await stream.some(1))[0][0] == "ended"
            house.worker.journal([row("a.example")])
            assert await roots.names(1) == ["a.example"], "the token of the command is good for ever"

    open_house(scenario)


def test_who_goes_away_is_noticed(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with streaming(house) as stream:
            stream.response.close()
            await until(lambda: house.service.logged.tail.readers == 0)

    open_house(scenario)


def test_who_takes_nothing_is_given_up(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logstream, "_PATIENCE", 0.3)

    async def scenario(house: House) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port, limit=1024)
        head = f"GET /api/v1/log/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        writer.write(head.encode())
        await reader.readline()
        await until(lambda: house.service.logged.tail.readers == 1)
        rows = [row("n" * 60 + ".example", via="v" * 60 + ".example") for _ in range(1500)]
        for _ in range(30):
            house.worker.journal(rows)
            await asyncio.sleep(0.05)
        await until(lambda: house.service.logged.tail.readers == 0, 10)
        writer.close()

    open_house(scenario)


def test_twenty_look_and_no_more(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(20):
                await stack.enter_async_context(streaming(house))
            refused = await house.get("/api/v1/log/stream")
            assert (refused.status, refused.error["code"]) == (503, "busy")

    open_house(scenario)


WRONG = {
    "?verdict=maybe": "verdict",
    "?type=NOTYPE": "type",
    "?until=1h": "until",
    "?since=x": "since",
    "?cursor=1": "cursor",
    "?name=a..b": "name",
}


def test_what_is_wrong_is_said_before_it_begins(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for query, path in WRONG.items():
            refused = await house.get(f"/api/v1/log/stream{query}")
            assert (refused.status, refused.error["path"]) == (400, path)

    open_house(scenario)
