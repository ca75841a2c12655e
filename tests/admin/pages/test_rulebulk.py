"""The pages where many rules are handled: as text, and those that could go."""

from __future__ import annotations

import io
import re
from urllib.parse import urlencode

import pytest

from resolver.admin.pages.rulebulk import LARGEST, ROOM
from resolver.admin.rulebodies import BULK_LINES, NewRule, NewRules, RuleInfo
from tests.admin.browsing import Browser, Reply
from tests.admin.household import ADMIN, House, Opener
from tests.admin.pages.test_home import MARKUP, Page

TEXT = "allow one.example\n# a comment\ndeny exact two.example\n||three.example^\nno rule at all\nallow one.example\n"


async def ours(house: House) -> list[RuleInfo]:
    return [rule for rule in await house.service.ruling.every() if rule.id is not None]


def report(text: str) -> list[tuple[str, str]]:
    """Line numbers, and what became of each."""
    rows = re.findall(r'data-label="Line">([\d,]+)</td>\n<td[^>]*data-label="What">(.*?)</td>', text)
    return [(line, re.sub(r"<[^>]*>", "", what).strip("●▲ ")) for line, what in rows]


def area(text: str) -> str:
    """What is in the text."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", text, re.DOTALL)
    assert found
    return found[1]


async def send(browser: Browser, text: str, **more: str) -> Reply:
    """As a browser does: with CRLF for the ends of lines."""
    fields = {"form": await browser.form_token(), "text": text.replace("\n", "\r\n"), **more}
    data = io.BytesIO(urlencode(fields).encode())
    headers = {"Cookie": browser.cookies, "Content-Type": "application/x-www-form-urlencoded"}
    return await browser.house.call("POST", "/rules/bulk", token=None, data=data, headers=headers)


def test_each_line_is_reported_and_those_in_error_stay(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await send(browser, TEXT, group="kids", comment="from a friend")
        assert reply.status == 200
        told = report(reply.text)
        assert [line for line, _ in told] == ["1", "3", "4", "5", "6"]
        assert [what for _, what in told[:3]] == ["added"] * 3
        assert told[3][1].startswith("error: ")
        assert told[4][1] == "holds already: it is what allow one.example says"
        assert area(reply.text) == "no rule at all"
        said = " ".join(Page(reply.text).text.split())
        assert "3 rules are added. One line says what holds already. One line is in error." in said
        rules = await ours(house)
        assert [(rule.action, rule.what) for rule in rules] == [
            ("allow", "one.example"),
            ("deny", "exact two.example"),
            ("deny", "three.example"),
        ]
        assert {(rule.group, rule.comment) for rule in rules} == {("kids", "from a friend")}
        undo = re.search(r'action="/audit/undo">.*?name="id" value="(\d+)"', reply.text, re.DOTALL)
        assert undo
        assert (await browser.post("/audit/undo", {"id": undo[1]})).status == 303
        assert await ours(house) == []

    open_house(scenario)


def test_a_mebibyte_is_taken_and_no_more(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        names = [f"n{number}.{'x' * 60}.{'y' * 60}.{'z' * 60}.example" for number in range(BULK_LINES)]
        reply = await send(browser, "\n".join(names), action="deny")
        assert reply.status == 200
        assert len(await ours(house)) == BULK_LINES
        assert len(reply.text.encode()) < 38_000
        assert f"These are 50 of {BULK_LINES:,} lines" in reply.text
        reply = await send(browser, "\n".join([*names, "one.more.example"]))
        assert reply.status == 400
        assert '<p class="wrong" id="bulk-text-wrong" role="alert">5,001 lines; at most 5,000' in reply.text
        assert area(reply.text).endswith("one.more.example"), "what was typed stays"
        reply = await send(browser, "x" * LARGEST)
        assert reply.status == 413
        assert len(await ours(house)) == BULK_LINES

    open_house(scenario)


@pytest.mark.parametrize(
    ("more", "where"),
    [({"for": "soon"}, "for"), ({"group": "grown-ups"}, "group"), ({"action": "dance"}, "action")],
)
def test_what_is_wrong_is_said_beside_the_field(open_house: Opener, more: dict[str, str], where: str) -> None:
    async def scenario(house: House) -> None:
        reply = await send(await house.sign_in(), TEXT, **more)
        assert reply.status == 400
        assert f'id="bulk-{where}-wrong" role="alert"' in reply.text
        assert area(reply.text).splitlines() == TEXT.splitlines()
        assert await ours(house) == []

    open_house(scenario)


def test_a_form_of_somebody_else_is_refused_however_large(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        fields = {"text": "allow one.example\n" * 40_000, "form": "0" * 64}
        assert (await browser.post("/rules/bulk", fields)).status == 403
        sent = {"Sec-Fetch-Site": "cross-site"}
        assert (await browser.post("/rules/bulk", {"text": TEXT}, headers=sent)).status == 403
        assert await ours(house) == []

    open_house(scenario)


def test_the_rules_of_a_scope_as_text_mean_the_same_again(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        ruling = house.service.ruling
        lines = ["allow one.example", "deny exact two.example", "deny ||x.example^$dnstype=AAAA", "deny /^ad[0-9]+[.]/"]
        await ruling.add_many(NewRules("\n".join(lines)), ADMIN)
        await ruling.add(NewRule("deny", "soon.example", duration="10m"), ADMIN)
        await ruling.add(NewRule("deny", "theirs.example", group="kids"), ADMIN)
        await ruling.add(NewRule("deny", "mine.example", client="192.0.2.9"), ADMIN)
        browser = await house.sign_in()
        assert (await browser.page("/rules/text")).splitlines() == lines
        assert (await browser.page("/rules/text?scope=group:kids")).splitlines() == ["deny theirs.example"]
        assert (await browser.page("/rules/text?scope=client:192.0.2.9")).splitlines() == ["deny mine.example"]
        assert (await browser.page("/rules/text?scope=group:x")) == ""
        shown = await browser.page("/rules/bulk?scope=everyone")
        assert area(shown).splitlines() == lines
        reply = await send(browser, area(shown))
        assert [what[:14] for _, what in report(reply.text)] == ["holds already:"] * 4
        assert area(await browser.page("/rules/bulk")) == ""

    open_house(scenario)


def test_of_very_many_rules_the_page_shows_the_first(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.ruling.add_many(NewRules("\n".join(f"deny n{n}.example" for n in range(2_000))), ADMIN)
        browser = await house.sign_in()
        page = await browser.page("/rules/bulk?scope=everyone")
        shown = area(page).splitlines()
        assert len(area(page)) <= ROOM
        assert f"{2_000 - len(shown):,} more rules do not fit here." in page
        assert len((await browser.page("/rules/text")).splitlines()) == 2_000

    open_house(scenario)


def test_hostile_text_is_shown_harmlessly(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        reply = await send(await house.sign_in(), f"</textarea>{MARKUP}\n/<b>[/\nallow <img/src=x>", comment=MARKUP)
        page = Page(reply.text)
        assert [one for one in page.all("script") if not one.get("src")] == []
        assert not page.all("b")
        assert not page.all("img")
        assert page.text.count("error: ") == 3

    open_house(scenario)


def test_rules_that_could_go_are_looked_for_and_deleted(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.ruling.add(NewRule("allow", "nobody.blocks.this.example"), ADMIN)
        await house.service.ruling.add(NewRule("allow", "t.ads.example"), ADMIN)
        browser = await house.sign_in()
        assert "Nobody has looked yet." in await browser.page("/rules/suggestions")
        begun = await browser.post("/rules/suggestions")
        assert begun.status == 303
        id = re.fullmatch(r"/rules/suggestions\?job=([0-9a-f]+)", begun.location)
        assert id
        running = await browser.page(begun.location)
        assert ('<meta http-equiv="refresh" content="2">' in running) is ("data-live" in running)
        await house.ended(id[1])
        text = await browser.page(begun.location)
        assert "data-live" not in text
        assert "nobody.blocks.this.example" in text
        assert "t.ads.example" not in text
        (rule,) = re.findall(r'name="(rule-\d+)"', text)
        await browser.post("/rules/delete", {rule: "yes", "back": begun.location})
        text = await browser.page(begun.location)
        assert "Deleted: allow nobody.blocks.this.example." in text
        assert "Every rule is of use." in text, "what is gone is no longer suggested"
        assert [one.name for one in await ours(house)] == ["t.ads.example"]
        assert "Look again." in await browser.page("/rules/suggestions?job=0123456789abcdef")

    open_house(scenario)
