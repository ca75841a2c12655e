"""The page of upstreams: how they are and were, testing them, and choosing others."""

from __future__ import annotations

import msgspec

from resolver.admin.pages.upstreams import STRATEGIES
from resolver.config.schema import Config
from resolver.config.upstreams import upstream
from resolver.journal import frames
from resolver.model import Exchange, UpstreamHealth
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener
from tests.admin.pages.test_home import MARKUP, Page, is_harmless
from tests.admin.parts import NOON, UPSTREAM, until
from tests.probes.town import name_server, zone

OTHER = "tls://9.9.9.9:853#dns.quad9.net"


async def look(browser: Browser, path: str = "/upstreams") -> Page:
    return Page(await browser.page(path))


def answered(url: str, ms: float, count: int = 1, rcode: int = 0) -> frames.Row:
    exchange = Exchange("a.example", 1, rcode, "upstream", "pass", upstream=url)
    return frames.Row("192.0.2.1", "default", exchange, count, int(ms * 1000))


async def healths(house: House, *ones: UpstreamHealth) -> None:
    before = next(worker.health for worker in house.parts.hub.workers)
    assert before is not None
    house.worker.send(msgspec.structs.replace(before, upstreams=list(ones)))
    await until(lambda: [one.url for one in house.service.status().upstreams] == [one.url for one in ones])


def test_until_workers_ask_others_the_page_says_that_they_do_not_yet(open_house: Opener) -> None:
    said = "Others were chosen just now."

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        urls = [one.url for one in house.service.config.upstreams]
        await healths(house, *(UpstreamHealth(url, True, NOON, 9, 9, 0, "") for url in urls))
        assert said not in (await look(browser)).words
        await house.api("PUT", "choices/upstreams", {"value": ["udp://192.0.2.77"]})
        assert said in (await look(browser)).words
        await healths(house, UpstreamHealth("udp://192.0.2.77", True, NOON, 9, 9, 0, ""))
        assert said not in (await look(browser)).words

    open_house(scenario)


def test_how_they_are(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await look(browser)
        assert "The upstream answers." in page.words
        assert f"{UPSTREAM} ● answers" in page.words
        assert "half in 11.0 ms 95 of 100 in 31.0 ms 7 2 failed" in page.words.replace("ms95", "ms 95").replace(
            "72", "7 2"
        )
        assert is_harmless(page)
        await healths(
            house,
            UpstreamHealth(OTHER, False, NOON - 600, 0, 9, 9, MARKUP, loss=1.0),
            UpstreamHealth(UPSTREAM, True, NOON - 9, 1, 9, 0, "", purpose="names of lan", doubtful=True),
            UpstreamHealth("udp://192.0.2.54", True, NOON, 0, 0, 0, "", purpose="fallback"),
        )
        page = await look(browser)
        assert "1 of 3 upstreams does not answer." in page.words
        assert "▲ does not answer" in page.words
        assert "<script>alert(1)</script>" in page.words
        assert "● is being looked for" in page.words
        assert "names of lan" in page.words
        assert "● not asked yet" in page.words
        assert "only while the others say nothing" in page.words
        assert is_harmless(page)

    open_house(scenario)


def test_the_last_24_hours(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await healths(house, *(UpstreamHealth(url, True, NOON, 9, 9, 0, "") for url in (UPSTREAM, OTHER)))
        for hour in range(30):
            await house.journal([answered(UPSTREAM, 15, 9), answered(UPSTREAM, 15, 1, rcode=2)], NOON - hour * 3600)
        await house.journal([answered("", 5000, 3, rcode=2), answered(OTHER, 900)], NOON - 3 * 3600)
        text = await browser.page("/upstreams")
        assert len(text.encode()) < 38_000
        page = Page(text)
        assert f"The last 24 hours of {UPSTREAM}" in page.words, "which answered most"
        assert "It answered 240 queries in the last 24 hours, and failed at 24 of them." in page.words
        assert "In the last 24 hours 3 queries were answered by nobody." in page.words
        svgs = [one for one in page.all("svg") if one.get("role") == "img"]
        assert len(svgs) == 2
        assert len([one for one in page.all("rect") if one["class"] == "k-failed"]) == 24
        assert len(page.all("polyline")) == 2
        assert page.words.count("10 1 15") == 0
        page = await look(browser, f"/upstreams?url={OTHER.replace('#', '%23')}")
        assert f"The last 24 hours of {OTHER}" in page.words
        assert "It answered 1 query in the last 24 hours, and failed at 0 of them." in page.words
        assert is_harmless(await look(browser, "/upstreams?url=%3Cscript%3E"))

    open_house(scenario)


def test_without_the_database_they_are_shown(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.parts.database.close()
        page = await look(browser)
        assert "▲ How they were is not known: " in page.words
        assert "● answers" in page.words

    open_house(scenario)


def test_without_a_worker_nothing_is_known(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.worker.close()
        await until(lambda: not list(house.parts.hub.workers))
        assert "Nothing is known of upstreams right now: no worker is connected." in (await look(browser)).words

    open_house(scenario)


def test_the_api_tells_and_tests(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([answered(UPSTREAM, 15, 9), answered("", 5000, 2, rcode=2)], NOON - 60)
        found = await house.api("GET", "upstreams?hours=2")
        assert found["since"] == NOON - 3600
        (one,) = found["upstreams"]
        assert (one["url"], one["up"]) == (UPSTREAM, True)
        (hour,) = one["hours"]
        assert (hour["at"], hour["count"], hour["failed"]) == (NOON - 3600, 9, 0)
        assert found["unanswered"] == [{"at": NOON - 3600, "count": 2}]
        assert (await house.get("/api/v1/upstreams?hours=0")).status == 400
        assert (await house.call("POST", "/api/v1/upstreams/test", json={"url": "udp://192.0.2.99"})).status == 404
        async with name_server(zone("lan. 60 SOA a.lan. b.lan. 1 2 3 4 5")) as (server, address):
            url = address.url("udp")
            forward = {"lan": (upstream(url),)}
            house.service.config = msgspec.structs.replace(house.service.config, forward=forward)
            tested = await house.api("POST", "upstreams/test", {"url": url})
            assert (tested["url"], tested["works"], tested["reason"]) == (url, True, "")
            assert server.queries

    open_house(scenario)


def test_every_strategy_has_words() -> None:
    field = next(one for one in msgspec.structs.fields(Config) if one.name == "strategy")
    assert set(STRATEGIES) <= set(str(field.type).split("'"))
    assert len(STRATEGIES) == 5
