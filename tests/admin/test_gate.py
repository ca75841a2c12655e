"""Sessions, tokens, forms and where they come from. Who may do what is in test_roles, attacks are in test_attacks."""

import pytest

from resolver.admin.pages.cookies import SESSION as COOKIE
from resolver.store.sessions import IDLE, LIFE
from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, PASSWORD, TOKEN, House, Opener
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


def test_a_session_opens_the_api_for_pages_of_ours(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        cookie = {"Cookie": browser.cookies}
        for path in ("/api/v1/status", "/metrics"):
            assert (await house.get(path, token=None, headers=cookie)).status == 200
        rule = {"action": "deny", "name": "x.example"}
        for headers, status in (
            ({"Sec-Fetch-Site": "same-origin"}, 201),
            ({"Origin": house.url}, 200),
            ({}, 403),
            ({"Sec-Fetch-Site": "none"}, 403),
            *((one, 403) for one in FOREIGN),
        ):
            reply = await house.call("POST", "/api/v1/rules", token=None, json=rule, headers={**cookie, **headers})
            assert reply.status == status, headers

    open_house(scenario)


def test_with_a_session_the_api_takes_json_alone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        headers = {"Cookie": browser.cookies, "Sec-Fetch-Site": "same-origin"}
        for content in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            sent = {**headers, "Content-Type": content}
            reply = await house.call("POST", "/api/v1/pause", token=None, data=b'{"for": "5m"}', headers=sent)
            assert reply.status == 415, content
            assert (await house.call("DELETE", "/api/v1/pause", token=None, headers=sent)).status == 415
        assert (await house.call("DELETE", "/api/v1/pause", token=None, headers=headers)).status == 415
        assert house.service.pausing.in_force() == []

    open_house(scenario)


def test_a_program_with_a_token_needs_no_origin(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        reply = await house.call("POST", "/api/v1/pause", json={"for": "5m"}, headers={"Origin": "https://x.example"})
        assert reply.status == 200

    open_house(scenario)


def test_a_wrong_token_is_not_made_up_for_by_a_session(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await house.get("/api/v1/status", token="wrong", headers={"Cookie": browser.cookies})
        assert reply.status == 401

    open_house(scenario)


def test_other_ways_to_say_who_one_is_are_none(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for header in ("", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer{TOKEN}", f"Bearer {TOKEN},"):
            reply = await house.get("/api/v1/status", token=None, headers={"Authorization": header})
            assert reply.status == 401, header
        for header in (f"bearer {TOKEN}", f"BEARER  {TOKEN} "):
            assert (await house.get("/api/v1/status", token=None, headers={"Authorization": header})).status == 200

    open_house(scenario)


def test_made_up_sessions_are_none(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        good = (await house.sign_in()).session
        for value in ("", "x", good[:-1], f"{good}x", good.swapcase(), TOKEN, "." * 9):
            reply = await house.get("/", token=None, headers={"Cookie": f"{COOKIE}={value}"})
            assert (reply.status, reply.location) == (303, "/login"), value

    open_house(scenario)


def test_a_session_that_is_not_used_ends_after_a_week(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.clock.now += IDLE - 1
        await browser.page()
        house.clock.now += IDLE - 1
        await browser.page()
        house.clock.now += IDLE
        assert (await house.get("/", token=None, headers={"Cookie": browser.cookies})).status == 303

    open_house(scenario)


def test_a_session_that_is_used_ends_after_a_month(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        while house.clock.now < NOON + LIFE - 86_400:
            house.clock.now += 86_400
            await browser.page("/account")
        house.clock.now += 86_400
        assert (await house.get("/", token=None, headers={"Cookie": browser.cookies})).status == 303

    open_house(scenario)


def test_a_session_outlives_a_restart(open_house: Opener) -> None:
    kept: list[str] = []

    async def before(house: House) -> None:
        kept.append((await house.sign_in()).session)
        await house.service.entrance.accounts.stop()

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
        data = {"name": ADMIN, "password": PASSWORD}
        reply = await house.call("POST", "/login", token=None, data=data, headers=headers)
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


@pytest.mark.parametrize("path", ["/allow", "/pause", "/resume", "/logout", "/account/users/add"])
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
        reply = await house.call("POST", "/allow", token=None, data={f"f{n}": "" for n in range(999)}, headers=headers)
        assert reply.status == 400
        reply = await house.call("POST", "/allow", token=None, data={"name": "x" * 70_000}, headers=headers)
        assert reply.status == 413

    open_house(scenario)


def test_who_did_it_is_on_the_trail(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/allow", {"name": "one.example"})
        made = await house.api("POST", "tokens", {"name": "home automation", "scopes": ["write"]})
        headers = {"Authorization": f"Bearer {made['token']}", "Lull-Who": "somebody else"}
        body = {"action": "deny", "name": "two.example"}
        assert (await house.call("POST", "/api/v1/rules", token=None, json=body, headers=headers)).status == 201
        body = {"action": "deny", "name": "three.example"}
        await house.call("POST", "/api/v1/rules", json=body, headers={"Lull-Who": "root@pi"})
        whos = {change["what"]: change["who"] for change in (await house.api("GET", "changes"))["entries"]}
        assert whos["allow one.example"] == "anna (127.0.0.1)"
        assert whos["deny two.example"] == "token home automation (127.0.0.1)"
        assert whos["deny three.example"] == "root@pi (command, 127.0.0.1)"

    open_house(scenario)


def test_members_come_to_their_page(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim = await house.sign_in("kim")
        reply = await house.get("/", token=None, headers={"Cookie": kim.cookies})
        assert (reply.status, reply.location) == (303, "/me")
        reply = await house.get("/api/v1/status", token=None, headers={"Cookie": kim.cookies})
        assert (reply.status, reply.error["code"]) == (403, "forbidden")

    open_house(scenario)
