"""Attacks by what is in a request: names, paths, URLs, sizes."""

from __future__ import annotations

import re

from resolver.admin.pages.cookies import SESSION
from resolver.admin.routing import API
from tests.admin.attacking import raw, write
from tests.admin.browsing import but_ours
from tests.admin.household import ADMIN, PASSWORD, TOKEN, House, Opener
from tests.admin.parts import NOON, row

XSS = "<img/src=x\\032onerror=alert\\(1\\)>.ads.example"


def test_xss_by_a_queried_name(open_house: Opener) -> None:
    """Anybody on the network can ask for any name: it stands on the pages of admin and member, and in refusals."""

    async def scenario(house: House) -> None:
        await house.add("kim")
        await house.journal([row(XSS, via=XSS, client="192.0.2.10", shadow=f"ads: {XSS}")], NOON - 60)
        admin, kim = await house.sign_in(), await house.sign_in("kim")
        await admin.post("/allow", {"name": "<img/src=x onerror=alert(1)>"})
        await kim.post("/me/ask", {"name": XSS})
        pages = {
            "home": await admin.page(),
            "account": await admin.page("/account"),
            "device": await kim.page("/me"),
            "again": await admin.page(),
        }
        for fields in ({"name": XSS, "password": "x" * 12, "device": XSS}, {"name": "<b>", "password": "x"}):
            await admin.post("/account/users/add", fields)
            pages[f"refused {fields['name']}"] = await admin.page("/account")
        for path in (f"/login?next={XSS}", f"/{XSS}", f"/static/{XSS}"):
            reply = await house.call("GET", path, headers={"Accept": "text/html"})
            pages[path] = reply.text
        wrong = {"name": XSS, "password": XSS, "next": XSS, "code": XSS}
        pages["login"] = (await house.call("POST", "/login", token=None, data=wrong)).text
        for name, text in pages.items():
            assert "<img" not in text, name
            assert "<b>" not in text, name
            assert "<script" not in but_ours(text), name
        assert "&lt;img/src=x" in pages["home"], "or the test shows nothing"
        assert "&lt;img/src=x" in pages["device"]
        assert "&lt;img/src=x" in pages["login"]

    open_house(scenario)


def test_the_pages_can_run_no_script_but_our_own(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for path in ("/", "/account", "/login"):
            reply = await house.get(path, token=None, headers={"Cookie": browser.cookies})
            policy = reply.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; ")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert "form-action 'self'" in policy
            assert not re.search(r"<script|\son\w+=|\sstyle=|javascript:", but_ours(reply.text)), path
            assert not re.search(r"nonce|sha\d+-|\*|data:|blob:|http", policy), "ours, from here, and nothing else"
        assert (await house.get(f"{API}/status")).headers["X-Content-Type-Options"] == "nosniff"

    open_house(scenario)


def test_no_header_can_be_begun_in_a_value(open_house: Opener) -> None:
    """A line break in whatever is said again: where a sign-in leads, a notice, an id, a method."""

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        split = "x\r\nSet-Cookie: evil=1\r\n\r\n<p>evil"
        data = {"name": ADMIN, "password": PASSWORD, "next": f"/account{split}"}
        replies = [await house.call("POST", "/login", token=None, data=data)]
        assert replies[0].location == "/"
        replies.append(await browser.post("/allow", {"name": split}))
        replies.append(await browser.post("/account/sessions/end", {"id": split}))
        replies.append(await browser.post("/account/users/delete", {"name": split}))
        split = "x%0d%0aSet-Cookie:%20evil=1"
        replies += [await house.get(path) for path in (f"/login?next=/{split}", f"/{split}", f"{API}/lists/{split}")]
        for reply in replies:
            assert "evil" not in "".join(
                f"{name}{value}" for name, value in reply.headers.items() if name != "Set-Cookie"
            )
            assert all(cookie.startswith(("lull_", "__Host-lull_")) for cookie in reply.cookies)
        answer = await raw(house, write("/login", f"127.0.0.1:{house.port}", "Origin: http://x\r\n evil: 1"))
        assert b"evil" not in answer

    open_house(scenario)


UPWARDS = (
    "/static/../app.py",
    "/static/..%2fapp.py",
    "/static/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/static/%2e%2e/%2e%2e/auth.py",
    "/static/%2fetc%2fpasswd",
    "/static/..\\..\\app.py",
    "/static/style.css%00.svg",
    "/static//etc/passwd",
    f"{API}/lists/..%2f..%2ftoken",
    f"{API}/lists/..%2f..%2ftoken/refresh",
    f"{API}/jobs/..%2f..%2ftoken",
    f"{API}/users/..%2f..%2ftoken",
    f"{API}/sessions/..%2f..%2ftoken",
    f"{API}/clients/..%2f..%2ftoken",
    f"{API}/sites/..%2f..%2ftoken",
    f"{API}/../../token",
)


def test_traversal(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for path in UPWARDS:
            lines = (
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
            )
            reply = await raw(house, lines.encode())
            assert re.match(rb"HTTP/1.[01] 4\d\d ", reply), reply[:80]
            assert TOKEN.encode() not in reply
            assert b"import" not in reply
            assert b"root:" not in reply

    open_house(scenario)


INWARDS = (
    ("http://127.0.0.1:{port}/healthz", "loopback"),
    ("http://localhost:{port}/healthz", "loopback"),
    ("http://[::1]:{port}/healthz", "loopback"),
    ("http://[::ffff:127.0.0.1]:{port}/", "loopback"),
    ("http://2130706433:{port}/", "loopback"),
    ("http://0.0.0.0:{port}/healthz", "no machine"),
    ("http://169.254.169.254/latest/meta-data/", "metadata"),
    ("http://[fe80::1]/list.txt", "link-local"),
    ("file:///etc/passwd", "http"),
    ("gopher://127.0.0.1:{port}/", "http"),
)


def test_ssrf_by_the_url_of_a_list(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for url, why in INWARDS:
            reply = await house.call("POST", f"{API}/lists/try", json={"url": url.format(port=house.port)})
            if reply.status == 202:
                job = await house.ended(reply.json["id"])
                assert job.error is not None
                assert why in job.error.message
            else:
                assert reply.status == 400
                assert why in reply.error["message"]

    open_house(scenario)


def test_json_of_huge_depth(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        headers = {"Content-Type": "application/json"}
        for body in (b"[" * 60_000, b'{"a":' * 10_000, b'{"name": ' + b"[" * 40_000 + b"]" * 20_000):
            for path in ("rules", "users", "tokens", "me/requests"):
                reply = await house.call("POST", f"{API}/{path}", data=body, headers=headers)
                assert reply.status == 400, path
        assert (await house.get("/healthz", token=None)).status == 200

    open_house(scenario)


def test_bodies_and_headers_that_are_too_large(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        headers = {"Content-Type": "application/json"}
        reply = await house.call("POST", f"{API}/users", data=b"x" * 100_000, headers=headers)
        assert reply.status == 413
        assert (await house.call("POST", "/login", token=None, data={"name": "x" * 100_000})).status == 413
        for line in (
            f"X: {'x' * 20_000}",
            f"Cookie: {SESSION}={'x' * 20_000}",
            f"Authorization: Bearer {'x' * 20_000}",
        ):
            reply_bytes = await raw(house, write("/login", "127.0.0.1", line))
            assert re.match(rb"HTTP/1.[01] 4\d\d ", reply_bytes), reply_bytes[:60]
        long = await raw(
            house, f"GET /{'x' * 20_000} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        )
        assert re.match(rb"HTTP/1.[01] 4\d\d ", long)
        assert (await house.get("/healthz", token=None)).status == 200

    open_house(scenario)
