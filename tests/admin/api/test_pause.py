from tests.admin.household import House, Opener
from tests.admin.parts import NOON


async def verdict(house: House, client: str = "") -> str:
    return (await house.service.whys.why("t.ads.example", client, 1)).verdict


def test_a_pause_for_everyone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert await house.api("GET", "pause") == []
        paused = await house.api("POST", "pause", {"for": "5m"})
        assert paused == {"id": 1, "until": NOON + 300, "client": "", "group": "", "who": "api (127.0.0.1)"}
        assert await house.api("GET", "pause") == [paused]
        assert await verdict(house) == "allow"
        assert await house.api("DELETE", "pause") == {"effective": True, "note": "", "hint": ""}
        assert await house.api("GET", "pause") == []
        assert await verdict(house) == "block"

    open_house(scenario)


def test_a_pause_is_ten_minutes_unless_told_otherwise(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert (await house.api("POST", "pause", {}))["until"] == NOON + 600
        assert (await house.api("POST", "pause"))["until"] == NOON + 600

    open_house(scenario)


def test_a_pause_for_one_and_its_end(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        one = await house.api("POST", "pause", {"for": 60, "client": "192.0.2.20"})
        two = await house.api("POST", "pause", {"for": 60, "group": "kids"})
        assert (one["client"], two["group"]) == ("192.0.2.20", "kids")
        assert (await verdict(house, "192.0.2.20"), await verdict(house, "192.0.2.21")) == ("allow", "block")
        await house.api("DELETE", f"pause/{one['id']}")
        assert await house.api("GET", "pause") == [two]
        gone = await house.call("DELETE", f"/api/v1/pause/{one['id']}")
        assert gone.status == 404
        assert "there is no pause 1 in force" in gone.error["message"]
        await house.api("POST", "pause", {})
        none = await house.call("DELETE", "/api/v1/pause?client=192.0.2.20")
        assert none.status == 404
        assert "no pause of 192.0.2.20 alone is in force, but one for everyone is" in none.error["message"]
        await house.api("DELETE", "pause?group=kids")
        assert [(one["client"], one["group"]) for one in await house.api("GET", "pause")] == [("", "")]

    open_house(scenario)
