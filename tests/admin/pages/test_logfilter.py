"""How the page /log is asked: its conditions, what is wrong with them, and page by page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from msgspec.structs import replace

from resolver.admin.pages.log import ROWS
from tests.admin.household import House, Opener
from tests.admin.pages.reading import Reading
from tests.admin.pages.test_log import asleep, look, names, passed
from tests.admin.parts import UPSTREAM, row

FILTERS = [
    ("name=ads.example", {"t.ads.example", "n.ads.example"}),
    ("exact=t.ads.example", {"t.ads.example"}),
    ("part=.ADS", {"t.ads.example", "n.ads.example"}),
    ("client=192.0.2.20", {"www.example", "slow.example", "chat.example"}),
    ("group=kids", {"www.example", "slow.example", "chat.example"}),
    ("verdict=block", {"t.ads.example", "n.ads.example", "chat.example"}),
    ("list=schedules", {"chat.example"}),
    ("list=ads&rule=||t.ads.example^", {"t.ads.example"}),
    ("type=aaaa", {"www.example", "slow.example"}),
    ("origin=upstream", {"www.example", "slow.example"}),
    (f"upstream={UPSTREAM}", {"www.example", "slow.example"}),
    ("rcode=servfail", {"slow.example"}),
    ("slower=1500.5", {"slow.example"}),
    ("slower=25.3", {"slow.example"}),
    ("since=11:30", {"t.ads.example", "n.ads.example", "www.example", "slow.example", "chat.example"}),
    ("since=2026-01-01T11:59:01Z", set()),
    ("since=30m", {"t.ads.example", "n.ads.example", "www.example", "slow.example", "chat.example"}),
    ("since=2026-01-01 11:00&until=11:30", set()),
    ("until=2026-01-01T11:59:01Z", {"t.ads.example", "n.ads.example", "www.example", "slow.example", "chat.example"}),
    ("verdict=block&group=kids", {"chat.example"}),
]


def test_every_condition(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        slow = replace(passed("slow.example", rcode=2), took_us=2_000_000)
        blocked = [row(name, client="192.0.2.10") for name in ("t.ads.example", "n.ads.example")]
        await house.journal([*blocked, passed("www.example"), slow, asleep("chat.example")])
        browser = await house.sign_in()
        for query, wanted in FILTERS:
            given = dict(one.split("=", 1) for one in query.split("&"))
            page = await look(browser, f"/log?{urlencode(given)}")
            assert set(names(page)) == wanted, query
            assert page.forms["/log"].items() >= given.items() or "type" in given, query
            common = given.keys() <= {"name", "part", "client", "verdict", "since"}
            assert bool([one for one in page.all("details") if "open" in one]) is not common, query
            assert wanted or "Nothing in the log is like that." in page.text

    open_house(scenario)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "a..b", "empty label"),
        ("exact", "https://a.example/", "is a URL"),
        ("client", "nobody-here", "nobody"),
        ("type", "FOO", "not a record type"),
        ("rcode", "MAYBE", "MAYBE"),
        ("since", "yesterday", "is not a moment in the past: write 24h"),
        ("since", "+30m", "is not a moment in the past"),
        ("slower", "abc", "give milliseconds"),
        ("slower", "-1", "give milliseconds"),
        ("verdict", "maybe", "maybe"),
        ("until", "48h", ""),
        ("group", "a\u202eb", "cannot be printed"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(open_house: Opener, field: str, typed: str, said: str) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        given = {field: typed, **({"since": "24h"} if field == "until" else {})}
        headers = {"Cookie": browser.cookies}
        reply = await house.get(f"/log?{urlencode(given)}", token=None, headers=headers)
        page = Reading(reply.text)
        assert reply.status in {400, 404}
        (wrong,) = page.all("p", role="alert")
        assert wrong["id"] == f"filter-{field}-wrong"
        assert [one["name"] for _, one in page.elements if one.get("aria-describedby") == wrong["id"]] == [field]
        assert said in page.text
        assert field == "verdict" or page.forms["/log"][field] == typed
        assert not page.all("table")
        assert "data-live" not in reply.text

    open_house(scenario)


def test_conditions_that_there_are_not(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for query in ("colour=red", "cursor=0", "cursor=x", "newer=a", "newer=1,,2"):
            reply = await house.get(f"/log?{query}", token=None, headers={"Cookie": browser.cookies})
            assert reply.status == 400, query
            assert 'role="alert"' in reply.text, query

    open_house(scenario)


def test_empty_fields_are_left_out_of_the_address(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for query, tidy in (("name=&client=+&verdict=block", "/log?verdict=block"), ("name=&until=", "/log")):
            reply = await house.get(f"/log?{query}", token=None, headers={"Cookie": browser.cookies})
            assert (reply.status, reply.location) == (303, tidy)

    open_house(scenario)


def test_conditions_are_said_and_can_be_removed(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example"), row("x.ads.example"), row("t.ads.example", "pass")])
        browser = await house.sign_in()
        page = await look(browser, "/log?exact=t.ads.example&verdict=block")
        assert "verdict: blocked remove" in page.text
        without = page.links["Without verdict: blocked"]
        assert names(await look(browser, without)) == ["t.ads.example"] * 2
        assert names(await look(browser, page.links["Without this name alone: t.ads.example"])) == [
            "x.ads.example",
            "t.ads.example",
        ]
        assert len(names(await look(browser, page.links["Show everything"]))) == 3
        assert "t.ads.example" not in page.links, "these are that already"
        assert parse_qs(urlsplit(page.links["192.0.2.10"]).query) == {
            "exact": ["t.ads.example"],
            "verdict": ["block"],
            "client": ["192.0.2.10"],
        }

    open_house(scenario)


def test_page_by_page_and_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        every = [f"n{number}.ads.example" for number in range(3 * ROWS + 5)]
        await house.journal([row(name, "block" if n % 10 else "pass") for n, name in enumerate(every)])
        browser = await house.sign_in()
        seen, pages, page = [], [], await look(browser)
        assert 'data-live="2"' in page.raw
        while True:
            seen += names(page)
            pages.append(names(page))
            if "Older" not in page.links:
                break
            page = await look(browser, page.links["Older"])
            assert "data-live" not in page.raw
        assert seen == every[::-1]
        assert [len(one) for one in pages] == [ROWS, ROWS, ROWS, 5]
        for wanted in (pages[2], pages[1], pages[0]):
            page = await look(browser, page.links["Newer"])
            assert names(page) == wanted
        assert "Newer" not in page.links
        deep = await look(browser, (await look(browser)).links["Older"])
        assert names(await look(browser, deep.links["Newest"])) == pages[0]

    open_house(scenario)


def test_conditions_hold_on_every_page(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        rows = [row(f"n{n}.example", "block" if n % 2 else "pass", client=f"192.0.2.{n % 3 + 1}") for n in range(200)]
        await house.journal(rows)
        browser, seen = await house.sign_in(), 0
        page = await look(browser, "/log?verdict=block&client=192.0.2.1")
        while True:
            seen += len(names(page))
            assert "passed" not in page.text.partition("Besides")[0].partition("Queries")[2]
            if "Older" not in page.links:
                break
            page = await look(browser, page.links["Older"])
        assert seen == sum(n % 2 == 1 and n % 3 == 0 for n in range(200))

    open_house(scenario)


def test_the_way_back_is_known_for_twenty_pages(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row(f"n{n}.example") for n in range(24 * ROWS)])
        browser = await house.sign_in()
        page = await look(browser)
        for _ in range(23):
            page = await look(browser, page.links["Older"])
        assert names(page)[-1] == "n0.example"
        for _ in range(21):
            page = await look(browser, page.links["Newer"])
        assert names(page)[0] == f"n{24 * ROWS - 1}.example", "from where the way is forgotten it is the newest page"

    open_house(scenario)
