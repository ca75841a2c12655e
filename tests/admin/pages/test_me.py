"""The page /me, and what admins see of what is asked there; what the forms do is in the tests of the API."""

from __future__ import annotations

import re

from tests.admin.api.test_me import KIM, NAME, with_bedtime
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener
from tests.admin.parts import row


async def notice(browser: Browser, path: str = "/me") -> str:
    found = re.search(r'role="status">(.*?)</p>', await browser.page(path), re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", found[1]).split()) if found else ""


def test_the_page(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        await house.journal([row(NAME, client=KIM, count=3)])
        kim = await house.sign_in("kim")
        text = await kim.page("/me")
        assert f'title="{NAME}"' in text
        assert "\u00d7 3" in text
        assert "bedtime</bdi> is not in force until" in text
        assert "Ask for it" in text
        assert "<script" not in text
        assert "/pause" not in text
        for form in re.findall(r"<form.*?</form>", text, re.DOTALL):
            assert len(re.findall(r'name="form" value="[0-9a-f]{64}"', form)) == 1

    open_house(scenario, config=with_bedtime(open_house))


def test_asking_and_deciding(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim, anna = await house.sign_in("kim"), await house.sign_in()
        assert "Asked for" not in await anna.page()
        reply = await kim.post("/me/ask", {"name": NAME, "for": "30m"})
        assert reply.location == "/me"
        assert await notice(kim) == f"● {NAME}: that was asked for. An admin decides."
        assert "waiting" in await kim.page("/me")
        text = await anna.page()
        assert 'action="/requests/grant"' in text
        (id, *_) = re.findall(r'name="id" value="(\d+)"', text)
        await anna.post("/requests/grant", {"id": id})
        assert await notice(anna, "/") == f"● kim has {NAME} for 30m."
        await anna.post("/requests/grant", {"id": id})
        assert (await notice(anna, "/")).startswith("▲ Nothing was changed: that was granted already, by anna")
        await kim.post("/me/ask", {"name": "", "for": "15m"})
        assert await notice(kim) == "● More time: that was asked for. An admin decides."
        (id, *_) = re.findall(r'name="id" value="(\d+)"', await anna.page())
        await anna.post("/requests/refuse", {"id": id})
        assert await notice(anna, "/") == "● kim is told that there is no more time."
        assert "refused" in await kim.page("/me")
        await anna.post("/requests/refuse", {"id": "x"})
        assert "there is no request 0" in await notice(anna, "/")

    open_house(scenario, config=with_bedtime(open_house))


def test_allowing_oneself(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim", grants=True)
        kim = await house.sign_in("kim")
        assert "Allow yourself something" in await kim.page("/me")
        await kim.post("/me/ask", {"name": NAME, "for": "30m"})
        assert await notice(kim) == f"● {NAME}: 30m from now."
        await kim.post("/me/ask", {"name": "https://x.example/", "for": "30m"})
        assert (await notice(kim)).startswith("▲ Nothing was changed: ")

    open_house(scenario)
