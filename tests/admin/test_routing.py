"""Routes: what stands beside each, and which is found."""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec
import pytest
from aiohttp import web

from resolver.admin import routing
from resolver.admin.app import ROUTES
from resolver.admin.routing import Nothing, Route, route_of
from tests.admin.parts import free_port


async def told(request: web.Request) -> web.Response:
    """Which route it is."""
    route = route_of(request)
    assert route is not None
    return web.json_response([route.method, route.path, route.needs])


SMALL = (
    Route("GET", "/things/{id}", told, "log"),
    Route("DELETE", "/things/{id}", told, "admin"),
    Route("POST", "/things/try", told, "write"),
    Route("GET", "/things/{id}/{part}", told, "read"),
    Route("GET", "/things/all/x", told, "self"),
    Route("GET", "/stream", told, "read", streamed=True),
    Route("POST", "/stream", told, "open"),
)


def ask(*asked: tuple[str, str]) -> list[tuple[int, str, str]]:
    """Status, Allow and body of each answer, and what the route needs as the last word."""
    found: list[tuple[int, str, str]] = []

    @web.middleware
    async def needs(request: web.Request, handler: object) -> web.StreamResponse:
        assert callable(handler)
        response = await handler(request)
        assert isinstance(response, web.StreamResponse)
        route = route_of(request)
        response.headers["Needs"] = route.needs if route else "nothing"
        return response

    async def run() -> None:
        app = web.Application(middlewares=[needs])
        routing.add(app, SMALL)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with aiohttp.ClientSession() as http:
            for method, path in asked:
                async with http.request(method, f"http://127.0.0.1:{port}{path}") as reply:
                    text = await reply.text() or reply.headers.get("Needs", "")
                    found.append((reply.status, reply.headers.get("Allow", ""), text))
        await runner.cleanup()

    asyncio.run(run())
    return found


def test_which_is_found() -> None:
    assert ask(("GET", "/things/7"), ("POST", "/things/try"), ("GET", "/things/all/x"), ("GET", "/things/try")) == [
        (200, "", '["GET", "/things/{id}", "log"]'),
        (200, "", '["POST", "/things/try", "write"]'),
        (200, "", '["GET", "/things/all/x", "self"]'),
        (200, "", '["GET", "/things/{id}", "log"]'),
    ]


def test_a_head_for_what_is_read_and_options_for_all() -> None:
    assert ask(("HEAD", "/things/7"), ("OPTIONS", "/things/7"), ("OPTIONS", "/stream")) == [
        (200, "", "log"),
        (204, "DELETE, GET, HEAD, OPTIONS", "log"),
        (204, "GET, OPTIONS, POST", "open"),
    ]


def test_what_there_is_not() -> None:
    assert [(status, allow) for status, allow, _ in ask(("HEAD", "/stream"), ("PUT", "/things/7"), ("GET", "/x"))] == [
        (405, "GET,OPTIONS,POST"),
        (405, "DELETE,GET,HEAD,OPTIONS"),
        (404, ""),
    ]


def test_one_method_of_an_address_is_said_once() -> None:
    with pytest.raises(RuntimeError, match="already registered"):
        routing.add(web.Application(), [*SMALL, SMALL[0]])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_what_is_said_of_the_admins_routes(route: Route) -> None:
    assert (route.handler.__doc__ or "").strip()
    if route.page or not route.path.startswith(routing.API):
        assert route.body is None
        return
    assert not (route.method == "GET" and route.body), "a GET has no body"
    if route.method == "GET":
        assert route.needs != "write", "to read changes nothing"
    if route.body is not None:
        assert route.body.__struct_config__.forbid_unknown_fields, "unknown fields are refused"
    if route.content == "application/json" and route.also != (204,):
        assert route.returns is not None, "what is answered is said"
    assert route.query is Nothing or msgspec.structs.fields(route.query)
