"""Which site on which device somebody means who asks for a repair, and how they get there."""

from __future__ import annotations

from resolver.admin.devicebodies import DeviceChange
from resolver.admin.pages.repair import PAGE
from tests.admin.broken import TV
from tests.admin.household import House, Opener
from tests.admin.pages.test_home import MARKUP, Page
from tests.admin.pages.test_repair import Somebody, words
from tests.admin.parts import NOON, row


def test_the_device_that_one_is_on(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        text = await anna.look(PAGE)
        assert "this device" not in text, "nobody knows it yet"
        text = await anna.look(f"{PAGE}?site=news.example")
        assert "On which device?" in words(text)
        assert 'data-live="3"' in text
        await house.journal([row("www.news.example", "pass", client="127.0.0.1")], NOON - 20)
        await house.service.devices.put("127.0.0.1", DeviceChange(name="Desk"), "ada")
        await house.service.devices.put(TV, DeviceChange(name="TV"), "ada")
        chosen = [one["value"] for one in Page(await anna.look(PAGE)).all("option") if "selected" in one]
        assert chosen[0] == "Desk"
        text = words(await anna.look(f"{PAGE}?site=news.example"))
        assert "Desk was on news.example" in text or "The log does not have Desk" in text or "Desk asked for" in text
        assert "Desk (this device)" in text

    open_house(scenario)


def test_with_very_many_devices_one_types(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for number in range(60):
            await house.service.devices.put(f"198.51.100.{number}", DeviceChange(name=f"d{number}"), "ada")
        anna = Somebody(await house.sign_in())
        page = Page(await anna.look(PAGE))
        assert [one["id"] for one in page.all("datalist")] == ["find-devices"]
        assert [one.get("list") for one in page.all("input") if one["name"] == "client"] == ["find-devices"]
        assert len(page.all("option")) < 50

    open_house(scenario)


def test_what_people_paste(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        for text in (
            "https%3A%2F%2Fuser%40www.news.example%3A8443%2Fpath%3Fx%23y",
            "%20www.news.example%0A",
            "WWW.News.Example.",
        ):
            assert "Repair news.example" in words(await anna.look(f"{PAGE}?site={text}&client={TV}")), text
        assert "xn--bcher-kva.example" in words(await anna.look(f"{PAGE}?site=b%C3%BCcher.example&client={TV}"))
        alone = words(await anna.look(f"{PAGE}?site=www.news.example&client={TV}&exact=true"))
        assert "Repair www.news.example" in alone
        for wrong, why in (
            ("192.0.2.1", "is an address"),
            ("co.uk", "public suffix"),
            ("a..b", "empty label"),
            ("x" * 3000, "label"),
        ):
            reply = await house.get(f"{PAGE}?site={wrong}", token=None, headers={"Cookie": anna.browser.cookies})
            field = next(one for one in Page(reply.text).all("input") if one["name"] == "site")
            assert (reply.status, field.get("aria-invalid")) == (400, "true"), wrong
            assert why in reply.text, words(reply.text)

    open_house(scenario)


def test_a_device_that_nobody_knows(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        reply = await house.get(
            f"{PAGE}?site=news.example&client=%3Cb%3E", token=None, headers={"Cookie": anna.browser.cookies}
        )
        assert reply.status == 404
        assert "no device is called" in words(reply.text)
        assert not Page(reply.text).all("b")

    open_house(scenario)


def test_whom_the_log_knows_may_be_no_device(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("www.news.example", client=MARKUP)], NOON - 20)
        anna = Somebody(await house.sign_in())
        text = await anna.look(f"{PAGE}?site=news.example")
        assert "On which device?" in words(text)
        assert not Page(text).all("b")

    open_house(scenario)


def test_links_and_bookmarks(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        text = await anna.look(PAGE)
        link = next(str(one["href"]) for one in Page(text).all("a") if str(one["href"]).startswith("javascript:"))
        base = f"http://127.0.0.1:{house.port}"
        assert link == f"javascript:location.href='{base}/repair/from?site='+encodeURIComponent(location.hostname)"
        come = await house.get("/repair/from?site=www.news.example", token=None)
        assert come.status == 200
        assert '<meta http-equiv="refresh" content="0; url=/repair?site=www.news.example">' in come.text
        come = await house.get("/repair/from?site=%22%3E%3Cb%3E%0d%0a", token=None)
        assert not Page(come.text).all("b")
        away = await house.get("/repair?site=www.news.example&client=192.0.2.10", token=None)
        assert (away.status, away.location.startswith("/login?next=")) == (303, True)
        form = Page((await house.get(away.location, token=None)).text)
        next_page = next(one["value"] for one in form.all("input") if one["name"] == "next")
        assert next_page == "/repair?site=www.news.example&client=192.0.2.10"

    open_house(scenario)
