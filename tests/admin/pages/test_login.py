import asyncio

import pytest

from resolver.admin import tries
from resolver.admin.auth import COOKIE, SESSION
from resolver.admin.pages import login
from tests.admin.household import TOKEN, House, Opener, Reply


async def sign_in(house: House, token: str, **headers: str) -> Reply:
    return await house.call("POST", "/login", token=None, data={"token": token}, headers=headers)


def test_the_form(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        reply = await house.get("/login", token=None)
        assert reply.status == 200
        assert '<form class="login" method="post" action="/login">' in reply.text
        assert 'type="password"' in reply.text
        assert '<meta name="referrer" content="same-origin">' in reply.text, "or browsers send Origin: null"

    open_house(scenario)


def test_the_token_makes_a_session_that_is_kept_close(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        reply = await sign_in(house, f" {TOKEN}\r\n", Origin=house.url)
        assert (reply.status, reply.location) == (303, "/")
        cookie = reply.headers["Set-Cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert TOKEN not in cookie
        for part in ("HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={SESSION}"):
            assert part in cookie
        assert "Secure" not in cookie
        secure = await sign_in(house, TOKEN, Origin=house.url.replace("http:", "https:"))
        assert "Secure" in secure.headers["Set-Cookie"]

    open_house(scenario)


def test_a_wrong_token_waits_and_is_logged(open_house: Opener, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(house: House) -> None:
        began = asyncio.get_running_loop().time()
        reply = await sign_in(house, "<script>wrong")
        assert asyncio.get_running_loop().time() - began >= login.DELAY
        assert reply.status == 403
        assert "That is not the token." in reply.text
        assert "<script" not in reply.text
        assert "Set-Cookie" not in reply.headers
        assert "127.0.0.1 tried to sign in" in caplog.text
        assert "wrong token" in caplog.text
        assert "<script>" not in caplog.text

    open_house(scenario)


def test_guessing_is_stopped_even_all_at_once(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        replies = await asyncio.gather(*(sign_in(house, f"guess-{number}") for number in range(40)))
        statuses = sorted(reply.status for reply in replies)
        assert statuses == [403] * tries.MOST + [429] * (40 - tries.MOST)
        late = await sign_in(house, TOKEN)
        assert late.status == 429
        assert 0 < int(late.headers["Retry-After"]) <= tries.WINDOW
        assert "Too many wrong tries" in late.text
        house.clock.now += tries.WINDOW
        assert (await sign_in(house, TOKEN)).status == 303

    open_house(scenario)


def test_the_right_token_gives_all_tries_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for _ in range(2):
            replies = await asyncio.gather(*(sign_in(house, f"slip-{number}") for number in range(tries.MOST - 1)))
            assert {reply.status for reply in replies} == {403}
            assert (await sign_in(house, TOKEN)).status == 303

    open_house(scenario)


def test_signing_out(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post("/logout")
        assert (reply.status, reply.location) == (303, "/login")
        assert reply.cookie() == ""
        assert "Max-Age=0" in reply.headers["Set-Cookie"]

    open_house(scenario)
