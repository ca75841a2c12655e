"""Repairing a site as somebody in front of a browser does it."""

from __future__ import annotations

import time

from msgspec.structs import replace

from resolver.admin.bodies import NewPause
from resolver.admin.devicebodies import DeviceChange
from resolver.admin.glances import FRESH
from resolver.admin.pages.repair import PAGE
from resolver.admin.repairing import MINUTES
from resolver.admin.rulebodies import NewRule
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.log import Log
from tests.admin.broken import ADS, STARTER, TRACK, TV, allowed, page, visited
from tests.admin.browsing import Browser, Reply
from tests.admin.household import House, Opener, config_of
from tests.admin.pages.test_home import MARKUP, Page
from tests.admin.parts import NOON, row

SITE = "news.example"
HERE = f"{PAGE}?site=www.{SITE}&client={TV}"


BEDTIME = b"""
lists: [{id: ads, file: ads.txt}]
groups: {default: {schedules: [nap]}}
schedules: {nap: {from: "11:30", to: "13:30", zone: UTC, only: [school.example]}}
"""  # it is noon in these tests


def words(text: str) -> str:
    main = Page(text[text.index("<main") : text.index("</main>")]).text
    return " ".join(main.split())


class Somebody:
    """Who repairs a site: clicks the buttons that are on the page."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    async def look(self, path: str = HERE) -> str:
        """The page, once the log was looked at: it loads itself again until then."""
        self.browser.house.clock.now += FRESH + 0.1
        while 'data-live="1"' in (text := await self.browser.page(path)):
            assert '<meta http-equiv="refresh" content="1">' in text
        return text

    async def click(self, action: str, **more: str) -> str:
        """Send the form of the page that goes there, as it is filled in; returns the page that it leads to."""
        reply = await self.send(action, **more)
        assert reply.status == 303, words(reply.text)
        assert reply.location == HERE
        return await self.look(reply.location)

    async def send(self, action: str, **more: str) -> Reply:
        text = await self.look()
        forms = text.split("<form")[1:]
        mine = [one.partition("</form>")[0] for one in forms if f'action="{PAGE}/{action}"' in one]
        assert mine, (action, words(text))
        fields = {
            str(field["name"]): str(field.get("value", ""))
            for field in Page(mine[0]).all("input")
            if field.get("type") != "checkbox" or "checked" in field
        }
        return await self.browser.post(f"{PAGE}/{action}", {**fields, **more})


def test_from_a_broken_site_to_a_rule(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        anna = Somebody(await house.sign_in())
        text = words(await anna.look())
        assert "Repair news.example" in text
        assert "All of news.example is meant." in text
        assert f"{TV} was on news.example 3 times in the last 7 days." in text
        assert "Asked for in 3 of 3 loads, and hardly ever otherwise." in text
        assert "|x.ads.example" in text.replace(" ", "|")
        text = words(await anna.click("try"))
        assert allowed(house) == {ADS, TRACK, STARTER}
        assert f"3 names are allowed on {TV} until" in text
        assert f"Reload the page on {TV}. Does it work now?" in text
        assert "3 of 3 could be it." in text
        answers = 0
        while "Does it work now?" in text:
            answers += 1
            text = words(await anna.click("answer", works="yes" if STARTER in allowed(house) else "no"))
        assert answers <= 4
        assert "Found: news.example needs this" in text
        assert allowed(house) == {STARTER}
        text = words(await anna.click("keep", scope="client", comment="for the videos"))
        assert "Kept: there is a rule for news.example now." in text
        assert "Repaired" in text
        (rule,) = await house.service.sites.every()
        assert (rule.allow, rule.client, rule.comment) == ([STARTER], TV, "for the videos")
        text = words(await anna.click("undo"))
        assert "Taken back: " in text
        assert await house.service.sites.every() == []

    open_house(scenario)


def test_only_what_is_ticked_is_tried(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        anna = Somebody(await house.sign_in())
        ticks = {
            box["value"]: str(box["name"])
            for box in Page(await anna.look()).all("input")
            if box.get("type") == "checkbox"
        }
        assert set(ticks) == {"ads.example", "track.example", "starter.example"}
        fields = {"site": SITE, "client": TV, ticks["ads.example"]: "ads.example"}
        await anna.browser.post(f"{PAGE}/try", fields)
        assert allowed(house) == {ADS}
        reply = await anna.browser.post(f"{PAGE}/try", {"site": SITE, "client": TV})
        assert (reply.status, "tick what is to be tried" in reply.text) == (400, True)
        reply = await anna.browser.post(f"{PAGE}/try", {"site": SITE, "client": TV, "suspect-0": MARKUP})
        assert (reply.status, "is no suspect any more" in reply.text) == (409, True)

    open_house(scenario)


def test_the_page_says_where_the_repair_stands(open_house: Opener) -> None:
    """Whoever looks, from wherever, and when the ten minutes are over."""

    async def scenario(house: House) -> None:
        await visited(house)
        anna = Somebody(await house.sign_in())
        await anna.click("try")
        await house.add("ben", "admin")
        ben = Somebody(await house.sign_in("ben"))
        assert "Does it work now?" in words(await ben.look())
        house.clock.now += MINUTES + 1
        text = words(await ben.look())
        assert "The ten minutes are over" in text
        reply = await ben.browser.post(f"{PAGE}/answer", {"site": SITE, "client": TV, "works": "yes"})
        assert reply.status == 409
        assert "nothing was seen" in reply.text
        assert "Does it work now?" in words(await ben.click("again"))
        text = words(await anna.click("undo"))
        assert "What may be missing" in text
        assert allowed(house) == set()

    open_house(scenario)


def test_it_is_something_else(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        anna = Somebody(await house.sign_in())
        await anna.click("try")
        text = await anna.click("answer", works="no")
        assert "It is something else" in words(text)
        assert f'href="/diagnose?name=www.news.example&amp;client={TV}"' in text
        assert "What else may be missing" in words(text)
        await anna.click("undo")

    open_house(scenario)


def test_names_that_somebody_knows(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        anna = Somebody(await house.sign_in())
        reply = await anna.send("names", names="||x^ other.example")
        page = Page(reply.text)
        assert reply.status == 400
        assert any(area.get("aria-invalid") == "true" for area in page.all("textarea"))
        assert "||x^ other.example" in page.text
        await anna.send("names", names=f"{ADS}, {STARTER}\n")
        assert allowed(house) == {ADS, STARTER}

    open_house(scenario)


def test_for_whom_it_is_kept(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        anna = Somebody(await house.sign_in())
        await anna.send("names", names=ADS)
        options = [(one["value"], "selected" in one) for one in Page(await anna.look()).all("option")]
        assert [one for one in options if one[0] in {"client", "group:default", "everyone"}] == [
            ("client", True),
            ("group:default", False),
            ("everyone", False),
        ]
        reply = await anna.send("keep", scope="client", window="soon", comment="as I typed")
        assert reply.status == 400
        assert "as I typed" in reply.text
        await anna.send("keep", scope="group:default", window="always")
        (rule,) = await house.service.sites.every()
        assert (rule.group, rule.window, rule.allow) == ("default", None, [ADS])
        assert "x.ads.example by" not in words(await anna.look()), "it is kept"
        await anna.send("try")
        options = [(one["value"], "selected" in one) for one in Page(await anna.look()).all("option")]
        assert ("group:default", True) in options, "for whom it has a rule already"

    open_house(scenario)


def test_nothing_in_the_log_yet(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        text = await anna.look()
        assert f"The log does not have {TV} on news.example yet." in words(text)
        assert "Look again" in text
        assert 'data-live="3"' in text
        await visited(house)
        text = await anna.look()
        assert "data-live" not in text
        assert "Try for 10 minutes" in text

    open_house(scenario)


def test_nothing_is_blocked(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal(page()[:1])
        anna = Somebody(await house.sign_in())
        text = await anna.look()
        assert f"Nothing that {TV} asked for on news.example is blocked now." in words(text)
        assert f'href="/diagnose?name=www.news.example&amp;client={TV}"' in text

    open_house(scenario)


def test_the_log_keeps_no_names(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        text = words(await anna.look())
        assert "is not known: the log keeps no names (log.privacy is no-name)" in text
        await anna.click("names", names=ADS)
        assert allowed(house) == {ADS}

    config = config_of(open_house.lists)
    open_house(scenario, config=replace(config, log=Log(privacy="no-name")))


def test_a_site_that_is_blocked_itself(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        path = f"{PAGE}?site=www.ads.example&client={TV}"
        text = await anna.look(path)
        assert " ads.example itself is blocked" in words(text), "and not www alone"
        assert "ads: ||ads.example^" in words(text)
        fields = {"site": "www.ads.example", "client": TV, "name": "ads.example", "for": "10m"}
        reply = await anna.browser.post(f"{PAGE}/allow", fields)
        assert (reply.status, reply.location) == (303, path)
        text = words(await anna.look(path))
        assert f"ads.example and all below it is allowed for {TV} until" in text
        assert "itself is blocked" not in text
        await anna.browser.post(f"{PAGE}/allow", {**fields, "for": "", "scope": "everyone"})
        assert [(one.client, one.until) for one in await house.service.ruling.every() if one.name == fields["name"]][
            -1
        ] == ("", None)

    open_house(scenario)


def test_blocked_by_people_or_paused(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        await house.service.ruling.add(NewRule("deny", SITE), "ada")
        text = await anna.look()
        assert "A rule of your own blocks it" in words(text)
        assert 'href="/rules?find=news.example"' in text
        await house.service.pausing.begin(NewPause("5m"), "ada")
        assert f"Nothing is blocked on {TV} until" in words(await anna.look())

    open_house(scenario)


def test_blocked_by_a_schedule(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        text = await anna.look()
        assert "A schedule blocks it on" in words(text)
        assert "for 30 minutes" in words(text)
        assert 'href="/schedules"' in text
        await anna.send("allow")
        assert "itself is blocked" not in words(await anna.look())

    open_house(scenario, config=parse(BEDTIME, open_house.lists / "lull.yaml", Known()))


def test_hostile_names_and_devices(open_house: Opener) -> None:
    hostile = r"<img\032src=x\032onerror=alert\0401\041>'.\226\128\174gpj.\000\010\034.ads.example"

    async def scenario(house: House) -> None:
        load = [
            row("www.news.example", "pass"),
            row(hostile, via=MARKUP),
            row(".".join(["x" * 60] * 3) + ".ads.example"),
        ]
        await house.journal(load, NOON - 300)
        await house.journal([row(MARKUP, "pass"), *load], NOON - 100)
        await house.service.devices.put(TV, DeviceChange(name="a'b & c"), "ada")
        anna = Somebody(await house.sign_in())
        for path in (HERE, f"{PAGE}?site={hostile.replace('%', '%25').replace('#', '%23').replace('&', '%26')}"):
            raw = (await house.get(path, token=None, headers={"Cookie": anna.browser.cookies})).text
            assert not Page(raw).all("img")
            assert not Page(raw).all("b")
            assert raw.replace("\n", "").isprintable()
        await anna.send("try")
        trial = (await house.service.sites.one(SITE, exact=True)).trials[0]
        assert hostile in trial.names
        assert trial.client == "a'b & c"

    open_house(scenario)


def test_who_may(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim = await house.sign_in("kim")
        reply = await house.get(PAGE, token=None, headers={"Cookie": kim.cookies})
        assert reply.status == 403
        await visited(house)
        reply = await kim.post(f"{PAGE}/try", {"site": SITE, "client": TV, "suspect-0": "ads.example"})
        assert reply.status == 403
        assert allowed(house) == set()

    open_house(scenario)


def test_without_the_database(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        anna = Somebody(await house.sign_in())
        house.parts.database.close()
        text = words(await anna.look())
        assert "Where the repair stands cannot be shown: the database cannot be used now" in text
        assert "Repair a site" in words(await anna.look(PAGE))

    open_house(scenario)


def test_the_page_is_quick_and_small(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        names = [f"a{number}.b.c{number}.ads.example" for number in range(40)]
        others = [f"x.y{number}.example" for number in range(100)]
        for at in (NOON - 300, NOON - 200, NOON - 100):
            load = [
                row("www.news.example", "pass"),
                *(row(one) for one in names),
                *(row(one, "pass") for one in others),
            ]
            await house.journal(load, at)
        anna = Somebody(await house.sign_in())
        text = await anna.look()
        assert len(text.encode()) < 38_000
        took = []
        for _ in range(5):
            began = time.perf_counter()
            await anna.look()
            took.append(time.perf_counter() - began)
        assert min(took) < 0.1, took

    open_house(scenario)
