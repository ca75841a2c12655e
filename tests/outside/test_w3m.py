"""The pages in a browser of text: w3m."""

from __future__ import annotations

import subprocess

from msgspec.structs import replace

from tests.admin.household import House, Opener
from tests.admin.pages.test_log import TIMES, passed
from tests.admin.parts import row


def dumped(page: str) -> str:
    """A page as w3m shows it on a wide terminal; blanks as one."""
    command = ["w3m", "-dump", "-T", "text/html", "-cols", "160"]
    done = subprocess.run(command, input=page.encode(), capture_output=True, timeout=20, check=True)
    return "\n".join(" ".join(line.split()) for line in done.stdout.decode().splitlines())


def test_the_log(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example", count=3), replace(passed("www.example"), took_us=4_000_000)])
        text = dumped(await (await house.sign_in()).page("/log?group=default"))
        for said in (
            "Name and all below it",
            "More conditions",
            "group: default remove",
            "What Allow and Block do in the rows below",
            "For how long",
            f"11:59:00 192.0.2.10 t.ads.example {TIMES} 3 A ■ blocked by ads: ||t.ads.example^",
            "That is the end of the log.",
        ):
            assert said in text, said
        assert "www.example" not in text
        assert "Block" not in text.partition("Queries")[2].partition("That is")[0], "it is blocked already"

    open_house(scenario)


def test_why(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        text = dumped(await (await house.sign_in()).page("/why?name=t.ads.example"))
        assert "■ t.ads.example is blocked" in text
        assert "By ads: ||ads.example^, list ads, line 1, for everyone." in text

    open_house(scenario)
