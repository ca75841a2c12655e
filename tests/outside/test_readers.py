"""The pages in a browser of plain text: w3m. What cannot be read there is not said to those who hear pages either."""

from __future__ import annotations

import asyncio

from resolver.admin.pages.cookies import SESSION
from tests.admin.household import House, Opener
from tests.admin.parts import NOON, row

HOSTILE = r"<img\032src=x>\226\128\174gpj.\000\010.ads.example"


async def read(house: House, path: str, session: str) -> str:
    """A page as w3m shows it to whoever has a session."""
    command = [
        "w3m",
        "-config",
        "/dev/null",
        "-no-cookie",
        "-cols",
        "100",
        "-header",
        f"Cookie: {SESSION}={session}",
    ]
    process = await asyncio.create_subprocess_exec(
        *command, "-dump", f"{house.url}{path}", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        told, wrong = await process.communicate()
    assert (process.returncode, wrong) == (0, b"")
    return told.decode()


def in_order(text: str, *parts: str) -> bool:
    """Whether a text has these, one after the other."""
    for part in parts:
        before, found, text = text.partition(part)
        assert found, f"{part!r} does not come after what came before: {before[-500:]}"
    return True


def test_now(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.journal([row("www.example", "pass", count=30)], NOON - 7200)
        await house.journal([row("t.ads.example", client="192.0.2.99"), row(HOSTILE)])
        await browser.post("/pause", {"for": "5m", "whom": "group:kids"})
        house.service.config_trouble = "a restart is needed for dns.listen"
        text = await read(house, "/", browser.session)
        assert in_order(
            text,
            "A site does not work?",
            "Repair",
            "DNS is well",
            "Needs attention",
            "a restart is needed for dns.listen Settings",
            "Nothing is blocked until",
            "for group kids",
            "Block again now",
            "Block nothing for",
            "[everyone",
            "5 minutes",
            "Until 07:00",
            "Queries",
            "Blocked",
            "32 queries in the last 24 hours, 6.2 % of them blocked.",
            "Last blocked",
            "192.0.2.99",
            "t.ads.example",
            "||t.ads.example^",
            "Allow",
            "Why",
            "All that was blocked",
            "Watch",
            "Repair a site",
            "Sign out",
        )
        assert r"\226\128\174gpj" in text
        assert "\u202e" not in text
        assert "no longer up to date" not in text, "what is hidden elsewhere is not there"

    open_house(scenario)


def test_what_is_refused(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        text = await read(house, "/nowhere", browser.session)
        assert in_order(text, "Not found", "there is nothing at this address", "Back to", "Watch", "Log")

    open_house(scenario)
