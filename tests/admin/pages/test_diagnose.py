"""The page /diagnose: begun by a form, looked at while it goes on, and what was found in plain words."""

from __future__ import annotations

import asyncio
from typing import get_args
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from resolver.admin.diagnosing import KIND
from resolver.admin.jobs import Report
from resolver.admin.pages.diagnose import ANSWERS
from resolver.diagnosis.findings import Finding
from tests.admin.api.test_diagnose import NAME, Outside, outside
from tests.admin.browsing import Browser, Reply
from tests.admin.household import House, Opener
from tests.admin.pages.reading import Reading
from tests.admin.pages.test_log import HOSTILE, MARKUP


async def look(browser: Browser, address: str = "/diagnose") -> Reading:
    return Reading(await browser.page(address))


async def begin(browser: Browser, **fields: str) -> Reply:
    return await browser.post("/diagnose/begin", {"name": NAME, **fields})


async def over(house: House, browser: Browser, reply: Reply) -> Reading:
    """The page of a diagnosis, when that has ended."""
    assert reply.status == 303, reply.text
    await house.ended(parse_qs(urlsplit(reply.location).query)["job"][0])
    return await look(browser, reply.location)


def test_every_finding_answers_the_question() -> None:
    assert ANSWERS.keys() == {str(one.__struct_config__.tag) for one in get_args(Finding)}


def test_the_form(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await look(browser)
        assert len(page.all("h1")) == 1
        assert "Is it the DNS or the site?" in page.text
        assert page.forms["/diagnose/begin"]["name"] == ""
        assert not page.all("meta", **{"http-equiv": "refresh"})
        filled = await look(browser, "/diagnose?name=https://www.example/x&client=192.0.2.20")
        assert filled.forms["/diagnose/begin"].items() >= {("name", "www.example"), ("client", "192.0.2.20")}

    open_house(scenario)


def test_what_was_found(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        browser = await town.house.sign_in()
        reply = await begin(browser, client="192.0.2.20")
        assert reply.location.startswith(f"/diagnose?name={NAME}&client=192.0.2.20&job=")
        page = await over(town.house, browser, reply)
        assert not page.all("meta", **{"http-equiv": "refresh"})
        assert "data-live" not in page.raw
        told = page.text
        assert (
            told.index("It is the site.")
            < told.index("The site is down: www.example is at 127.0.0.1")
            < told.index("The DNS is fine; wait, or ask those who run it.")
        )
        here, there = town.places["own"], town.places["upstream"]
        assert f"127.0.0.1:{here.port} this DNS itself NOERROR" in told
        assert f"{there.url('udp')} upstream NOERROR" in told
        assert "the upstream, asked in another way" in told
        assert told.count("agrees") == 3
        assert "127.0.0.1 443" in told
        assert page.links["Why, and how to change it"] == "/why?name=www.example&client=192.0.2.20"
        assert page.forms["/diagnose/begin"].items() >= {("name", NAME), ("client", "192.0.2.20")}
        assert f"asking {there.url('udp')}" in told

    outside(open_house, scenario)


def test_while_it_is_under_way(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        forever = asyncio.Event()

        async def work(report: Report) -> None:
            report.say(f"asking {MARKUP} …")
            report.progress(40)
            await forever.wait()

        browser = await house.sign_in()
        job = house.service.jobs.begin(KIND, f"diagnose {MARKUP}", work)
        await house.service.jobs.one(job.id, lambda _: True, 1.0)
        page = await look(browser, f"/diagnose?job={job.id}")
        assert 'id="job" aria-label="Diagnosis" data-live="1"' in page.raw
        assert page.all("meta", **{"http-equiv": "refresh"})
        assert "under way, 40 %" in page.text
        assert "asking <script>" in page.text
        assert not page.all("b")
        assert page.raw.replace("\n", "").isprintable()
        house.service.jobs.end(job.id, lambda _: True)

    open_house(scenario)


def test_blocked_is_a_rule_of_this_house(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        browser = await town.house.sign_in()
        page = await over(town.house, browser, await begin(browser, name="t.ads.example"))
        assert "▲ It is a rule of this house. t.ads.example is blocked by ads: ||ads.example^." in page.text
        assert "To allow it: lull allow t.ads.example" in page.text

    outside(open_house, scenario)


@pytest.mark.parametrize(
    ("fields", "status", "field", "said"),
    [
        ({"name": ""}, 400, "name", "which name is it about?"),
        ({"name": "a..b"}, 400, "name", "empty label"),
        ({"client": "nobody-here"}, 404, "client", "nobody"),
        ({"client": "x" * 65}, 400, "client", "length"),
        ({"also": "dns.example"}, 400, "also", "dns.example"),
        ({"also": "1.1.1.1 8.8.8.8,9.9.9.9\n8.8.4.4"}, 400, "also", "3 at most, not 4"),
        ({"also": "198.51.100.9"}, 409, "also", "it would learn that somebody asks for www.example"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    open_house: Opener, fields: dict[str, str], status: int, field: str, said: str
) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await begin(browser, **fields)
        page = Reading(reply.text)
        assert reply.status == status
        (wrong,) = page.all("p", role="alert")
        assert wrong["id"] == f"diagnose-{field}-wrong"
        assert said in page.text
        assert page.forms["/diagnose/begin"][field] == fields[field]
        assert bool([one for one in page.all("details") if "open" in one]) is (field == "also")
        assert house.service.jobs.every(lambda _: True) == []

    open_house(scenario)


def test_others_are_asked_if_that_is_agreed_to(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        browser, also = await town.house.sign_in(), town.places["also"].url("udp")
        assert (await begin(browser, also=also)).status == 409
        assert town.also.queries == []
        page = await over(town.house, browser, await begin(browser, also=f" {also} ", agreed="yes"))
        assert f"{also} not configured here NOERROR" in page.text
        assert page.forms["/diagnose/begin"]["also"] == also
        assert "agreed" not in page.forms["/diagnose/begin"], "to agree once is not to agree for good"

    outside(open_house, scenario)


def test_jobs_that_are_none_of_these(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        other = house.service.jobs.begin("lists", "look for new versions", lambda _: done())
        for id in (other.id, "abc", MARKUP):
            page = await look(browser, f"/diagnose?{urlencode({'job': id})}")
            assert "There is no such diagnosis any more: begin it again." in page.text
            assert "look for new versions" not in page.text
            assert not page.all("b")

    async def done() -> None:
        return None

    open_house(scenario)


def test_hostile_names_are_harmless(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        browser = await town.house.sign_in()
        page = await over(town.house, browser, await begin(browser, name=HOSTILE))
        assert page.raw.replace("\n", "").isprintable()
        assert not page.all("img")
        assert page.forms["/diagnose/begin"]["name"] == HOSTILE
        assert "is blocked" in page.text

    outside(open_house, scenario)
