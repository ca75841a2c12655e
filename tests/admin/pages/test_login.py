import asyncio
import time

import pyotp
import pytest

from resolver.admin import tries
from resolver.admin.pages.cookies import SESSION as COOKIE
from resolver.admin.signing import WRONG
from resolver.store.sessions import LIFE
from tests.admin.browsing import Reply, but_ours
from tests.admin.household import ADMIN, PASSWORD, TOKEN, House, Opener
from tests.admin.parts import NOON


async def sign_in(house: House, name: str = ADMIN, password: str = PASSWORD, code: str = "", **headers: str) -> Reply:
    data = {"name": name, "password": password, "code": code}
    return await house.call("POST", "/login", token=None, data=data, headers=headers)


def test_the_form(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.entrance.accounts.picture()  # who there is has been read
        reply = await house.get("/login", token=None)
        assert reply.status == 200
        assert '<form class="login" method="post" action="/login">' in reply.text
        assert 'type="password"' in reply.text
        assert '<meta name="referrer" content="same-origin">' in reply.text, "or browsers send Origin: null"
        assert "Nobody can sign in yet" in reply.text
        assert '<a href="/me">What was blocked on this device</a>' in reply.text
        await house.add(ADMIN, "admin")
        assert "Nobody can sign in yet" not in (await house.get("/login", token=None)).text

    open_house(scenario)


def test_name_and_password_make_a_session_that_is_kept_close(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        reply = await sign_in(house, " ANNA ", Origin=house.url)
        assert (reply.status, reply.location) == (303, "/")
        (cookie,) = reply.cookies
        assert cookie.startswith(f"{COOKIE}=")
        for part in ("HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={LIFE:.0f}"):
            assert part in cookie
        assert "Secure" not in cookie
        assert len(reply.cookie()) >= 43

    open_house(scenario)


def test_over_https_the_cookie_stays_there_and_belongs_to_this_host(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        reply = await sign_in(house, Origin=house.url.replace("http:", "https:"))
        (cookie,) = reply.cookies
        assert cookie.startswith(f"__Host-{COOKIE}=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        held = {"Cookie": f"{COOKIE}=planted; __Host-{COOKIE}={reply.cookie(f'__Host-{COOKIE}')}"}
        page = await house.get("/account", token=None, headers=held)
        assert page.status == 200, "the one that no other host can have set counts"

    open_house(scenario)


def test_the_token_of_the_command_is_no_password(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for name in ("", "root", "lull", "admin"):
            assert (await sign_in(house, name, TOKEN)).status == 403
        reply = await house.call("POST", "/login", token=None, data={"token": TOKEN})
        assert (reply.status, list(reply.cookies)) == (403, [])

    open_house(scenario)


def test_whatever_is_wrong_the_answer_is_the_same(open_house: Opener, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        wrong_password = await sign_in(house, ADMIN, "<script>wrong")
        unknown = await sign_in(house, "<script>nobody")
        for reply in (wrong_password, unknown):
            assert reply.status == 403
            assert WRONG in reply.text
            assert "<script" not in but_ours(reply.text)
            assert not reply.cookies
        name = 'name="name" value="'
        assert wrong_password.text.replace(f'{name}{ADMIN}"', "") == unknown.text.replace(
            f'{name}&lt;script&gt;nobody"', ""
        )
        assert f"tried to sign in as {ADMIN} with a wrong password" in caplog.text
        assert "under a name that there is not" in caplog.text
        assert "script" not in caplog.text, "people type passwords into the field of the name"

    open_house(scenario)


def test_an_unknown_name_takes_as_long_as_a_wrong_password(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        took: dict[str, list[float]] = {ADMIN: [], "nobody": []}
        for round in range(12):
            for name, times in took.items():
                began = time.perf_counter()
                assert (await sign_in(house, name, f"wrong-{round}")).status == 403
                times.append(time.perf_counter() - began)
                house.clock.now += tries.WINDOW
        known, unknown = min(took[ADMIN]), min(took["nobody"][1:])  # the first makes the hash of nobody
        assert 0.5 < known / unknown < 2.0

    open_house(scenario)


def test_guessing_is_stopped_even_all_at_once(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        replies = await asyncio.gather(*(sign_in(house, ADMIN, f"guess-{number}") for number in range(30)))
        assert sorted(reply.status for reply in replies) == [403] * tries.FREE + [429] * (30 - tries.FREE)
        late = await sign_in(house)
        assert late.status == 429
        assert int(late.headers["Retry-After"]) == 1
        assert "too many wrong tries: try again in 1 second" in late.text
        house.clock.now += 1
        assert (await sign_in(house, ADMIN, "one more guess")).status == 403
        assert (await sign_in(house)).headers["Retry-After"] == "2", "the wait grows"
        house.clock.now += 2
        assert (await sign_in(house)).status == 303

    open_house(scenario)


def test_a_right_password_does_not_hide_guesses_at_another(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        await house.add("kim")
        for round in range(tries.FREE):
            assert (await sign_in(house, ADMIN, f"guess-{round}")).status == 403
            if round < tries.FREE - 1:
                assert (await sign_in(house, "kim")).status == 303
        assert (await sign_in(house, ADMIN, "guess")).status == 429
        assert (await sign_in(house, "kim")).status == 429, "the address waits, whoever it is"

    open_house(scenario)


def test_strangers_who_guess_do_not_keep_the_owner_out(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.sign_in()
        for number in range(50):
            house.service.entrance.tries.wrong("account", ADMIN, f"{number}")
        assert (await sign_in(house)).status == 303, "there is a session of theirs from that address"

    open_house(scenario)


def test_codes(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        made = await browser.post("/account/codes/begin", {"password": PASSWORD})
        secret = made.text.partition("<code>")[2].partition("</code>")[0].replace(" ", "")
        app = pyotp.TOTP(secret)
        assert f"otpauth://totp/Lull:{ADMIN}?secret={secret}" in made.text.replace("&amp;", "&")
        assert (await sign_in(house)).status == 303, "not before a code came back"
        await browser.post("/account/codes/on", {"code": app.at(NOON)})
        assert "Signing in takes a code from now on" in await browser.page("/account")
        assert secret not in await browser.page("/account")
        assert (await sign_in(house, code=app.at(NOON))).status == 403, "that one was used to turn them on"
        house.clock.now += 60
        code = app.at(house.clock.now)
        assert (await sign_in(house)).status == 403
        assert (await sign_in(house, password="wrong", code=code)).status == 403
        assert (await sign_in(house, code=code)).status == 303
        assert (await sign_in(house, code=code)).status == 403, "no code is good twice"
        house.clock.now += 3600
        assert (await sign_in(house, code=code)).status == 403
        assert (
            await sign_in(house, code=f" {app.at(house.clock.now - 30)[:3]} {app.at(house.clock.now - 30)[3:]}")
        ).status == 303

    open_house(scenario)


def test_a_used_code_stays_used_after_a_restart(open_house: Opener) -> None:
    made: list[str] = []

    async def before(house: House) -> None:
        browser = await house.sign_in()
        begun = await browser.post("/account/codes/begin", {"password": PASSWORD})
        made.append(begun.text.partition("<code>")[2].partition("</code>")[0].replace(" ", ""))
        await browser.post("/account/codes/on", {"code": pyotp.TOTP(made[0]).at(NOON)})
        house.clock.now += 60
        assert (await sign_in(house, code=pyotp.TOTP(made[0]).at(NOON + 60))).status == 303
        house.parts.accounts.flush()

    async def after(house: House) -> None:
        house.clock.now = NOON + 60
        assert (await sign_in(house, code=pyotp.TOTP(made[0]).at(NOON + 60))).status == 403
        assert (await sign_in(house, code=pyotp.TOTP(made[0]).at(NOON + 90))).status == 303

    open_house(before)
    open_house(after)


def test_signing_out(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        held = browser.cookies
        reply = await browser.post("/logout")
        assert (reply.status, reply.location) == (303, "/login")
        assert "Max-Age=0" in reply.headers["Set-Cookie"]
        again = await house.get("/account", token=None, headers={"Cookie": held})
        assert (again.status, again.location) == (303, "/login?next=/account"), (
            "the session is over, not only forgotten"
        )

    open_house(scenario)


def test_after_signing_in_one_is_where_one_wanted_to_be(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        assert (await house.get("/account", token=None)).location == "/login?next=/account"
        assert 'name="next" value="/account"' in (await house.get("/login?next=/account", token=None)).text
        data = {"name": ADMIN, "password": PASSWORD, "next": "/account"}
        assert (await house.call("POST", "/login", token=None, data=data)).location == "/account"

    open_house(scenario)
