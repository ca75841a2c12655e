"""The page /rules: people's own rules, found, added and deleted."""

from __future__ import annotations

import re
import time

import pytest

from resolver.admin.rulebodies import NewRule, NewRules, RuleInfo
from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, House, Opener
from tests.admin.pages.test_home import MARKUP, Page

MANY = 5_000


async def ours(house: House) -> list[RuleInfo]:
    """The rules that people added."""
    return [rule for rule in await house.service.ruling.every() if rule.id is not None]


async def notice(browser: Browser, path: str = "/rules") -> str:
    found = re.search(r'<p class="notice (?:good|bad)" role="status">(.*?)</p>', await browser.page(path), re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", found[1]).split()) if found else ""


def names(text: str) -> list[str]:
    """The names of the rules that a page shows, in their order."""
    return re.findall(r'data-label="Rule"[^>]*>[^<]*<bdi class="name"[^>]*>([^<]*)<', text)


def test_rules_are_shown_with_what_is_known_of_them(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        ruling = house.service.ruling
        await ruling.add(NewRule("allow", "one.example", comment="for the school", exact=True), "ada (192.0.2.7)")
        await ruling.add(NewRule("deny", "two.example", group="kids", duration="2h"), "ada")
        await ruling.add(NewRule("deny", text="||x.example^$dnstype=AAAA", client="192.0.2.9"), "ada")
        text = await (await house.sign_in()).page("/rules")
        said = " ".join(Page(text).text.split())
        assert names(text) == ["||x.example^$dnstype=AAAA", "two.example", "one.example", "cdn.example.com"]
        for words in (
            "allow exactly one.example for the school",
            "group kids until 2026-01-01 14:00",
            "by ada (192.0.2.7)",
            "in the config file, under rules, where it is changed",
            "All 4 rules",
        ):
            assert words in said, words
        assert text.count('type="checkbox" name="rule-') == 3, "nobody deletes rules of the config here"
        assert text.count('<button name="id"') == 3

    open_house(scenario)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("find=TWO", ["two.example"]),
        ("find=school", ["one.example"]),
        ("find=kids", ["two.example"]),
        ("action=allow", ["one.example", "cdn.example.com"]),
        ("scope=group:kids", ["two.example"]),
        ("scope=devices", ["three.example"]),
        ("scope=everyone", ["one.example", "cdn.example.com"]),
        ("state=ending", ["two.example"]),
        ("state=unused&action=deny", ["three.example", "two.example"]),
        ("state=odd", []),
        ("find=nothing+like+that", []),
        ("action=x&state=y&from=z", ["three.example", "two.example", "one.example", "cdn.example.com"]),
    ],
)
def test_rules_are_found(open_house: Opener, asked: str, found: list[str]) -> None:
    async def scenario(house: House) -> None:
        ruling = house.service.ruling
        await ruling.add(NewRule("allow", "one.example", comment="for the school"), ADMIN)
        await ruling.add(NewRule("deny", "two.example", group="kids", duration="2h"), ADMIN)
        await ruling.add(NewRule("deny", "three.example", client="192.0.2.9"), ADMIN)
        text = await (await house.sign_in()).page(f"/rules?{asked}")
        assert names(text) == found
        assert ("No rule is like that." in text) is not bool(found)

    open_house(scenario)


def test_thousands_are_paged_and_quick(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        text = "\n".join(f"deny n{number}.cdn.images.example.net" for number in range(MANY - 1))
        assert (await house.service.ruling.add_many(NewRules(text), ADMIN)).added == MANY - 1
        browser = await house.sign_in()
        page = await browser.page("/rules?action=deny&find=images")
        assert len(page.encode()) < 38_000
        assert names(page)[0] == "n4998.cdn.images.example.net"
        assert "4,999 of 5,000 rules" in page
        older = re.search(r'href="(/rules\?[^"]*from=50)" rel="next">Older', page)
        assert older
        page = await browser.page(older[1].replace("&amp;", "&"))
        assert names(page)[0] == "n4948.cdn.images.example.net", "the search goes on"
        last = await browser.page("/rules?from=999999")
        assert names(last)[-1] == "cdn.example.com"
        assert "Older" not in last
        took = []
        for _ in range(10):
            began = time.perf_counter()
            await browser.page("/rules")
            took.append(time.perf_counter() - began)
        assert min(took) < 0.05, took

    open_house(scenario)


def test_a_rule_is_added_and_what_came_of_it_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        fields = {"action": "deny", "rule": "video.example", "group": "kids", "for": "2h", "comment": "homework"}
        assert (await browser.post("/rules/add", fields)).location == "/rules"
        said = await notice(browser)
        assert said.startswith("● In force now: deny video.example and all below it, for group kids, until 2026-01-01")
        (rule,) = await ours(house)
        assert (rule.action, rule.name, rule.group, rule.comment) == ("deny", "video.example", "kids", "homework")
        await browser.post(
            "/rules/add", {"action": "deny", "rule": "||t.ads.example^$dnstype=AAAA", "client": "192.0.2.9"}
        )
        assert "for 192.0.2.9" in await notice(browser)
        await browser.post("/rules/add", {"action": "allow", "rule": "one.example", "exact": "yes"})
        said = await notice(browser)
        assert "allow exactly one.example, for everyone" in said
        assert "Good to know: nothing blocks it now." in said
        await browser.post("/rules/add", {"action": "allow", "rule": "one.example", "exact": "yes"})
        assert (await notice(browser)).startswith("● That was so already: allow exactly one.example")
        await browser.post("/rules/add", {"action": "deny", "rule": "one.example"})
        assert "It takes the place of allow exactly one.example, for everyone." in await notice(browser)
        await house.service.ruling.add(NewRule("deny", "two.example", group="kids"), ADMIN)
        await browser.post("/rules/add", {"action": "allow", "rule": "two.example"})
        assert "A narrower rule still wins: deny two.example and all below it, for group kids." in await notice(browser)

    open_house(scenario)


@pytest.mark.parametrize(
    ("fields", "where", "said"),
    [
        ({"rule": ""}, "rule", "which name, or which line as a list has it?"),
        ({"rule": "https://x.example/y"}, "rule", "did you mean &#34;allow exact x.example&#34;?"),
        ({"rule": "x.example", "client": "nobody's toaster?"}, "client", "nobody"),
        ({"rule": "x.example", "group": "grown-ups"}, "group", "there is no group"),
        ({"rule": "x.example", "group": "kids", "client": "192.0.2.1"}, "group", "not both"),
        ({"rule": "x.example", "for": "soon"}, "for", "soon"),
        ({"rule": "x.example", "comment": "x" * 501}, "comment", "500"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    open_house: Opener, fields: dict[str, str], where: str, said: str
) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post("/rules/add", {"action": "allow", "exact": "yes", "comment": "why not", **fields})
        assert reply.status in {400, 404}
        found = re.search(rf'<p class="wrong" id="add-{where}-wrong" role="alert">(.*?)</p>', reply.text)
        assert found, reply.text
        assert said in found[1]
        assert f'aria-describedby="add-{where}-wrong"' in reply.text
        assert f'name="rule" type="text" value="{fields["rule"]}"' in reply.text
        assert '<option value="allow" selected>' in reply.text
        assert 'name="exact" value="yes" checked' in reply.text
        assert f'value="{fields.get("comment", "why not")}"' in reply.text
        assert "<details open>" in reply.text
        assert await ours(house) == []

    open_house(scenario)


def test_a_link_fills_the_form_in(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        text = await (await house.sign_in()).page("/rules?rule=%3Cb%3E.example&do=allow")
        assert 'name="rule" type="text" value="&lt;b&gt;.example"' in text
        assert '<option value="allow" selected>' in text

    open_house(scenario)


def test_hostile_names_are_shown_harmlessly(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.ruling.add(NewRule("deny", text="/<script>alert(1)<.script>/", comment=MARKUP), MARKUP)
        await house.service.ruling.add(NewRule("deny", ".".join(["x" * 60] * 4)), ADMIN)
        browser = await house.sign_in()
        raw = await browser.page("/rules")
        page = Page(raw)
        assert [one for one in page.all("script") if not one.get("src")] == []
        assert not page.all("b")
        assert raw.replace("\n", "").isprintable()
        assert "/<script>alert(1)<.script>/" in page.text
        raw = await browser.page(f"/rules?find={'%3Cb%3E' * 9}&scope=%3Cb%3E")
        assert not Page(raw).all("b")

    open_house(scenario)


def test_the_page_is_there_when_the_database_is_not(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.ruling.add(NewRule("deny", "one.example"), ADMIN)
        browser = await house.sign_in()
        house.parts.database.close()
        assert "one.example" in names(await browser.page("/rules")), "rules are remembered"
        reply = await browser.post("/rules/add", {"action": "deny", "rule": "two.example"})
        assert reply.status == 503
        assert "the database cannot be used now" in reply.text

    open_house(scenario)


def test_members_may_not(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim = await house.sign_in("kim")
        for path in ("/rules", "/rules/bulk", "/rules/text", "/rules/suggestions"):
            assert (await house.get(path, token=None, headers={"Cookie": kim.cookies})).status == 403, path
        for path in ("/rules/add", "/rules/delete", "/rules/bulk", "/rules/suggestions"):
            assert (await kim.post(path, {"rule": "x.example", "text": "x.example"})).status == 403, path
        assert await ours(house) == []

    open_house(scenario)
