"""What the forms about upstreams do: testing one, and choosing others."""

from __future__ import annotations

import pathlib

import msgspec
import pytest

from resolver.config.schema import Config
from resolver.config.upstreams import upstream
from resolver.lists.catalogue import Catalogue
from tests.admin.household import House, Opener, config_of
from tests.admin.pages.test_home import MARKUP, Page, is_harmless
from tests.admin.pages.test_upstreams import OTHER, look
from tests.probes.town import failing, name_server, zone


def configured(lists: pathlib.Path, *urls: str) -> Config:
    config = config_of(lists)
    return msgspec.structs.replace(config, upstreams=tuple(map(upstream, urls)))


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue that ships with Lull, with its providers."""
    monkeypatch.setattr("tests.admin.household.Catalogue", lambda *_: Catalogue.load())


def test_testing_one(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        async with (
            name_server(zone(". 60 SOA a.example. b.example. 1 2 3 4 5")) as (server, good),
            name_server(failing) as (_, bad),
        ):
            urls = [good.url("udp"), bad.url("udp")]
            house.service.config = configured(open_house.lists, *urls)
            reply = await browser.post("/upstreams/test", {"url": urls[0]})
            assert reply.status == 303
            assert reply.location.startswith("/upstreams?job=")
            await browser.page(reply.location)
            await house.ended(reply.location.partition("=")[2])
            page = await look(browser, reply.location)
            assert f"● works: {urls[0]} answers in " in page.words
            assert len(server.queries) == 2
            reply = await browser.post("/upstreams/test", {"url": urls[1]})
            await house.ended(reply.location.partition("=")[2])
            assert f"▲ does not work: {urls[1]}: it answers SERVFAIL." in (await look(browser, reply.location)).words
            reply = await browser.post("/upstreams/test", {"url": "udp://192.0.2.99"})
            assert reply.location == "/upstreams"
            assert "is none of the upstreams in use" in (await look(browser)).words, "nobody else is asked from here"
        assert "That test is over" in (await look(browser, "/upstreams?job=none")).words

    open_house(scenario)


@pytest.mark.usefixtures("whole")
def test_choosing_others(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await look(browser)
        assert "quad9 Quad9. Blocks malware and phishing. Logs: no addresses of clients." in page.words
        assert "nextdns:ID" in page.words
        reply = await browser.post("/upstreams/choose", {"upstreams": f"quad9\r\n\r\n {OTHER} \r\nudp://192.0.2.7"})
        assert (reply.status, reply.location) == (303, "/upstreams")
        urls = [one.url for one in house.service.config.upstreams]
        assert urls[-1] == "udp://192.0.2.7"
        assert len(urls) == 4
        page = await look(browser)
        assert f"Queries are forwarded to quad9, {OTHER}, udp://192.0.2.7 now." in page.words
        assert "Chosen here by anna" in page.words
        assert f"quad9 {OTHER} udp://192.0.2.7" in page.words, "in the form, as it was typed"
        await browser.post("/upstreams/strategy", {"strategy": "ordered"})
        assert house.service.choices.of("strategy").value == "ordered"
        for path in ("upstreams", "strategy"):
            await browser.post("/upstreams/file", {"path": path})
        assert house.service.choices.of("strategy").value == house.service.config.strategy == "fastest"
        assert [one.url for one in house.service.config.upstreams] == ["udp://9.9.9.9", "udp://149.112.112.112"]
        await browser.post("/upstreams/file", {"path": "log.keep"})
        assert "Nothing was changed: " in (await look(browser)).words

    open_house(scenario)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "name one upstream at least"),
        ("quad8", 'did you mean "quad9"'),
        ("9.9.9.9", 'did you mean "udp://9.9.9.9"'),
        ("udp://192.0.2.7\nudp://192.0.2.7", "udp://192.0.2.7"),
        (MARKUP, "<script>alert(1)</script>"),
        ("system:x", "has no ID"),
    ],
)
@pytest.mark.usefixtures("whole")
def test_what_is_wrong_is_said_beside_the_field(open_house: Opener, typed: str, said: str) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        before = house.service.config.upstreams
        reply = await browser.post("/upstreams/choose", {"upstreams": typed})
        assert reply.status == 400, reply.location
        page = Page(reply.text)
        (bad,) = [attributes for _, attributes in page.elements if "aria-invalid" in attributes]
        assert bad["name"] == "upstreams"
        assert said in page.words
        assert is_harmless(page)
        assert house.service.config.upstreams == before

    open_house(scenario)


def test_a_strategy_that_is_none(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post("/upstreams/strategy", {"strategy": "slowest"})
        assert reply.status == 400
        assert 'name="strategy" aria-invalid' in reply.text.replace("\n", " ")

    open_house(scenario)


def test_who_may(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        browser = await house.sign_in("kim")
        for path in ("test", "choose", "strategy", "file"):
            assert (await browser.post(f"/upstreams/{path}", {"upstreams": "quad9"})).status == 403
        reply = await house.get("/upstreams", token=None, headers={"Cookie": browser.cookies})
        assert reply.status in {303, 403}

    open_house(scenario)
