"""Site rules as somebody in front of a browser makes, changes and deletes them."""

from __future__ import annotations

from urllib.parse import quote

from msgspec.structs import replace

from resolver.admin.devicebodies import DeviceChange
from resolver.admin.pages.sites import PAGE, PER_PAGE
from resolver.admin.sitebodies import NewSiteRule
from resolver.config.names import below
from resolver.config.site import Site
from tests.admin.broken import ADS, TV, do, visited
from tests.admin.household import House, Opener, config_of
from tests.admin.pages.test_home import MARKUP, Page
from tests.admin.pages.test_repair import words
from tests.admin.parts import NOON

SITE = "news.example"
ONE = f"{PAGE}/{SITE}"


async def rules(house: House) -> list[tuple[str, str, str, str]]:
    return [(rule.site, rule.what, rule.client, rule.group) for rule in await house.service.sites.every()]


def test_a_rule_is_made_changed_and_deleted(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        assert "There is no site rule yet." in words(await browser.page(PAGE))
        new = {"called": "new", "site": "https://www.news.example/x", "allow": "a.example, b.example\nc.example"}
        reply = await browser.post(
            f"{PAGE}/put", {**new, "scope": "everyone", "window": "30m", "for": "8h", "comment": "why"}
        )
        assert (reply.status, reply.location) == (303, PAGE)
        text = words(await browser.page(PAGE))
        assert "On news.example 3 names are allowed for everyone until" in text
        assert "a.example b.example c.example why everyone 30 minutes" in text
        assert "never" in text
        assert await rules(house) == [(SITE, "a.example b.example c.example", "", "")]
        (rule,) = await house.service.sites.every()
        page = Page(await browser.page(ONE))
        assert [one["value"] for one in page.all("option") if "selected" in one][:2] == ["30m", "as before"]
        house.clock.now += 600
        changed = {
            "called": f"rule-{rule.id}",
            "site": SITE,
            "exact": "yes",
            "allow": "a.example",
            "back": ONE,
            "window": "1h",
        }
        reply = await browser.post(
            f"{PAGE}/put", {**changed, "scope": "everyone", "for": "as before", "comment": "better"}
        )
        assert reply.location == ONE
        (after,) = await house.service.sites.every()
        assert (after.allow, after.window, after.until, after.comment) == (["a.example"], 3600, rule.until, "better")
        await browser.post(f"{PAGE}/delete", {"site": SITE, "client": "", "group": ""})
        text = await browser.page(PAGE)
        assert "The rule of news.example for everyone is gone." in words(text)
        assert 'action="/audit/undo"' in text

    open_house(scenario)


def test_for_a_group_or_a_device_and_with_everything(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.devices.put(TV, DeviceChange(name="TV"), "ada")
        browser = await house.sign_in()
        put = {"called": "new", "site": SITE, "everything": "yes", "window": "always"}
        await browser.post(f"{PAGE}/put", {**put, "scope": "group:kids"})
        await browser.post(f"{PAGE}/put", {**put, "scope": "client", "client": TV})
        assert await rules(house) == [(SITE, "all", "", "kids"), (SITE, "all", "TV", "")]
        text = words(await browser.page(ONE))
        assert "For TV everything" in text
        assert "For group kids everything" in text
        assert "Stays open: always." in text
        await browser.post(f"{PAGE}/delete", {"site": SITE, "client": "TV", "group": "", "back": ONE})
        assert "For TV" not in words(await browser.page(ONE))

    open_house(scenario)


def test_what_is_wrong_is_said_beside_the_field(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        good = {"called": "new", "site": SITE, "allow": "a.example", "scope": "everyone", "window": "10m"}
        for field, value, more in (
            ("site", "192.0.2.1", {}),
            ("site", "co.uk", {}),
            ("allow", "", {}),
            ("client", "nobody", {"scope": "client"}),
            ("client", "", {"scope": "client"}),
            ("window", "soon", {}),
            ("for", "1 year", {}),
            ("comment", "x" * 501, {}),
        ):
            reply = await browser.post(f"{PAGE}/put", {**good, field: value, **more})
            page = Page(reply.text)
            wrong = [
                one.get("name")
                for tag in ("input", "select", "textarea")
                for one in page.all(tag)
                if "aria-invalid" in one
            ]
            assert (reply.status in {400, 404}, wrong) == (True, [field]), (field, words(reply.text))
            assert 'value="news.example"' in reply.text or field == "site", "what was typed stays"
        reply = await browser.post(f"{PAGE}/put", {**good, "allow": "||x^"})
        assert "is not a name" in words(reply.text)
        reply = await browser.post(f"{PAGE}/put", {**good, "scope": "group:none"})
        assert "there is no group" in words(reply.text)
        assert await rules(house) == []

    open_house(scenario)


def test_on_the_page_of_a_site_it_is_said_there(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.sites.put(SITE, NewSiteRule([ADS]), "ada")
        (rule,) = await house.service.sites.every()
        browser = await house.sign_in()
        fields = {
            "called": f"rule-{rule.id}",
            "site": SITE,
            "exact": "yes",
            "allow": "/x/ y",
            "back": ONE,
            "scope": "everyone",
        }
        reply = await browser.post(f"{PAGE}/put", fields)
        assert reply.status == 400
        page = Page(reply.text)
        assert [one["id"] for one in page.all("textarea") if "aria-invalid" in one] == [f"rule-{rule.id}-allow"]
        assert "/x/ y" in page.text
        assert len([one for one in page.all("details") if "open" in one]) == 1

    open_house(scenario)


def test_rules_of_the_config_are_only_read(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for path in (PAGE, ONE):
            text = await browser.page(path)
            assert "player.example" in text
            assert "the config" in words(text)
            assert 'action="/sites/delete"' not in text
        reply = await browser.post(f"{PAGE}/delete", {"site": SITE})
        assert (reply.status, reply.location) == (303, PAGE)
        assert "those of the config are changed in its file" in words(await browser.page(PAGE))

    config = config_of(open_house.lists)
    rule = Site(below(SITE), (below("player.example"),))
    open_house(scenario, config=replace(config, sites=(rule,)))


def test_repairs_and_who_was_there(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        browser = await house.sign_in()
        text = await browser.page(ONE)
        assert "No repair of it is going on." in words(text)
        assert f'href="/repair?site={SITE}&amp;client={TV}&amp;exact=true"' in text
        await do(house, "try")
        assert f"On {TV}: going on, until" in words(await browser.page(ONE))
        await do(house, "keep")
        assert f"On {TV}: kept." in words(await browser.page(ONE))

    open_house(scenario)


def test_many_rules_are_paged(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for number in range(PER_PAGE + 5):
            await house.service.sites.put(f"s{number:03}.example", NewSiteRule([ADS]), "ada")
        browser = await house.sign_in()
        text = await browser.page(PAGE)
        assert f"1 to {PER_PAGE} of {PER_PAGE + 5}" in words(text)
        assert f'href="/sites?from={PER_PAGE}"' in text
        assert len(text.encode()) < 38_000
        last = words(await browser.page(f"{PAGE}?from={PER_PAGE}"))
        assert "s034.example" in last
        assert "s000.example" not in last
        assert "s034.example" in words(await browser.page(f"{PAGE}?from=999"))

    open_house(scenario)


def test_hostile_text(open_house: Opener) -> None:
    site = r"<img\032src\032'>.<b>.example"

    async def scenario(house: House) -> None:
        long = ".".join(["x" * 60] * 4)
        await house.service.sites.put(site, NewSiteRule([long], comment=MARKUP), MARKUP)
        await house.service.devices.put(TV, DeviceChange(name="a'b & c"), "ada")
        await house.service.sites.put(site, NewSiteRule([long], client=TV), MARKUP)
        browser = await house.sign_in()
        stored = (await house.service.sites.every())[0].site
        for path in (PAGE, f"{PAGE}/{quote(stored, safe='')}"):
            raw = await browser.page(path)
            page = Page(raw)
            assert not page.all("img")
            assert not page.all("b")
            assert page.text.replace("\n", "").isprintable()
            assert stored in [one.get("value") for one in page.all("input")]
        reply = await browser.post(
            f"{PAGE}/put", {"called": MARKUP, "site": MARKUP, "allow": MARKUP, "window": MARKUP, "client": MARKUP}
        )
        assert not Page(reply.text).all("b")

    open_house(scenario)


def test_a_name_that_is_none(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for name, status in (("put", 200), ("192.0.2.1", 400), ("a%20b", 400), ("nobody.example", 200)):
            reply = await house.get(f"{PAGE}/{name}", token=None, headers={"Cookie": browser.cookies})
            assert reply.status == status, name
        assert "There is no rule for this site." in words(await browser.page(f"{PAGE}/nobody.example"))

    open_house(scenario)


def test_who_may(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim = await house.sign_in("kim")
        assert (await house.get(PAGE, token=None, headers={"Cookie": kim.cookies})).status == 403
        reply = await kim.post(f"{PAGE}/put", {"site": SITE, "allow": "a.example"})
        assert reply.status == 403
        assert await rules(house) == []

    open_house(scenario)


def test_without_the_database(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.sites.put(SITE, NewSiteRule([ADS]), "ada")
        browser = await house.sign_in()
        house.parts.database.close()
        assert SITE in words(await browser.page(PAGE)), "what is in force is known"
        reply = await browser.post(f"{PAGE}/put", {"called": "new", "site": "x.example", "allow": ADS})
        assert reply.status == 503
        assert "the database cannot be used now" in words(reply.text)

    open_house(scenario)


def test_an_end_that_has_passed(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.sites.put(SITE, NewSiteRule([ADS], duration="10m"), "ada")
        browser = await house.sign_in()
        house.clock.now = NOON + 700
        fields = {
            "called": "rule-1",
            "site": SITE,
            "exact": "yes",
            "allow": ADS,
            "scope": "everyone",
            "for": "as before",
        }
        reply = await browser.post(f"{PAGE}/put", fields)
        assert (reply.status, "say for how long" in reply.text) == (409, True)

    open_house(scenario)
