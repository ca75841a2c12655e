"""Requests are read strictly: what is not understood is refused, with the place."""

import asyncio
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from resolver.admin import handling, routing
from resolver.admin.routing import MAX_BODY
from tests.admin.household import TOKEN, House, Opener

RULES = "/api/v1/rules"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "place", "says"),
    [
        ("status?x=1", "x", "there are none here"),
        ("rules?limit=1", "limit", "there are none here"),
        ("log?colour=red", "colour", "client, group, name, exact"),
        ("log?limit=1&limit=2", "limit", "given twice"),
        ("log?limit=0", "limit", "1"),
        ("log?limit=1001", "limit", "1000"),
        ("log?limit=ten", "limit", "int"),
        ("log?cursor=-1", "cursor", "1"),
        ("log?cursor=99999999999999999999", "cursor", "int"),
        ("log?verdict=maybe", "verdict", "maybe"),
        ("log?name=a..b", "name", "empty label"),
        ("log?since=yesterday", "since", "24h"),
        ("stats?since=-5", "since", "24h"),
        ("why", "name", "missing"),
        ("why?name=a.example&type=WHAT", "type", "TYPE123"),
        ("why?name=a.example&type=TYPE65536", "type", "TYPE123"),
        (f"why?name={'a' * 64}.example", "name", "63"),
    ],
)
def test_wrong_parameters(open_house: Opener, path: str, place: str, says: str) -> None:
    async def scenario(house: House) -> None:
        reply = await house.get(f"/api/v1/{path}")
        assert reply.status == 400, reply.text
        assert reply.error["code"] == "invalid"
        assert reply.error["path"] == place
        assert says in reply.error["message"]

    open_house(scenario)


@pytest.mark.parametrize("path", ["log?client=printer", "why?name=a.example&client=300.1.1.1", "pause?client=printer"])
def test_a_device_that_nobody_knows(open_house: Opener, path: str) -> None:
    async def scenario(house: House) -> None:
        reply = await house.call("DELETE" if path.startswith("pause") else "GET", f"/api/v1/{path}")
        assert (reply.status, reply.error["code"], reply.error["path"]) == (404, "not-found", "client")
        body = {"action": "allow", "name": "a.example", "client": "printer"}
        assert (await house.call("POST", RULES, json=body)).error["path"] == "client"
        assert len(await house.api("GET", "rules")) == 1

    open_house(scenario)


RAW = ["why?name=\xff", "log?client=%FF", "log?limit=\xff", "why?name=a&\xff=1", "clients/\xff", "x\xff"]


@pytest.mark.parametrize("path", RAW, ids=ascii)
def test_bytes_that_are_no_text(open_house: Opener, path: str) -> None:
    async def scenario(house: House) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        head = f"GET /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
        writer.write(head.encode("latin-1") + b"Lull-Who: \xff\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(3):
            answer = await reader.read()
        writer.close()
        assert answer.split()[1] in {b"400", b"404"}, answer
        assert msgspec.json.decode(answer.partition(b"\r\n\r\n")[2])["error"]["message"]

    open_house(scenario)


def test_an_empty_parameter_is_none(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert (await house.get("/api/v1/log?client=&name=&verdict=&since=&group=")).status == 200
        for number in ("cursor", "limit"):
            assert (await house.get(f"/api/v1/log?{number}=")).error["path"] == number

    open_house(scenario)


BAD: list[tuple[bytes, str, str | None]] = [
    (b"{", "malformed", None),
    (b"", "invalid", "action"),
    (b"\xff\xfe", "malformed", None),
    (b'{"action": "allow", "name": "\xff"}', "malformed", None),
    (b"null", "invalid", None),
    (b"[]", "invalid", None),
    (b'"text"', "invalid", None),
    (b"[" * 60_000, "", None),
    (b'{"action": "maybe", "name": "a.example"}', "invalid", "action"),
    (b'{"action": "allow"}', "invalid", "name"),
    (b'{"action": "allow", "name": 7}', "invalid", "name"),
    (b'{"action": "allow", "name": ""}', "invalid", "name"),
    (b'{"action": "allow", "name": "a..b"}', "invalid", "name"),
    (b'{"action": "allow", "name": "\\ud800"}', "malformed", None),
    (b'{"action": "allow", "name": "a.example", "colour": "red"}', "invalid", "colour"),
    (b'{"action": "allow", "name": "a.example", "for": true}', "invalid", "for"),
    (b'{"action": "allow", "name": "a.example", "for": 0}', "invalid", "for"),
    (b'{"action": "allow", "name": "a.example", "for": -1}', "invalid", "for"),
    (b'{"action": "allow", "name": "a.example", "for": 1e400}', "", None),
    (b'{"action": "allow", "name": "a.example", "for": ' + b"9" * 500 + b"}", "", None),
    (b'{"action": "allow", "name": "a.example", "for": "soon"}', "invalid", "for"),
    (b'{"action": "allow", "name": "a.example", "for": "400d"}', "invalid", "for"),
    (b'{"action": "allow", "name": "a.example", "group": "nobody"}', "invalid", "group"),
    (b'{"action": "allow", "name": "a.example", "group": "kids", "client": "192.0.2.1"}', "invalid", "group"),
    (b'{"action": "allow", "name": "a.example", "comment": "' + b"x" * 501 + b'"}', "invalid", "comment"),
]


def test_bad_bodies(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for data, code, place in BAD:
            reply = await house.call("POST", RULES, data=data, headers=JSON)
            assert reply.status == 400, (data[:80], reply.text)
            assert not code or reply.error["code"] == code, (data[:80], reply.text)
            assert not code or reply.error.get("path") == place, (data[:80], reply.text)
            assert reply.error["message"]
        assert len(await house.api("GET", "rules")) == 1, "no refused rule was added"

    open_house(scenario)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_is_json_by_its_type_too(open_house: Opener, kind: str) -> None:
    async def scenario(house: House) -> None:
        body = msgspec.json.encode({"action": "allow", "name": "a.example"})
        for path in ("rules", "pause", "lists/refresh"):
            reply = await house.call("POST", f"/api/v1/{path}", data=body, headers={"Content-Type": kind})
            assert reply.status == 415, path
            assert "application/json" in reply.error["message"]
        good = await house.call("POST", RULES, data=body, headers={"Content-Type": "application/json; charset=utf-8"})
        assert good.status == 201

    open_house(scenario)


def test_a_body_has_a_limit(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        rule: dict[str, Any] = {"action": "allow", "name": "a.example"}
        room = MAX_BODY - len(msgspec.json.encode(rule))
        fits = msgspec.json.encode(rule)[:-1] + b" " * room + b"}"
        assert (await house.call("POST", RULES, data=fits, headers=JSON)).status == 201
        reply = await house.call("POST", RULES, data=fits + b" ", headers=JSON)
        assert reply.status == 413
        assert reply.error == {"code": "too-large", "message": "a body is at most 64 KiB"}

        async def chunks() -> Any:
            for _ in range(100):
                yield b" " * 1024

        assert (await house.call("POST", RULES, data=chunks(), headers=JSON)).status == 413

    open_house(scenario)


def test_a_body_is_not_nested_too_deeply(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        told = {"code": "malformed", "message": "the body is nested too deeply: at most 32 levels"}
        for opening in (b"[", b'{"x":', b'[{"a": "]", "b": '):
            reply = await house.call("POST", RULES, data=opening * 33, headers=JSON)
            assert (reply.status, reply.error) == (400, told), opening
        for shallow in (b"[]" * 99, b'{"x": "' + b"[" * 99 + b'"}', b'"' + b"[" * 99, b'"\\' * 20_000 + b"[" * 99):
            reply = await house.call("POST", RULES, data=shallow, headers=JSON)
            assert reply.status == 400
            assert "nested" not in reply.error["message"], shallow[:20]

    open_house(scenario)


def test_nothing_is_said_where_nothing_is_to_be_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for method, path in (("POST", "lists/ads/accept"), ("DELETE", "rules/77"), ("GET", "status")):
            for data in (b"{}", b" ", b""):
                reply = await house.call(method, f"/api/v1/{path}", data=data, headers=JSON)
                assert reply.status in {200, 404, 409}, (path, data)
            for data in (b'{"x": 1}', b"[]", b"null", b"{"):
                reply = await house.call(method, f"/api/v1/{path}", data=data, headers=JSON)
                assert (reply.status, reply.error["code"]) == (400, "invalid"), (path, data)
            form = {"Content-Type": "text/plain"}
            assert (await house.call(method, f"/api/v1/{path}", data=b"", headers=form)).status == 415
            reply = await house.call(method, f"/api/v1/{path}?x=1", headers=JSON)
            assert (reply.status, reply.error["path"]) == (400, "x")

    open_house(scenario)


def test_a_handler_takes_what_its_route_says(caplog: pytest.LogCaptureFixture) -> None:
    class Other(msgspec.Struct):
        """Nobody says that this is taken."""

    async def wrong(request: web.Request) -> web.Response:
        """A handler that its route does not know."""
        return handling.answer(handling.query(request, Other))

    async def scenario() -> None:
        app = web.Application()
        routing.add(app, [routing.Route("GET", "/x", wrong, "open")])
        async with TestClient(TestServer(app)) as client, client.get("/x") as reply:
            assert reply.status == 500

    asyncio.run(scenario())
    assert "the route of /x does not say that its query is Other" in caplog.text


def test_a_packed_bomb_is_too_large(open_house: Opener) -> None:
    import gzip

    async def scenario(house: House) -> None:
        bomb = gzip.compress(b" " * (8 << 20))
        assert len(bomb) < MAX_BODY
        reply = await house.call("POST", RULES, data=bomb, headers={**JSON, "Content-Encoding": "gzip"})
        assert reply.status == 413

    open_house(scenario)


def test_a_body_that_does_not_come_is_given_up(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "_BODY_TIME", 0.1)

    async def scenario(house: House) -> None:
        port = house.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            f"POST {RULES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 99\r\n\r\n"
        )
        writer.write(head.encode() + b"{")
        async with asyncio.timeout(3):
            assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        writer.close()

    open_house(scenario)
