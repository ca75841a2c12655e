"""What is put in the place of records inside an answer."""

from __future__ import annotations

from resolver.model import EdeCode
from tests.pipeline.house import SOA, House, at_home, made
from tests.support import errors, texts

RPZ = """32.9.113.0.203.rpz-ip A 198.51.100.1
32.10.113.0.203.rpz-ip CNAME walled.example.net.
alias.example CNAME walled.example.net.
"""


async def seen(house: House, name: str) -> tuple[list[str], list[tuple[int, str]]]:
    reply = await house.ask(name)
    return texts(reply.answer), errors(reply)


def test_records_of_a_rule_take_the_place_of_an_address() -> None:
    zone = f"""
shop.example. 300 CNAME t.adtech.example.
t.adtech.example. 60 A 203.0.113.9
{SOA}
"""

    async def main(house: House) -> None:
        answer, found = await seen(house, "shop.example")
        assert answer == ["shop.example. 10 IN CNAME t.adtech.example.", "t.adtech.example. 10 IN A 198.51.100.1"]
        assert found == [(EdeCode.FORGED, "rpz: 32.9.113.0.203.rpz-ip A 198.51.100.1")]

    at_home(main, zone, made({"rpz": RPZ}))


def test_an_alias_that_nobody_would_follow_blocks() -> None:
    zone = f"""
hosted.example. 300 A 203.0.113.10
shop.example. 300 CNAME alias.example.
alias.example. 60 A 203.0.113.11
{SOA}
"""

    async def main(house: House) -> None:
        rule = "rpz: 32.10.113.0.203.rpz-ip CNAME walled.example.net."
        assert await seen(house, "hosted.example") == (
            ["hosted.example. 10 IN A 0.0.0.0"],
            [(EdeCode.BLOCKED, rule)],
        )
        assert (await seen(house, "shop.example"))[0] == ["shop.example. 10 IN A 0.0.0.0"]

    at_home(main, zone, made({"rpz": RPZ}))
