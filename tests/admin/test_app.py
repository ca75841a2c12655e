"""The admin as a whole: who may come in at all, what every answer carries, and the server's own life."""

import asyncio
import contextlib
import logging
import re

import aiohttp
import pytest

from resolver.admin import app, protocol, routing
from resolver.admin.app import HEADERS, AdminServer, make_app
from resolver.config.values import Endpoint
from tests.admin.household import TOKEN, House, Opener
from tests.admin.parts import free_port, until, until_listening

OPEN = {"/healthz", "/login", "/static/{file}", "/welcome", "/me", "/me/here", "/repair/from"}
OPEN |= {"/setup", "/setup/{system}", "/setup/lull.mobileconfig"}
FILLED = {"id": "1", "file": "style.css", "client": "192.0.2.1", "name": "x", "site": "x.example"}


def addresses(house: House) -> list[tuple[str, str, str]]:
    """Method, route and path of everything that the application answers, but for what has no end."""
    made = make_app(house.service, TOKEN)
    found = []
    for route in made.router.routes():
        assert route.resource is not None
        if made[routing.ROUTES][route].streamed:
            continue  # has no end
        place = route.resource.canonical
        found.append((route.method, place, re.sub(r"\{(\w+)[^}]*\}", lambda match: FILLED.get(match[1], "x"), place)))
    return found


def test_every_route_but_the_open_ones_needs_the_token(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen = set()
        for method, place, path in addresses(house):
            seen.add(place)
            for wrong in (None, "wrong", TOKEN[:-1], ""):
                reply = await house.call(method, path, token=wrong)
                if place in OPEN:
                    assert reply.status not in {401, 303}, (method, path)
                elif place.startswith("/api/") or place == "/metrics":
                    assert reply.status == 401, (method, path)
                    if method != "HEAD":
                        assert reply.error["code"] == "unauthorized"
                    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
                else:
                    assert reply.status == 303, (method, path)
                    assert reply.location in {"/login", f"/login?next={path}"}, (method, path)
        assert seen >= OPEN | {"/", "/metrics", "/allow", "/api/v1/status", "/api/v1/rules/{id}"}

    open_house(scenario)


def test_every_answer_has_the_strict_headers(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for method, _, path in addresses(house):
            for token in (None, TOKEN):
                reply = await house.call(method, path, token=token)
                for name, value in HEADERS.items():
                    assert reply.headers[name] == value, (method, path)
        lost = await house.get("/nowhere")
        assert lost.status == 404
        assert lost.headers["Content-Security-Policy"].startswith("default-src 'none'")

    open_house(scenario)


def test_nothing_is_learned_of_unknown_addresses_without_the_token(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert (await house.get("/api/v1/nowhere", token=None)).status == 401
        assert (await house.get("/api", token=None)).status == 401
        assert (await house.get("/nowhere", token=None)).status == 303
        assert (await house.call("PUT", "/nowhere", token=None)).status == 401
        for sneaky in (
            "/static/../api/v1/status",
            "/static/..%2fapi%2fv1%2fstatus",
            "/api%2Fv1%2Fstatus",
            "//api/v1",
        ):
            reply = await raw(house, sneaky)
            assert not reply.startswith(b"HTTP/1.1 200"), sneaky
            assert b"sentence" not in reply, sneaky

    open_house(scenario)


async def raw(house: House, path: str) -> bytes:
    """What comes back for a path that no client would send as it is."""
    port = house.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


def test_connections_are_limited_and_room_comes_back(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MAX_CONNECTIONS", 5)

    async def scenario(house: House) -> None:
        port = house.port
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        with pytest.raises(aiohttp.ClientError):
            await house.get("/healthz")
        for _, writer in held:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        await asyncio.sleep(0.1)
        assert (await house.get("/healthz")).status == 200

    open_house(scenario)


def test_one_client_leaves_room_for_others(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_EACH", 5)

    async def scenario(house: House) -> None:
        here, there = ("127.0.0.1", 0), ("127.0.0.2", 0)
        ask = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nConnection: close\r\n\r\n".encode()

        async def answer(local: tuple[str, int]) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port, local_addr=local)
            try:
                writer.write(ask)
                return await reader.read(12)
            except ConnectionError:
                return b""
            finally:
                writer.close()

        held = [await asyncio.open_connection("127.0.0.1", house.port, local_addr=there) for _ in range(7)]
        await asyncio.sleep(0.1)
        assert await answer(there) == b""
        assert await answer(here) == b"HTTP/1.1 200"
        for _, writer in held:
            writer.close()
        await asyncio.sleep(0.1)
        assert await answer(there) == b"HTTP/1.1 200"

    open_house(scenario)


def test_a_port_that_is_taken_is_waited_for(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(app, "_RETRY", 0.02)
    caplog.set_level(logging.INFO)

    async def scenario(house: House) -> None:
        port = free_port()
        taker = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", port)
        server = asyncio.create_task(AdminServer(house.service, TOKEN, Endpoint("127.0.0.1", port)).keep_running())
        await asyncio.sleep(0.2)
        assert not server.done()
        said = [line for line in caplog.messages if "cannot listen" in line]
        assert len(said) == 1
        assert f"127.0.0.1:{port}" in said[0]
        taker.close()
        await until(lambda: f"the admin is at http://127.0.0.1:{port}/" in caplog.messages)
        async with house.http.get(f"http://127.0.0.1:{port}/healthz") as reply:
            assert reply.status == 200
        server.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await server
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)

    open_house(scenario)


def test_an_address_that_is_not_there_is_waited_for(open_house: Opener, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(house: House) -> None:
        server = asyncio.create_task(AdminServer(house.service, TOKEN, Endpoint("192.0.2.200", 8080)).keep_running())
        await until(lambda: "cannot listen on 192.0.2.200:8080" in caplog.text)
        assert not server.done()
        server.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await server

    open_house(scenario)


def test_stopping_does_not_wait_for_idle_connections(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        port = free_port()
        server = asyncio.create_task(AdminServer(house.service, TOKEN, Endpoint("127.0.0.1", port)).keep_running())
        await until_listening(port)
        async with house.http.get(f"http://127.0.0.1:{port}/healthz") as reply:  # kept alive from here on
            assert reply.status == 200
        server.cancel()
        async with asyncio.timeout(2):
            with contextlib.suppress(asyncio.CancelledError):
                await server

    open_house(scenario)


def test_routes_are_unique(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = [(method, place) for method, place, _ in addresses(house)]
        assert len(found) == len(set(found))

    open_house(scenario)
    assert all(route.handler.__doc__ for route in app.ROUTES)
