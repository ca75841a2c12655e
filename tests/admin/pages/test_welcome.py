"""The first visit: the link, the form, and that neither is good for anybody twice."""

from __future__ import annotations

import asyncio
import logging
import stat
from urllib.parse import urlsplit

import pytest

from resolver.admin import tries
from resolver.admin.accountbodies import NewUser
from resolver.errors import ApiError
from resolver.paths import welcome_file
from tests.admin.browsing import Browser, Reply
from tests.admin.household import ADMIN, PASSWORD, TOKEN, House, Opener

CHOICE = {"name": "Anna", "password": PASSWORD, "again": PASSWORD}


async def link(house: House) -> str:
    """The path and key of the link; "" if there is none."""
    found = urlsplit((await house.api("GET", "welcome"))["link"])
    return f"{found.path}?{found.query}" if found.query else ""


async def visit(house: House) -> str:
    """The cookie of somebody who came by the link."""
    return (await house.get(await link(house), token=None)).cookie("lull_visit")


async def choose(house: House, visit: str, choice: dict[str, str] = CHOICE, **headers: str) -> Reply:
    headers["Cookie"] = f"lull_visit={visit}"
    return await house.call("POST", "/welcome", token=None, data=choice, headers=headers)


def test_the_link_leads_to_a_form_and_the_key_goes_nowhere(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        path = await link(house)
        assert path.startswith("/welcome?key=")
        assert len(path.partition("=")[2]) >= 43, "256 bits"
        reply = await house.get(path, token=None)
        assert (reply.status, reply.location, reply.text) == (303, "/welcome", "")
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cache-Control"] == "no-store"
        (cookie,) = reply.cookies
        for part in ("lull_visit=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"):
            assert part in cookie
        assert path.partition("=")[2] not in cookie
        form = await house.get("/welcome", token=None, headers={"Cookie": f"lull_visit={reply.cookie('lull_visit')}"})
        assert form.status == 200
        assert 'action="/welcome"' in form.text
        assert "key" not in form.text

    open_house(scenario)


def test_the_first_admin_is_signed_in_and_the_link_is_over(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        path, came = await link(house), await visit(house)
        file = welcome_file(house.parts.state)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert path.partition("=")[2] not in file.read_text()
        reply = await choose(house, came)
        assert (reply.status, reply.location) == (303, "/welcome/lists")
        browser = Browser(house, reply.cookie())
        assert "Step 2 of 3" in await browser.page("/welcome/lists")
        (user,) = await house.api("GET", "users")
        assert (user["name"], user["role"]) == ("anna", "admin")
        assert not file.exists()
        assert await link(house) == ""
        assert (await house.get(path, token=None)).status == 403
        assert (await choose(house, came, CHOICE | {"name": "eve"})).status == 403
        assert len(await house.api("GET", "users")) == 1

    open_house(scenario)


def test_two_at_once_make_one_admin(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        one, two = await visit(house), await visit(house)
        replies = await asyncio.gather(choose(house, one), choose(house, two, CHOICE | {"name": "eve"}))
        assert sorted(reply.status for reply in replies) in ([303, 403], [303, 409])
        assert len(await house.api("GET", "users")) == 1
        with pytest.raises(ApiError, match="there is an admin already"):
            await house.service.entrance.users.add(NewUser("ben", PASSWORD, "admin"), "a test", first=True)

    open_house(scenario)


def test_what_is_wrong_is_said_and_can_be_typed_again(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        came = await visit(house)
        for choice, why in (
            (CHOICE | {"again": "something else"}, "the two passwords differ"),
            (CHOICE | {"password": "short", "again": "short"}, "10 characters or more"),
            (CHOICE | {"name": "<b>"}, "is no name"),
        ):
            reply = await choose(house, came, choice)
            assert reply.status == 400
            assert why in reply.text
            assert "<b>" not in reply.text
        assert (await choose(house, came)).status == 303

    open_house(scenario)


def test_no_other_way_leads_there(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        came = await visit(house)
        for cookie in ("", "x", came[:-1], TOKEN):
            assert (await choose(house, cookie)).status == 403
            assert (await house.get("/welcome", token=None, headers={"Cookie": f"lull_visit={cookie}"})).status == 403
        assert (await choose(house, came, Origin="https://evil.example")).status == 403
        assert (await house.get("/api/v1/welcome", token=None)).status == 401
        house.clock.now += 3600
        assert (await choose(house, came)).status == 403, "an hour is enough"

    open_house(scenario)


def test_guessing_the_key_is_stopped(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        statuses = [(await house.get(f"/welcome?key=guess-{number}", token=None)).status for number in range(8)]
        assert statuses == [403] * tries.FREE + [429] * (8 - tries.FREE)
        assert (await house.get(await link(house), token=None)).status == 429
        house.clock.now += 1
        assert (await house.get(await link(house), token=None)).status == 303

    open_house(scenario)


def test_every_start_has_a_key_of_its_own_and_says_it_once(
    open_house: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    keys: list[str] = []

    async def scenario(house: House) -> None:
        keys.append(await link(house))
        assert (await house.get(keys[0], token=None)).status == (303 if len(keys) == 1 else 403)

    open_house(scenario)
    open_house(scenario)
    assert keys[0] != keys[1]
    said = [line for line in caplog.messages if "nobody can sign in yet" in line]
    assert len(said) == 2
    assert keys[0] in said[0]


def test_the_link_can_be_withdrawn_on_the_machine(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        path = await link(house)
        welcome_file(house.parts.state).unlink()
        assert (await house.get(path, token=None)).status == 403
        assert await link(house) == ""

    open_house(scenario)


def test_where_there_is_an_admin_there_is_no_link(open_house: Opener, caplog: pytest.LogCaptureFixture) -> None:
    async def before(house: House) -> None:
        await house.add(ADMIN, "admin")
        welcome_file(house.parts.state).write_text("of a start that was killed")

    async def after(house: House) -> None:
        assert await link(house) == ""
        assert not welcome_file(house.parts.state).exists()
        assert "nobody can sign in yet" not in caplog.text

    open_house(before)
    caplog.clear()
    open_house(after)


def test_members_alone_are_no_admin(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        assert await link(house)
        assert (await choose(house, await visit(house))).status == 303
        assert await link(house) == ""

    open_house(scenario)


def test_while_nobody_knows_who_there_is_there_is_no_link(open_house: Opener) -> None:
    """A database that cannot be read at a start may well have an admin in it."""

    async def scenario(house: House) -> None:
        await link(house)
        welcome = house.service.entrance.welcome
        welcome._key = ""
        house.parts.database.close()
        house.parts.accounts.picture = None
        assert (await house.get("/api/v1/welcome")).status == 503
        assert welcome.link() == ""
        assert (await house.get("/welcome?key=", token=None)).status == 503

    open_house(scenario)


def test_a_disk_that_is_full_keeps_nobody_out(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(house: House) -> None:
        welcome = house.service.entrance.welcome

        def full(_: str) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(welcome, "_write", full)
        welcome._key, welcome._kept = "", False
        assert (await choose(house, await visit(house))).status == 303
        assert "No space left on device; the link is good all the same" in caplog.text

    open_house(scenario)
