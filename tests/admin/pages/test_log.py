"""The page /log: what it shows, and how it is asked."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from msgspec.structs import replace

from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.store.filters import LogPage
from resolver.wire.name import to_text
from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, TOKEN, House, Opener
from tests.admin.pages.reading import Reading
from tests.admin.parts import NOON, UPSTREAM, row

HOSTILE = r"<img\032src=x\032onerror=alert\0401\041>'.\226\128\174gpj.\000\010\034.ads.example"
LONG = ".".join(["\\000" * 15] * 15) + ".ads.example"
MARKUP = "<script>alert(1)</script>\"'><b>&amp;\u202e\u0007\x1b[2J"
TIMES = "\N{MULTIPLICATION SIGN}"
PLACE = 38_000
"""Bytes of a page that is full."""


def passed(name: str, **more: object) -> Row:
    """An answer that came from an upstream, unless something else is said."""
    exchange = replace(Exchange(name, 28, 0, "upstream", "pass", upstream=UPSTREAM), **more)
    return Row("192.0.2.20", "kids", exchange, 1, 25_300)


def asleep(name: str, client: str = "192.0.2.20") -> Row:
    exchange = Exchange(name, 1, 0, "local", "block", "schedules", "bedtime until 06:30")
    return Row(client, "kids", exchange, 1, 90)


async def look(browser: Browser, address: str = "/log") -> Reading:
    return Reading(await browser.page(address))


def names(page: Reading) -> list[str]:
    """The names in the rows, from above."""
    found = [urlsplit(one["href"] or "") for one in page.all("a") if (one.get("href") or "").startswith("/why?")]
    return [parse_qs(one.query)["name"][0] for one in found]


def test_a_row_says_it_all(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        one = replace(row("t.ads.example", count=3), client="192.0.2.10")
        await house.journal([one, passed("www.example"), passed("n.example", rcode=3, origin="cache", upstream="")])
        page = await look(await house.sign_in())
        assert len(page.all("h1")) == 1
        assert names(page) == ["n.example", "www.example", "t.ads.example"]
        for said in (
            "11:59:00 192.0.2.20 n.example AAAA ○ passed NXDOMAIN from the cache 25 ms Block Why",
            "11:59:00 192.0.2.20 www.example AAAA ○ passed NOERROR from 192.0.2.53 25 ms Block Why",
            f"11:59:00 192.0.2.10 t.ads.example {TIMES} 3 A ■ blocked by ads: ||t.ads.example^ NOERROR",
            "That is the end of the log.",
        ):
            assert said in page.text, said
        assert page.all("a", href="/why?name=www.example&client=192.0.2.20&type=AAAA")
        assert page.links["||t.ads.example^"] == "/log?rule=%7C%7Ct.ads.example%5E"
        assert page.links["192.0.2.10"] == "/log?client=192.0.2.10"

    open_house(scenario)


def test_what_is_not_of_today_has_its_day(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("old.example")], NOON - 86_400)
        page = await look(await house.sign_in())
        assert "2025-12-31 12:00:00" in page.text
        assert page.all("time", datetime="2025-12-31T12:00:00Z")

    open_house(scenario)


def test_via_and_shadow_are_there_where_there_is_something(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("shop.example", via="t.ads.example"), row("x.example", "pass", shadow="trial: ||x^")])
        page = await look(await house.sign_in())
        assert page.text.count("an alias of t.ads.example") == 1
        assert page.text.count("would have been blocked by trial: ||x^") == 1

    open_house(scenario)


def test_a_look_that_took_too_long_says_how_far_it_came(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("www.example", "pass")])
        browser = await house.sign_in()
        monkeypatch.setattr(house.parts.queries, "log", lambda *_: LogPage([], 8192, NOON - 3600))
        page = await look(browser, "/log?verdict=block")
        assert "Looking took too long: this is what there is back to 2026-01-01 11:00:00." in page.text
        assert page.links["Look further back"] == "/log?verdict=block&cursor=8192&newer=0"
        assert "Nothing in" not in page.text
        assert "Nothing was asked" not in page.text

    open_house(scenario)


def test_files_of_what_is_shown(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example"), row("www.example", "pass")])
        browser = await house.sign_in()
        page = await look(browser, "/log?verdict=block&since=11:00")
        for name in ("CSV", "JSON Lines"):
            reply = await browser.ask("GET", page.links[name].removeprefix("/api/v1/"))
            assert reply.status == 200
            assert "t.ads.example" in reply.text
            assert "www.example" not in reply.text

    open_house(scenario)


def test_hostile_names_are_harmless(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        bad = Exchange(HOSTILE, 1, 0, "upstream", "block", MARKUP, MARKUP, MARKUP, MARKUP, shadow=MARKUP)
        labels = [bytes(range(start, min(start + 63, 256))) for start in range(0, 256, 63)]
        all_bytes = [
            to_text(b"".join(bytes((len(one),)) + one for one in part).lower() + b"\0")
            for part in (labels[:3], labels[3:])
        ]
        rows = [row(HOSTILE), row(LONG), *map(row, all_bytes), Row(MARKUP, MARKUP, bad, 2, 90), row(MARKUP)]
        await house.journal(rows)
        browser = await house.sign_in()
        raw = await browser.page("/log")
        page = Reading(raw)
        assert len(page.all("script")) == 1, "that of ours"
        assert not page.all("img")
        assert not page.all("b")
        assert raw.replace("\n", "").isprintable(), "no control and no direction marks"
        assert names(page) == [MARKUP], "the others are long"
        led = [str(one["href"]) for one in page.all("a") if str(one.get("href")).startswith("/log/why?row=")]
        headers = {"Cookie": browser.cookies}
        places = [(await house.get(one, token=None, headers=headers)).location for one in led]
        every = [HOSTILE, *all_bytes[::-1], LONG, HOSTILE]
        assert [parse_qs(urlsplit(one).query)["name"][0] for one in places] == every
        assert LONG not in page.text
        for name in (HOSTILE, LONG, *all_bytes):
            found = await look(browser, f"/log?{urlencode({'exact': name})}")
            assert len(found.all("tr")) > 1, name
            assert found.forms["/log"]["exact"] == name
        seen = await look(browser, f"/log?{urlencode({'part': '<b>' + chr(34), 'list': '<i>'})}")
        assert not seen.all("b")
        assert not seen.all("i")

    open_house(scenario)


def test_long_names_and_rules_are_led_to(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row(LONG)])
        browser = await house.sign_in()
        headers = {"Cookie": browser.cookies}
        for to, wanted in (
            ("name", "/log?" + urlencode({"exact": LONG})),
            ("rule", "/log?" + urlencode({"rule": f"||{LONG}^"})),
            ("why", "/why?" + urlencode({"name": LONG, "client": "192.0.2.10"})),
        ):
            reply = await house.get(f"/log/{to}?row=1.{NOON - 60}", token=None, headers=headers)
            assert (reply.status, reply.location) == (303, wanted)
            for row_ in ("", "1", f"2.{NOON - 60}", f"1.{NOON}"):
                assert (await house.get(f"/log/{to}?row={row_}", token=None, headers=headers)).status in {400, 404}

    open_house(scenario)


def test_what_privacy_left_out_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("", client=""), row("n.example", client="~9c2f0e41b7a5")])
        browser = await house.sign_in()
        page = await look(browser)
        assert page.text.count("not kept") == 2
        assert names(page) == ["n.example"]
        assert page.all("a", href="/why?name=n.example")
        assert [one for one in page.buttons if one.startswith("Allow")] == ["Allow n.example"]
        assert len(names(await look(browser, page.links["~9c2f0e41b7a5"]))) == 1

    open_house(scenario)


def test_the_page_is_there_when_the_database_is_not(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.parts.database.close()
        page = await look(browser, "/log?verdict=block")
        assert "What was asked cannot be shown: the database cannot be used now" in page.text
        assert page.forms["/log"]["verdict"] == "block"
        assert "/log/act" not in page.forms
        assert "Nothing in" not in page.text
        assert "Nothing was asked" not in page.text

    open_house(scenario)


def test_nothing_was_asked_yet(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(await house.sign_in())
        assert "Nothing was asked yet." in page.text
        assert not page.all("table")

    open_house(scenario)


def test_who_only_looks_has_no_buttons(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        page = Reading((await house.get("/log", token=TOKEN)).text)
        assert names(page) == ["t.ads.example"]
        assert list(page.forms) == ["/log"]
        await house.add("kim")
        kim = await house.sign_in("kim")
        reply = await house.get("/log", token=None, headers={"Cookie": kim.cookies})
        assert reply.status == 403
        assert (await house.get("/log", token=None)).location == "/login?next=/log"

    open_house(scenario)


def test_a_full_page_is_small_and_quick(open_house: Opener) -> None:
    """Rows as they are in a house; and 20,000 of them behind it."""

    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        some = ["www.example.org", "incoming.telemetry.example.net", "a1931.dscgi3.cdn.example.com", "t.ads.example"]
        rows = [
            row(f"n{n}.{some[n % 4]}", client=f"192.0.2.{n % 9}")
            if n % 3 == 0
            else replace(passed(f"n{n}.{some[n % 4]}"), client=f"192.0.2.{n % 9}")
            for n in range(20_000)
        ]
        await house.journal(rows, NOON - 3600)
        browser = await house.sign_in()
        took, size = [], 0
        for _ in range(10):
            began = time.perf_counter()
            size = len((await browser.page("/log")).encode())
            took.append(time.perf_counter() - began)
        assert size <= PLACE
        assert min(took) < 0.05, took

    open_house(scenario)
