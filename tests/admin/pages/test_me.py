"""The page /me, of members and of whoever sits at a device, and what admins see of what is asked there; what the forms
do is in the tests of the API, and what strangers try in test_attacks_on_devices."""

from __future__ import annotations

import re
from html import unescape

from msgspec.structs import replace

from resolver.config.admin import Admin
from tests.admin.api.test_me import KIM, NAME, with_bedtime
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON, row
from tests.admin.seats import PHONE, TABLET, Seat, asked, seats

__all__ = ["seats"]

HOSTILE = r"<img\032src=x>'.\226\128\174gpj.\000\010.ads.example"
MARKUP = "<script>alert(1)</script>"


def words(text: str) -> str:
    """What is read of a page's content."""
    main = text[text.index("<main") : text.index("</main>")]
    return " ".join(unescape(re.sub("<[^>]*>", " ", main)).split())


async def notice(browser: Browser, path: str = "/me") -> str:
    found = re.search(r'role="status">\s*<span(.*?)</p>', await browser.page(path), re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", "<span" + found[1]).split()) if found else ""


async def waiting(anna: Browser) -> str:
    """The id of what is asked for, as an admin is shown it."""
    found = re.search(r'action="/requests/grant".*?name="id" value="(\d+)"', await anna.page(), re.DOTALL)
    assert found
    return found[1]


def test_a_members_page(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        await house.journal([row(NAME, client=KIM, count=3)])
        kim = await house.sign_in("kim")
        text = await kim.page("/me")
        assert f"{NAME} \u00d7 3" in words(text)
        assert "bedtime begins at 20" in words(text)
        assert "Ask for it" in text
        assert "/pause" not in text
        for form in re.findall(r"<form.*?</form>", text, re.DOTALL):
            assert len(re.findall(r'name="form" value="[0-9a-f]{64}"', form)) == 1

    open_house(scenario, config=with_bedtime(open_house))


def test_asking_and_deciding(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim, anna = await house.sign_in("kim"), await house.sign_in()
        assert "Asked for" not in words(await anna.page())
        reply = await kim.post("/me/ask", {"name": NAME, "for": "30m"})
        assert reply.location == "/me"
        assert await notice(kim) == f"● {NAME}: that was asked for. An admin decides."
        assert "not decided yet" in await kim.page("/me")
        id = await waiting(anna)
        await anna.post("/requests/grant", {"id": id})
        assert await notice(anna, "/") == f"● kim has {NAME} for 30 minutes."
        await anna.post("/requests/grant", {"id": id})
        assert (await notice(anna, "/")).startswith("▲ Nothing was changed: that was granted already, by anna")
        await kim.post("/me/ask", {"more": "15m"})
        assert await notice(kim) == "● More time: that was asked for. An admin decides."
        id = await waiting(anna)
        await anna.post("/requests/refuse", {"id": id})
        assert await notice(anna, "/") == "● kim is told that there is no more time."
        assert "▲ refused" in words(await kim.page("/me"))
        await anna.post("/requests/refuse", {"id": "x"})
        assert "there is no request 0" in await notice(anna, "/")

    open_house(scenario, config=with_bedtime(open_house))


def test_allowing_oneself(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim", grants=True)
        kim = await house.sign_in("kim")
        assert "Allow yourself something" in await kim.page("/me")
        await kim.post("/me/ask", {"name": NAME, "for": "30m"})
        assert await notice(kim) == f"● {NAME}: 30 minutes from now."

    open_house(scenario)


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim, seat = await house.sign_in("kim"), Seat(house)
        await asked(house, NAME)
        for reply in (
            await kim.post("/me/ask", {"name": "https://x.example/", "for": "1h"}),
            await seat.post("https://x.example/", **{"for": "1h"}),
        ):
            assert reply.status == 400
            assert 'value="https://x.example/"' in reply.text
            assert 'aria-describedby="ask-name-wrong"' in reply.text
            assert re.search(r'id="ask-name-wrong" role="alert">"?https://x.example/', unescape(reply.text))
            assert '<option value="1h" selected>' in reply.text
        empty = await seat.post("")
        assert (empty.status, "type the name that you need" in empty.text) == (400, True)

    open_house(scenario)


def test_who_sits_at_a_device_sees_that_device(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        seat = Seat(house)
        assert "This device is not known." in words(await seat.page())
        await asked(house, NAME, "other.ads.example")
        await asked(house, "of.the.phone.ads.example", at=PHONE)
        await asked(house, "long.ago.ads.example", second=NOON - 3600)
        text = words(await seat.page())
        assert f"{TABLET} This is the device that you sit at" in text
        assert "bedtime begins at 20" in text
        assert (NAME in text, "other.ads.example" in text) == (True, True)
        assert "phone" not in text
        assert "long.ago" not in text
        await house.api("PUT", f"clients/{TABLET}", {"name": "Kims Tablet"})
        assert "<h1><bdi>Kims Tablet</bdi></h1>" in await seat.page()
        house.clock.now += 3600
        assert "▲ bedtime holds until 20" in words(await seat.page())
        await house.api("POST", "pause", {"for": "10m", "group": "kids"})
        assert "● Blocking is paused for this device until" in words(await seat.page())
        assert "Blocking is paused" not in words(await Seat(house, PHONE).page())

    open_house(scenario, config=with_bedtime(open_house))


def test_a_device_asks_and_an_admin_grants(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, NAME)
        await asked(house, NAME, at=PHONE)
        seat, anna = Seat(house), await house.sign_in()
        reply = await seat.post(NAME, **{"for": "15m"})
        assert (reply.status, reply.location) == (303, "/me?asked=1")
        assert "● That was asked for." in words(await seat.page(reply.location))
        assert "That was asked for." not in words(await seat.page("/me?asked=2"))
        assert "not decided yet" in await seat.page()
        assert TABLET in words(await anna.page())
        (wanted,) = await house.api("GET", "requests")
        assert (wanted["user"], wanted["device"], wanted["seconds"]) == ("", TABLET, 900)
        await anna.post("/requests/grant", {"id": await waiting(anna)})
        assert await notice(anna, "/") == f"● {TABLET} has {NAME} for 15 minutes."
        assert "● granted at" in words(await seat.page())
        verdicts = [(await house.service.whys.why(NAME, one, 1)).verdict for one in (TABLET, PHONE)]
        assert verdicts == ["allow", "block"]
        reply = await seat.post(more="30m")
        assert reply.status == 303
        await anna.post("/requests/refuse", {"id": await waiting(anna)})
        assert "▲ refused" in words(await seat.page())
        told = [one["what"] for one in (await house.api("GET", "changes"))["entries"]]
        assert f"refuse {TABLET} 30m more" in told
        assert "granted" not in words(await Seat(house, PHONE).page())

    open_house(scenario, config=with_bedtime(open_house))


def test_what_was_asked_goes_with_the_name_of_a_device(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, NAME)
        seat = Seat(house)
        await seat.post(NAME)
        await house.api("PUT", f"clients/{TABLET}", {"name": "tablet"})
        assert "not decided yet" in await seat.page()
        assert [one["device"] for one in await house.api("GET", "requests")] == ["tablet"]

    open_house(scenario)


def test_an_admin_is_shown_the_device_and_a_member_their_own(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim", device=PHONE)
        await asked(house, NAME)
        anna, kim = await house.sign_in(), await house.sign_in("kim")
        page = await Seat(house, TABLET, Cookie=anna.cookies).page()
        assert NAME in words(page)
        assert "You run Lull" in words(page)
        assert 'action="/me' not in page
        page = await Seat(house, TABLET, Cookie=kim.cookies).page()
        assert f"<h1><bdi>{PHONE}</bdi></h1>" in page
        assert NAME not in page

    open_house(scenario)


def test_the_name_of_the_house_leads_here(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        for host in ("lull.home.arpa", f"Lull.Home.Arpa.:{house.port}"):
            assert (await Seat(house, Host=host).get("/")).location == "/me"
        assert (await Seat(house).get("/")).location == "/login"
        assert (await Seat(house, Host="lull.home.arpa").get("/log")).location.startswith("/login?next=")
        anna = await house.sign_in()
        reply = await Seat(house, Host="lull.home.arpa", Cookie=anna.cookies).get("/")
        assert reply.status == 200

    open_house(scenario)


def test_it_can_be_turned_off(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, NAME)
        await house.add("kim")
        seat, kim, anna = Seat(house), await house.sign_in("kim"), await house.sign_in()
        assert ((await seat.get()).status, (await seat.get()).location) == (303, "/login?next=/me")
        assert ((await seat.post(NAME)).status, await house.api("GET", "requests")) == (303, [])
        assert (await Seat(house, Host="lull.home.arpa").get("/")).location == "/login"
        assert "Blocked in the last minutes" in await kim.page("/me")
        assert NAME in await Seat(house, TABLET, Cookie=anna.cookies).page()
        reading = (await house.api("POST", "tokens", {"name": "x", "scopes": ["read"]}))["token"]
        assert (await house.get("/me", token=reading)).status == 409

    open_house(scenario, config=replace(config_of(open_house.lists), admin=Admin(my_device=False)))


def test_without_the_database_the_page_comes(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, NAME)
        house.parts.database.close()
        text = words(await Seat(house).page())
        assert "What was blocked is not known" in text
        assert "There is no bedtime" in text

    open_house(scenario)


def test_hostile_names_are_text(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        await asked(house, HOSTILE, *(".".join([f"{n:060}"] * 4) for n in range(60)))
        await asked(house, HOSTILE, second=NOON - 20)
        seat = Seat(house)
        for name in (MARKUP, HOSTILE, "x" * 5000, "\0", "\u202egpj"):
            reply = await seat.post(name)
            assert reply.status in {303, 400}, name
            assert MARKUP not in reply.text
            assert "<img" not in reply.text
            assert "\u202e" not in words(reply.text)
        text = await seat.page()
        assert ("<img" in text, "\u202e" in text, "&lt;img" in text) == (False, False, True)
        assert len(text.encode()) < 38_000

    open_house(scenario)
