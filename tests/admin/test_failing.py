"""The one form of every refusal and failure."""

import asyncio
import re

import pytest

from resolver.admin.service import Service
from resolver.errors import StoreError
from tests.admin.browsing import but_ours
from tests.admin.household import House, Opener


def test_an_unknown_address(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for path in (
            "/api/v1/nowhere",
            "/api/v1/rules/abc",
            "/api/v1/rules/-1",
            f"/api/v1/rules/{'9' * 30}",
            "/nowhere",
        ):
            reply = await house.get(path)
            assert reply.status == 404, path
            assert reply.headers["Content-Type"].startswith("application/json")
            assert reply.json == {"error": {"code": "not-found", "message": "there is nothing at this address"}}

    open_house(scenario)


def test_a_wrong_method_names_the_right_ones(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        reply = await house.call("PUT", "/api/v1/rules")
        assert reply.status == 405
        assert reply.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
        assert reply.error["code"] == "method-not-allowed"
        assert "GET, HEAD, OPTIONS, POST" in reply.error["message"]
        told = await house.call("OPTIONS", "/api/v1/rules")
        assert (told.status, told.headers["Allow"], told.text) == (204, "GET, HEAD, OPTIONS, POST", "")
        assert (await house.call("TRACE", "/api/v1/status")).status == 405
        assert (await house.call("DELETE", "/metrics")).status == 405

    open_house(scenario)


def test_a_browser_gets_a_page(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        html = {"Accept": "text/html,*/*"}
        browser = await house.sign_in()
        reply = await house.get("/<script>", token=None, headers={**html, "Cookie": browser.cookies})
        assert reply.status == 404
        assert reply.headers["Content-Type"].startswith("text/html")
        assert "<h1>Not found</h1>" in reply.text
        assert "<script" not in but_ours(reply.text)
        assert (await house.get("/api/v1/nowhere", headers=html)).error["code"] == "not-found"
        refused = await house.call("PUT", "/nowhere", token=None, headers=html)
        assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="lull"')

    open_house(scenario)


def test_a_page_that_refuses_has_the_menu_and_a_way_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        html = {"Accept": "text/html", "Cookie": browser.cookies}

        async def sent(data: dict[str, str], came: str = "") -> tuple[int, str]:
            referer = {"Referer": came} if came else {}
            reply = await house.call("POST", "/allow", token=None, data=data, headers={**html, **referer})
            (link,) = re.findall(r'<a href="([^"]*)">Back', reply.text)
            assert 'href="/log"' in reply.text, "the menu"
            return reply.status, link

        assert await sent({"form": "0" * 64}) == (403, "/")
        assert await sent({"form": "0" * 64, "back": "/log?name=x"}) == (403, "/log?name=x")
        assert await sent({"form": "0" * 64, "back": "//evil.example"}) == (403, "/")
        large = {"form": "x" * 70_000}
        assert await sent(large, f"{house.url}/rules?name=a&b=%3Cb%3E") == (413, "/rules?name=a&amp;b=%3Cb%3E")
        for other in (
            "http://evil.example/rules",
            "javascript:alert(1)",
            f"{house.url}//evil.example",
            "x" * 5000,
            "http://[x",
        ):
            assert await sent(large, other) == (413, "/")
        await browser.post("/allow", {"name": "t.ads.example"})
        reply = await house.get("/nowhere", token=None, headers={"Accept": "text/html", "Cookie": browser.cookies})
        assert not reply.cookies
        assert "is now allowed" not in reply.text
        assert "is now allowed" in await browser.page(), "a notice is for the page that was to come"

    open_house(scenario)


def test_a_stranger_gets_no_more_of_a_menu_than_there_is_for_all(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        reply = await house.call(
            "POST", "/login", token=None, data={"x": "x" * 70_000}, headers={"Accept": "text/html"}
        )
        assert reply.status == 413
        assert "<h1>Too much at once</h1>" in reply.text
        assert 'href="/login"' in reply.text
        assert 'href="/log"' not in reply.text

    open_house(scenario)


def test_what_nobody_foresaw_is_logged_and_not_shown(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Service) -> None:
        raise RuntimeError("secret detail")

    async def scenario(house: House) -> None:
        monkeypatch.setattr(Service, "status", broken)
        reply = await house.get("/api/v1/status")
        assert reply.status == 500
        assert reply.error["code"] == "internal"
        assert "secret" not in reply.text
        assert "secret detail" in caplog.text
        assert reply.headers["Content-Security-Policy"]

    open_house(scenario)


def test_what_is_not_http_harms_nothing(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        many = b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5000 + b"\r\n"
        for junk in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", many, b"\0" * 99):
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
            writer.write(junk)
            writer.write_eof()
            assert not (await reader.read()).startswith(b"HTTP/1.1 200")
            writer.close()
        assert (await house.get("/healthz")).status == 200

    open_house(scenario)


def test_a_database_that_cannot_be_used_is_said_wherever_it_is_met(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hung(_: Service) -> None:
        raise StoreError("the disk does not answer")

    async def scenario(house: House) -> None:
        monkeypatch.setattr(Service, "status", hung)
        reply = await house.get("/api/v1/status")
        assert (reply.status, reply.error["code"]) == (503, "store")
        assert reply.error["message"] == "the database cannot be used now: the disk does not answer"

    open_house(scenario)
