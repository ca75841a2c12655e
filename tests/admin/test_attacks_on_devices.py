"""Attacks by way of the page that needs no login: seeing or asking for what is another device's, pretending to be one,
having a stranger's page ask, burying the household in requests."""

from __future__ import annotations

import re

import pytest

from resolver.admin.accountbodies import NewRequest
from resolver.admin.askrows import MOST_WAITING
from resolver.config.known import Known
from resolver.config.load import parse
from tests.admin.attacking import EVIL
from tests.admin.household import House, Opener
from tests.admin.parts import NOON
from tests.admin.seats import PHONE, TABLET, Seat, asked, seats

__all__ = ["seats"]

SECRET = "of.the.phone.ads.example"
CLAIMS = {
    "X-Forwarded-For": PHONE,
    "X-Real-IP": PHONE,
    "Forwarded": f"for={PHONE}",
    "X-Client-IP": PHONE,
    "True-Client-IP": PHONE,
    "CF-Connecting-IP": PHONE,
    "Client-IP": PHONE,
    "Via": "1.1 proxy",
}


async def none_asked(house: House) -> None:
    assert await house.api("GET", "requests") == []


def test_what_a_request_says_of_where_it_comes_from_is_not_believed(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, SECRET, at=PHONE)
        await asked(house, "x.ads.example")
        assert SECRET in await Seat(house, PHONE).page()
        for field, claim in CLAIMS.items():
            liar = Seat(house, TABLET, **{field: claim})
            for path in ("/me", "/me?asked=1", "/setup"):
                page = await liar.page(path)
                assert SECRET not in page, field
                assert PHONE not in page, field
            await liar.post(f"{field}.example")
        assert {one["device"] for one in await house.api("GET", "requests")} <= {TABLET}

    open_house(scenario)


def test_fields_that_name_another_device_are_of_no_use(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, SECRET, at=PHONE)
        await asked(house, "x.ads.example")
        seat = Seat(house)
        more = {"client": PHONE, "device": PHONE, "address": PHONE, "user": "1", "group": "kids", "who": "anna"}
        assert (await seat.post("x.example", **more)).status == 303
        (wanted,) = await house.api("GET", "requests")
        assert (wanted["user"], wanted["device"], wanted["state"], wanted["who"]) == ("", TABLET, "waiting", "")
        for query in (f"?client={PHONE}", f"?device={PHONE}", f"?asked=1&client={PHONE}"):
            assert (await seat.get(f"/me{query}")).status == 400
        assert SECRET not in await seat.page()

    open_house(scenario)


def test_nobody_reads_what_another_device_asked_for(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        for address in (TABLET, PHONE):
            await asked(house, "x.ads.example", at=address)
        await house.add("kim", device=PHONE)
        kim = await house.sign_in("kim")
        await kim.ask("POST", "me/requests", {"name": "of.kim.example"})
        assert (await Seat(house, PHONE).post("secret.example")).location == "/me?asked=2"
        page = await Seat(house).page("/me?asked=2")
        assert "secret" not in page
        assert "That was asked for" not in page
        assert "of.kim.example" not in await Seat(house, PHONE).page(), "who sits there may be another than kim"

    open_house(scenario)


def test_a_device_that_comes_later_is_not_shown_what_the_one_before_asked(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, "x.ads.example")
        seat = Seat(house)
        await seat.post("secret.example")
        assert "secret.example" in await seat.page()
        house.clock.now += 13 * 3600
        assert "secret.example" not in await seat.page()

    open_house(scenario)


def test_a_page_of_a_stranger_asks_for_nothing(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, "x.ads.example")
        for said in (
            {"Origin": EVIL},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": f"http://127.0.0.1:{house.port + 1}"},
        ):
            assert (await Seat(house, TABLET, **said).post("evil.example")).status == 403, said
        rebound = Seat(house, TABLET, Host="evil.example")
        assert ((await rebound.get()).status, (await rebound.post("evil.example")).status) == (421, 421)
        for content in ("text/plain", "application/json", "multipart/form-data; boundary=x"):
            headers = {**Seat(house).headers, "Content-Type": content}
            reply = await house.call("POST", "/me/here", token=None, data=b"name=evil.example", headers=headers)
            assert reply.status == 415
        for method in ("PUT", "DELETE", "PATCH"):
            reply = await house.call(method, "/me/here", token=None, headers=Seat(house).headers)
            assert reply.status in {303, 401, 405}
        assert (await Seat(house).get("/me/here?name=evil.example")).status in {303, 405}
        await none_asked(house)

    open_house(scenario)


def test_a_session_is_nothing_to_the_form_that_needs_none(open_house: Opener, seats: None) -> None:
    """An admin's cookie grants nothing there, and nothing is done in their name."""

    async def scenario(house: House) -> None:
        await asked(house, "x.ads.example")
        anna = await house.sign_in()
        assert (await Seat(house, TABLET, Cookie=anna.cookies).post("t.ads.example")).status == 303
        (wanted,) = await house.api("GET", "requests")
        assert (wanted["state"], wanted["user"]) == ("waiting", "")
        told = (await house.api("GET", "changes"))["entries"]
        assert [one["who"] for one in told if one["what"].startswith("ask for t.ads")] == [f"page ({TABLET})"]
        assert (await Seat(house).post("t.ads.example", path="/me/ask")).location == "/login"
        assert (await Seat(house).post(path="/requests/grant", id="1")).location == "/login"

    open_house(scenario)


def test_who_is_not_known_asks_for_nothing(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, "x.ads.example")
        for address in ("127.0.0.1", "::1", "192.0.2.99", "2600:1::10", "198.51.100.7"):
            seat = Seat(house, address)
            assert (await seat.post("x.example")).status == 409, address
            page = await seat.page()
            assert "This device is not known." in page
            assert "<form" not in page
            assert 'href="/setup"' in page
        await none_asked(house)

    open_house(scenario)


def test_a_flood_of_requests_ends(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, "x.ads.example")
        seat = Seat(house)
        statuses = [(await seat.post(f"n{number}.example")).status for number in range(12)]
        assert statuses == [303] * MOST_WAITING + [409] * (12 - MOST_WAITING)
        assert len(await house.api("GET", "requests")) == MOST_WAITING
        assert (await house.api("GET", "changes?limit=50"))["entries"].__len__() == MOST_WAITING
        for wrong in ("2h", "-1", "soon", "1e9", "0"):
            assert (await seat.post("y.example", **{"for": wrong})).status == 400

    open_house(scenario)


def test_privacy_holds_here_too(open_house: Opener, seats: None) -> None:
    """Rows that were kept before a group's privacy was changed are not shown any more."""

    async def scenario(house: House) -> None:
        for address in (TABLET, PHONE):
            await asked(house, SECRET, at=address)
            page = await Seat(house, address).page()
            assert SECRET not in page
            assert "is not kept" in page
            assert "the last at" not in await Seat(house, address).page("/setup")

    text = f"""lists: [{{id: ads, file: ads.txt}}]
groups: {{a: {{clients: [{TABLET}], privacy: no-client}}, b: {{clients: [{PHONE}], privacy: no-name}}}}
"""
    open_house(scenario, config=parse(text.encode(), open_house.lists / "lull.yaml", Known()))


def test_the_pages_tell_of_no_other_device_and_have_no_secret(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim", device=PHONE)
        await asked(house, SECRET, at=PHONE)
        await asked(house, "x.ads.example", at=TABLET, second=NOON - 30)
        await house.api("PUT", f"clients/{PHONE}", {"name": "Phone of Kim"})
        await house.api("POST", "pause", {"for": "5m", "client": PHONE})
        await house.service.entrance.asking.ask(
            (await house.service.entrance.signing.whose((await house.sign_in("kim")).session)) or pytest.fail(),
            NewRequest("of.kim.example"),
            "kim",
        )
        seat = Seat(house)
        for path in ("/me", "/setup", "/setup/windows", "/setup/ios"):
            reply = await seat.get(path)
            for word in (SECRET, "Kim", "kim", "Blocking is paused", "anna", PHONE):
                assert word not in reply.text, (path, word)
            assert not re.search(r'name="form" value="[0-9a-f]', reply.text)
            assert not reply.cookies

    open_house(scenario)
