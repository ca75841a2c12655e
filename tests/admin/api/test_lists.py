import msgspec

from resolver.lists.states import ListState
from tests.admin.household import House, Opener


def test_lists_with_state_counts_and_skipped_lines(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        ads, starter = msgspec.convert(await house.api("GET", "lists"), list[ListState])
        assert (ads.id, ads.state, ads.rules, ads.skipped, ads.error) == ("ads", "ok", 2, 1, "")
        assert [(one.line, one.text) for one in ads.samples] == [(3, "not a rule at all ###")]
        assert starter.id == "starter"
        assert msgspec.convert(await house.api("GET", "lists/ads"), ListState) == ads

    open_house(scenario)


def test_a_list_that_is_not_in_use(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for method, path in (("GET", "lists/none"), ("GET", "lists/refresh"), ("POST", "lists/none/refresh")):
            reply = await house.call(method, f"/api/v1/{path}")
            assert reply.status == 404, path
            assert reply.error["code"] == "not-found"
            assert "ads, starter" in reply.error["message"]

    open_house(scenario)


def test_refreshing_says_how_it_went(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.clock.now += 3600
        every = await house.api("POST", "lists/refresh", {})
        assert [one["id"] for one in every] == ["ads", "starter"]
        assert all(one["checked"] == house.clock.now for one in every)
        house.clock.now += 3600
        one = await house.api("POST", "lists/ads/refresh")
        assert (one["id"], one["checked"]) == ("ads", house.clock.now)
        assert (await house.api("GET", "lists/starter"))["checked"] == house.clock.now - 3600

    open_house(scenario)


def test_a_failure_is_shown(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        (open_house.lists / "ads.txt").rename(open_house.lists / "away")
        try:
            ads = await house.api("POST", "lists/ads/refresh")
        finally:
            (open_house.lists / "away").rename(open_house.lists / "ads.txt")
        assert ads["state"] == "failing"
        assert "ads.txt" in ads["error"]
        assert ads["rules"] == 2, "the last good version stays"

    open_house(scenario)
