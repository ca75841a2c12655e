from __future__ import annotations

from typing import Any
from urllib.parse import quote

from resolver.config.schema import Config
from tests.admin.household import ADMIN, House, Opener


def test_what_is_chosen_is_in_force_at_once_and_told(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        before = await house.api("GET", "choices/blocking")
        assert (before["value"], before["chosen"], before["line"]) == ({"mode": "null-address", "ttl": "10s"}, False, 0)
        assert await house.api("GET", "choices") == []
        loaded = len(house.worker.loaded)
        made = await house.api("PUT", "choices/blocking", {"value": {"mode": "nxdomain"}})
        assert (made["effective"], made["changed"], made["note"]) == (True, True, "")
        assert _config(house).blocking.mode == "nxdomain"
        assert len(house.worker.loaded) == loaded + 1
        bundle = house.parts.publisher.bundle
        assert bundle is not None
        [one] = await house.api("GET", "choices")
        assert one == made["choice"]
        assert (one["value"], one["chosen"], one["instead"]) == ({"mode": "nxdomain", "ttl": "10s"}, True, "")
        assert one["who"].startswith("api (")
        assert one["at"] == house.clock.now
        again = await house.api("PUT", "choices/blocking", {"value": {"mode": "nxdomain"}})
        assert (again["effective"], again["changed"]) == (True, False)
        gone = await house.api("DELETE", "choices/blocking")
        assert (gone["changed"], gone["choice"]["chosen"]) == (True, False)
        assert _config(house).blocking.mode == "null-address"
        assert (await house.api("DELETE", "choices/blocking"))["changed"] is False

    open_house(scenario)


def test_what_the_file_says_is_told_with_its_line(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        lists = await house.api("GET", "choices/lists")
        assert lists["value"] == [{"id": "ads", "file": "ads.txt"}, {"id": "starter", "file": "starter.txt"}]
        assert (lists["line"], lists["chosen"]) == (1, False)
        assert lists["file"].endswith("/lull.yaml")
        kids = await house.api("GET", "choices/groups.kids.lists")
        assert (kids["value"], kids["line"]) == ([], 5)
        assert (await house.api("GET", "choices/groups.nobody"))["value"] is None

    open_house(scenario)


def test_wrong_choices_are_refused_whole_in_the_words_of_the_config(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async def refused(path: str, value: object) -> tuple[int, str]:
            reply = await house.call("PUT", f"/api/v1/choices/{quote(path)}", json={"value": value})
            return reply.status, reply.error["message"]

        assert await refused("strategy", "fastes") == (
            400,
            'strategy: "fastes" is not one of fastest, parallel, ordered, random, sticky; did you mean "fastest"?',
        )
        status, words = await refused("groups.kids.lists", ["ads", "nothing"])
        assert (status, words.split(";")[0]) == (400, 'groups.kids.lists[1]: there is no list "nothing"')
        status, words = await refused("lists", ["starter", {"id": "passwords", "file": "/etc/passwd"}])
        assert (status, "is no file that a list of the config file has" in words) == (400, True)
        status, words = await refused("blocking", {"mode": "nxdomain", "colour": "red"})
        assert (status, "no such key" in words) == (400, True)
        status, words = await refused("log.keep", 1.5)
        assert status == 400
        status, words = await refused("admin.listen", "0.0.0.0:80")
        assert (status, words.startswith('"admin.listen" cannot be chosen here')) == (404, True)
        assert await house.api("GET", "choices") == []
        assert [one["what"] for one in await _changes(house)] == []

    open_house(scenario)


def test_a_file_of_the_config_can_stay_among_chosen_lists(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        ads = {"id": "ads", "file": "ads.txt", "mode": "shadow"}
        made = await house.api("PUT", "choices/lists", {"value": [ads]})
        assert made["effective"]
        [source] = house.service.config.lists
        assert (source.id, source.mode, source.file) == ("ads", "shadow", house.parts.home / "ads.txt")

    open_house(scenario)


def test_undo_brings_what_was_chosen_before_into_force(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("PUT", "choices/strategy", {"value": "random"})
        await house.api("PUT", "choices/strategy", {"value": "sticky"})
        last, first = await _changes(house)
        assert [first["what"], last["what"]] == ["choose strategy: random", "choose strategy: sticky"]
        undone = await house.api("POST", f"changes/{last['id']}/undo")
        assert (undone["effective"], house.service.config.strategy) == (True, "random")
        await house.api("POST", f"changes/{first['id']}/undo")
        assert (house.service.config.strategy, await house.api("GET", "choices")) == ("fastest", [])
        reply = await house.call("POST", f"/api/v1/changes/{undone['change']['id']}/undo")  # which stood on the first
        assert (reply.status, "what is chosen for strategy" in reply.error["message"]) == (409, True)

    open_house(scenario)


def test_taking_back_what_something_else_needs_is_refused(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        bed = {"from": "21:00", "to": "06:30", "only": ["school.example"]}
        await house.api("PUT", "choices/schedules.bed", {"value": bed})
        [made] = await _changes(house)
        await house.api("PUT", "choices/groups.kids.schedules", {"value": ["bed"]})
        assert house.service.config.groups["kids"].schedules == ("bed",)
        undone = await house.call("POST", f"/api/v1/changes/{made['id']}/undo")
        dropped = await house.call("DELETE", "/api/v1/choices/schedules.bed")
        assert (undone.status, dropped.status) == (409, 400)
        for reply in (undone, dropped):
            assert 'groups.kids.schedules[0]: there is no schedule "bed"' in reply.error["message"]
        assert sorted(house.service.config.schedules) == ["bed"]

    open_house(scenario)


def test_a_whole_ends_what_was_chosen_for_its_parts_and_undo_brings_them_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("PUT", "choices/groups.kids.default", {"value": "deny"})
        await house.api("PUT", "choices/groups.kids", {"value": {"lists": ["ads"]}})
        assert [one["path"] for one in await house.api("GET", "choices")] == ["groups.kids"]
        assert _config(house).groups["kids"].default == "pass"
        [made, *_] = await _changes(house)
        await house.api("POST", f"changes/{made['id']}/undo")
        assert [one["path"] for one in await house.api("GET", "choices")] == ["groups.kids.default"]
        assert _config(house).groups["kids"].default == "deny"
        await house.api("PUT", "choices/groups.kids", {"value": None})  # as if the file had no such group
        assert sorted(house.service.config.groups) == ["default"]
        await house.api("DELETE", "choices/groups.kids")
        assert house.service.config.groups["kids"].lists == ()

    open_house(scenario)


def test_what_the_log_keeps_is_for_admins(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        made = await house.api("POST", "tokens", {"name": "lights", "scopes": ["read", "write"]})
        token = made["token"]
        value = {"value": "no-name"}
        reply = await house.call("PUT", "/api/v1/choices/log.privacy", token=token, json=value)
        assert (reply.status, house.service.config.log.privacy) == (403, "full")
        assert (await house.call("DELETE", "/api/v1/choices/log.keep", token=token)).status == 403
        assert (
            await house.call("PUT", "/api/v1/choices/strategy", token=token, json={"value": "random"})
        ).status == 200
        await house.api("PUT", "choices/log.privacy", value)
        assert house.service.config.log.privacy == "no-name"
        newest = (await house.api("GET", "changes"))["entries"][0]["id"]
        undo = f"/api/v1/changes/{newest}/undo"
        assert (await house.call("POST", undo, token=token)).status == 403
        assert house.service.config.log.privacy == "no-name", "taking back is choosing, too"
        assert (await house.call("POST", f"/api/v1/changes/{newest - 1}/undo", token=token)).status == 200
        assert (await house.call("POST", "/api/v1/changes/999/undo", token=token)).status == 404
        await house.api("POST", f"changes/{newest}/undo")
        again = (await house.api("GET", "changes"))["entries"][0]["id"]
        assert (await house.call("POST", f"/api/v1/changes/{again}/undo", token=token)).status == 403
        assert (await house.api("GET", "choices/log.privacy"))["value"] == "full"

    open_house(scenario)


def test_while_the_database_is_away_nothing_is_chosen(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("PUT", "choices/strategy", {"value": "random"})
        house.parts.database.close()
        reply = await house.call("PUT", "/api/v1/choices/strategy", json={"value": "sticky"})
        assert (reply.status, reply.error["code"]) == (503, "store")
        assert (await house.api("GET", "choices/strategy"))["value"] == "random"

    open_house(scenario)


def test_a_user_is_named_in_what_they_chose(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        await house.service.choices.put("strategy", "random", "anna (192.0.2.7)")
        assert house.service.choices.of("strategy").who == "anna (192.0.2.7)"

    open_house(scenario)


async def _changes(house: House) -> list[dict[str, Any]]:
    """What is on the trail of it, newest first; who came in is on it too."""
    found: list[dict[str, Any]] = (await house.api("GET", "changes"))["entries"]
    return [one for one in found if one["undoable"]]


def _config(house: House) -> Config:
    return house.service.config
