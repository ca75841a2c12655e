"""What needs attention, and where people are led with it."""

from msgspec.structs import replace

from resolver.admin.bodies import Trouble
from resolver.admin.troubles import attention
from resolver.model import UpstreamHealth
from tests.admin.household import House, Opener


def test_each_is_about_something(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert house.service.attention(house.service.status()) == []
        house.service.config_trouble = "a restart is needed for dns"
        await house.say_health(up=False, trouble="the bundle is damaged")
        (open_house.lists / "ads.txt").rename(open_house.lists / "away")
        try:
            await house.api("POST", "lists/ads/refresh")
        finally:
            (open_house.lists / "away").rename(open_house.lists / "ads.txt")
        status = house.service.status()
        found = house.service.attention(status)
        assert [one.text for one in found] == status.troubles, "nothing is left out, and the order is the same"
        assert [(one.about, one.id) for one in found] == [("dns", ""), ("config", ""), ("dns", ""), ("lists", "ads")]

    open_house(scenario)


def test_an_upstream_that_is_away_though_dns_is_well(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        status = house.service.status()
        away = UpstreamHealth("tls://192.0.2.7", False, 1.0, 0.0, 1, 1, "timed out")
        both = replace(status, upstreams=[*status.upstreams, away])
        assert attention(both, []) == [Trouble("tls://192.0.2.7 does not answer: timed out", "upstreams")]
        assert attention(replace(both, well=False), []) == [], "the sentence of the status says it"

    open_house(scenario)


def test_what_nobody_knows_the_place_of_is_of_the_config(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        odd = replace(house.service.status(), troubles=["odd"])
        assert attention(odd, []) == [Trouble("odd", "config")]

    open_house(scenario)
