import ipaddress
import pathlib
import shutil
from typing import Any

import msgspec
import pytest

from resolver.admin.jobbodies import Failure
from resolver.admin.listbodies import ListInfo
from resolver.config.schema import Config, ListSource
from resolver.config.updates import Updates
from resolver.lists.bodies import ListState
from resolver.lists.catalogue import Preset
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON, row
from tests.lists.site import page, serving

LOOPBACK = (ipaddress.IPv4Network("127.0.0.0/8"),)


@pytest.fixture
def own(open_house: Opener, tmp_path: pathlib.Path) -> pathlib.Path:
    """The directory of the lists, which this test may change."""
    shutil.copytree(open_house.lists, tmp_path / "lists")
    open_house.lists = tmp_path / "lists"
    return open_house.lists


def test_lists_with_state_counts_and_skipped_lines(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        ads, starter = msgspec.convert(await house.api("GET", "lists"), list[ListState])
        assert (ads.id, ads.state, ads.rules, ads.skipped, ads.error) == ("ads", "ok", 2, 1, "")
        assert [(one.line, one.text) for one in ads.samples] == [(3, "not a rule at all ###")]
        assert starter.id == "starter"
        assert msgspec.convert(await house.api("GET", "lists/ads"), ListState) == ads

    open_house(scenario)


def test_what_lists_are_good_for(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example", count=3), row("www.example", "pass")])
        ads, starter = msgspec.convert(await house.api("GET", "lists"), list[ListInfo])
        assert ads.quality is not None
        assert starter.quality is not None
        assert (ads.quality.hits, ads.quality.own, ads.quality.allowed_later) == (3, 3, 0)
        assert (starter.quality.hits, starter.quality.own) == (0, 0)
        assert ads.quality.since == NOON - 7 * 86_400
        assert msgspec.convert(await house.api("GET", "lists/ads"), ListInfo) == ads

    open_house(scenario)


def test_a_list_that_is_not_in_use(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        paths = [("GET", "lists/none"), ("GET", "lists/refresh"), ("GET", "lists/try")]
        paths += [("POST", f"lists/none/{what}") for what in ("refresh", "accept", "rollback")]
        for method, path in paths:
            reply = await house.call(method, f"/api/v1/{path}")
            assert reply.status == 404, path
            assert reply.error["code"] == "not-found"
            assert "ads, starter" in reply.error["message"]
        house.parts.catalogue.presets["all"] = Preset("all", "All", "all", ("starter", "other"))
        reply = await house.call("GET", "/api/v1/lists/all")
        assert reply.error["message"] == "all is a preset; its lists are starter, other"

    open_house(scenario)


def test_refreshing_says_how_it_went(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.clock.now += 3600
        every = await house.api("POST", "lists/refresh", {})
        assert [one["id"] for one in every] == ["ads", "starter"]
        assert all(one["checked"] == house.clock.now for one in every)
        house.clock.now += 3600
        (one,) = await house.api("POST", "lists/ads/refresh")
        assert (one["id"], one["checked"]) == ("ads", house.clock.now)
        assert (await house.api("GET", "lists/starter"))["checked"] == house.clock.now - 3600

    open_house(scenario)


def test_a_failure_is_shown(open_house: Opener, own: pathlib.Path) -> None:
    async def scenario(house: House) -> None:
        (own / "ads.txt").rename(own / "away")
        (ads,) = await house.api("POST", "lists/ads/refresh")
        assert ads["state"] == "failing"
        assert "ads.txt" in ads["error"]
        assert ads["rules"] == 2, "the last good version stays"

    open_house(scenario, config=config_of(own))


async def use(house: House, source: ListSource) -> None:
    """Have one list more in use."""
    config = house.service.config = Config(lists=(source, *house.service.config.lists))
    await house.parts.lists.configure(config.lists, house.parts.catalogue, config.updates)


def test_a_version_that_is_refused_accepted_and_rolled_back(open_house: Opener, own: pathlib.Path) -> None:
    conflict = "/api/v1/lists/far/accept", "/api/v1/lists/far/rollback"

    async def why(house: House) -> str:
        return (await house.service.whys.why("popular.example", "", 1)).verdict

    async def scenario(house: House) -> None:
        async with serving(far=page("||ads.example^\n")) as site:
            await use(house, ListSource("far", url=f"{site.url}/far", kind="block", syntax="auto", subdomains=False))
            assert (await house.api("POST", "lists/far/refresh"))[0]["state"] == "ok"
            for path in conflict:
                reply = await house.call("POST", path)
                assert (reply.status, reply.error["code"]) == (409, "conflict"), reply.text

            site.pages["/far"] = page("||ads.example^\n||popular.example^\n")
            (refused,) = await house.api("POST", "lists/far/refresh")
            assert (refused["state"], refused["rules"]) == ("failing", 1)
            assert "it would block popular.example" in refused["refused"]["reason"]
            assert await why(house) == "pass"
            troubles = (await house.api("GET", "status"))["troubles"]
            (trouble,) = (one for one in troubles if "popular.example" in one)
            assert trouble.startswith("list far: a new version was refused: it would block popular.example")
            assert trouble.endswith("to take it anyway: lull lists accept far")

            accepted = await house.api("POST", "lists/far/accept")
            assert (accepted["state"], accepted["rules"], accepted["refused"]) == ("ok", 2, None)
            assert [one["current"] for one in accepted["versions"]] == [True, False]
            assert await why(house) == "block"

            back = await house.api("POST", "lists/far/rollback")
            assert (back["rules"], back["note"] != "") == (1, True)
            assert await why(house) == "pass"
            assert (await house.api("GET", "status"))["troubles"] == []
            reply = await house.call("POST", conflict[1])
            assert reply.status == 409
            assert "no version before" in reply.error["message"]

            house.worker.refuses = "no memory"
            reply = await house.call("POST", conflict[0])
            assert (reply.status, reply.error["code"]) == (503, "not-in-force")
            assert reply.error["message"].endswith("not in force everywhere yet: worker 1: no memory")
            assert [one["current"] for one in (await house.api("GET", "lists/far"))["versions"]] == [True, False]

    open_house(scenario, config=config_of(own))


def body(**given: Any) -> dict[str, Any]:
    return given


def test_trying_a_file(open_house: Opener, own: pathlib.Path) -> None:
    (own / "new.txt").write_text("||t.ads.example^\n||www.example^\nnot a rule ###\n")

    async def scenario(house: House) -> None:
        await house.journal([row("www.example", "pass", count=5), row("t.ads.example")])
        tried = await house.api("POST", "lists/try", body(file=str(own / "new.txt")))
        assert (tried["rules"], tried["names"], tried["lines"], tried["skipped"]) == (2, 2, 3, 1)
        assert (tried["new"], tried["overlaps"]) == (1, [{"id": "ads", "names": 1}])
        assert tried["url"] == str(own / "new.txt")
        assert tried["blocks"]["shown"] == [
            {
                "name": "www.example",
                "rule": "||www.example^",
                "count": 5,
                "devices": [{"value": "192.0.2.10", "count": 5}],
                "more": 0,
            }
        ]
        assert tried["allows"] == {"names": 0, "queries": 0, "shown": [], "left_out": 0}
        assert (await house.api("GET", "lists"))[0]["rules"] == 2, "nothing was changed"
        assert [one["id"] for one in await house.api("GET", "lists")] == ["ads", "starter"]

    open_house(scenario, config=config_of(own))


def test_trying_a_url(open_house: Opener, own: pathlib.Path) -> None:
    config = msgspec.structs.replace(config_of(own), updates=Updates(reach=LOOPBACK))

    async def scenario(house: House) -> None:
        async with serving(list=page("||popular.example^\n"), portal=page("<html>sign in")) as site:
            tried = await house.api("POST", "lists/try", body(url=f"{site.url}/list", days=30))
            assert tried["url"] == f"{site.url}/list"
            assert "it would block popular.example" in tried["refused"]
            assert tried["since"] == NOON - 30 * 86_400
            portal = await house.api("POST", "lists/try", body(url=f"{site.url}/portal"))
            assert "it is a web page" in portal["refused"]
            gone = await failed(house, f"{site.url}/gone")
            assert gone.code == "list"
            assert "404" in gone.message

    open_house(scenario, config=config)


async def failed(house: House, url: str) -> Failure:
    """Why a list cannot be had."""
    begun = await house.call("POST", "/api/v1/lists/try", json=body(url=url))
    assert begun.status == 202
    job = await house.ended(begun.json["id"])
    assert (job.state, job.result) == ("failed", None)
    assert job.error is not None
    return job.error


def test_addresses_that_are_out_of_reach(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with serving(list=page("||popular.example^\n")) as site:
            assert (await failed(house, f"{site.url}/list")).code == "list"
            assert site.asked == []

    open_house(scenario)


@pytest.mark.parametrize(
    ("given", "status", "path", "said"),
    [
        ({}, 400, None, "give one of url, file and id"),
        ({"url": "https://example.org/", "id": "x"}, 400, None, "give one of url, file and id"),
        ({"url": "ftp://example.org/x"}, 400, "url", "is not a URL that begins with http://"),
        ({"url": "file:///etc/passwd"}, 400, "url", "is not a URL"),
        ({"id": "none"}, 404, "id", "the catalogue has no list"),
        ({"id": "\u202e"}, 404, "id", r"\u202e"),
        ({"file": "/etc/passwd"}, 403, "file", "updates.files in the config says where files may be"),
        ({"file": "ads.txt"}, 403, "file", "give the whole path"),
        ({"file": "/a\0b"}, 403, "file", "cannot be tried out"),
        ({"url": "https://example.org/", "days": 0}, 400, "days", ">= 1"),
        ({"url": "https://example.org/", "kind": "maybe"}, 400, "kind", "Invalid enum value"),
        ({"url": "https://example.org/", "sintax": "auto"}, 400, "sintax", "unknown field"),
    ],
)
def test_what_cannot_be_tried(
    open_house: Opener, given: dict[str, Any], status: int, path: str | None, said: str
) -> None:
    async def scenario(house: House) -> None:
        reply = await house.call("POST", "/api/v1/lists/try", json=given)
        assert (reply.status, reply.error.get("path")) == (status, path), reply.text
        assert said in reply.error["message"]

    open_house(scenario)


def test_a_link_out_of_the_allowed_directories(open_house: Opener, own: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (own / "link.txt").symlink_to("/etc/hostname")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "list.txt").write_text("||x.example^\n")
    config = msgspec.structs.replace(config_of(own), updates=Updates(files=(tmp_path / "other", own)))

    async def scenario(house: House) -> None:
        reply = await house.call("POST", "/api/v1/lists/try", json=body(file=str(own / "link.txt")))
        assert reply.status == 403
        tried = await house.api("POST", "lists/try", body(file=str(tmp_path / "other" / "list.txt")))
        assert tried["names"] == 1

    open_house(scenario, config=config)
