"""Sessions, forms and where they come from. That every route is closed at all is in test_app."""

import pytest

from resolver.admin.auth import COOKIE, SESSION
from tests.admin.household import TOKEN, Browser, House, Opener
from tests.admin.parts import NOON, StillClock

FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "garbage"},
    {"Origin": "http://[bad"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
]


def test_the_page_opens_with_the_token_or_a_session(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert (await house.get("/")).status == 200
        browser = await house.sign_in()
        assert "Last blocked" in await browser.page()

    open_house(scenario)


def test_a_session_does_not_open_the_api_nor_the_metrics(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for path in ("/api/v1/status", "/metrics"):
            assert (await house.get(path, token=None, headers={"Cookie": browser.cookies})).status == 401

    open_house(scenario)


def test_forged_and_ended_sessions_are_none(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        good = (await house.sign_in()).session
        end, nonce, signature = good.split(".")
        later = f"{int(end) + 1}.{nonce}.{signature}"
        forged = ["", "x", later, f"{end}.{nonce}.{'0' * 64}", f"{end}.{nonce}", "." * 9]
        for value in forged:
            reply = await house.get("/", token=None, headers={"Cookie": f"{COOKIE}={value}"})
            assert (reply.status, reply.location) == (303, "/login"), value
        house.clock.now = NOON + SESSION
        reply = await house.get("/", token=None, headers={"Cookie": f"{COOKIE}={good}"})
        assert reply.status == 303

    open_house(scenario)


def test_a_session_outlives_a_restart(open_house: Opener) -> None:
    kept: list[str] = []

    async def before(house: House) -> None:
        kept.append((await house.sign_in()).session)

    async def after(house: House) -> None:
        browser = Browser(house, kept[0])
        assert "Last blocked" in await browser.page()
        assert (await browser.post("/pause", {"for": "5m"})).status == 303
        assert len(house.service.pausing.in_force()) == 1

    open_house(before)
    open_house(after, StillClock(NOON + 86_400))


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_forms_of_other_sites_are_refused(open_house: Opener, headers: dict[str, str]) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post("/pause", {"for": "5m"}, headers=headers)
        assert reply.status == 403
        assert reply.error["code"] == "forbidden"
        assert house.service.pausing.in_force() == []
        reply = await house.call("POST", "/login", token=None, data={"token": TOKEN}, headers=headers)
        assert reply.status == 403
        assert reply.cookie() == ""

    open_house(scenario)


def test_forms_of_ours_are_taken(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for headers in (
            {"Origin": house.url},
            {"Origin": house.url.replace("http", "https")},
            {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
            {"Sec-Fetch-Site": "none"},
            {},
        ):
            reply = await browser.post("/pause", {"for": "5m"}, headers=headers)
            assert (reply.status, reply.location) == (303, "/"), headers

    open_house(scenario)


def test_a_form_needs_the_token_of_its_session(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser, other = await house.sign_in(), await house.sign_in()
        for wrong in ("", "0" * 64, await other.form_token(), TOKEN):
            reply = await browser.post("/allow", {"form": wrong, "name": "ads.example"})
            assert reply.status == 403, wrong
        assert await house.api("GET", "rules") == [await only_rule(house)]

    open_house(scenario)


async def only_rule(house: House) -> object:
    """The rule of the config, which no form can have added."""
    (rule,) = await house.api("GET", "rules")
    assert rule["origin"] == "config"
    return rule


@pytest.mark.parametrize("path", ["/allow", "/pause", "/resume", "/logout"])
def test_a_form_needs_a_session_even_with_the_bearer_token(open_house: Opener, path: str) -> None:
    async def scenario(house: House) -> None:
        reply = await house.call("POST", path, data={"name": "ads.example", "for": "5m"})
        assert (reply.status, reply.location) == (303, "/login")
        assert house.service.pausing.in_force() == []

    open_house(scenario)


def test_a_form_is_a_form(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        headers = {"Cookie": browser.cookies}
        reply = await house.call("POST", "/allow", token=None, json={"name": "x.example"}, headers=headers)
        assert reply.status == 415
        reply = await house.call("POST", "/allow", token=None, data={f"f{n}": "" for n in range(99)}, headers=headers)
        assert reply.status == 400
        reply = await house.call("POST", "/allow", token=None, data={"name": "x" * 70_000}, headers=headers)
        assert reply.status == 413

    open_house(scenario)
