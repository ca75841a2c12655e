"""Site rules over the API of a running admin."""

from __future__ import annotations

import ipaddress

from msgspec.structs import replace

from resolver.config.people import Device, Group
from resolver.config.site import Site
from resolver.config.values import SubtreeName
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON, row

TV = "192.0.2.10"


def test_from_the_first_to_the_last(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert await house.api("GET", "sites") == []
        made = await house.api("POST", "sites/www.news.example/allow", {"names": ["Player.example", "cdn.example"]})
        assert (made["changed"], made["effective"], made["before"]) == (True, True, None)
        assert made["hint"] == "the site is all of news.example; with exact it is www.news.example alone"
        rule = made["rule"]
        assert (rule["site"], rule["allow"]) == ("news.example", ["player.example", "cdn.example"])
        assert (rule["window"], rule["client"], rule["group"], rule["until"]) == (600, "", "", None)
        again = await house.api("POST", "sites/news.example/allow", {"names": ["cdn.example"]})
        assert (again["changed"], again["rule"]["id"]) == (False, rule["id"])
        less = await house.api("POST", "sites/news.example/remove", {"names": ["cdn.example"]})
        assert less["rule"]["allow"] == ["player.example"]
        assert less["before"]["allow"] == ["player.example", "cdn.example"]
        bundle = house.parts.publisher.bundle
        assert bundle is not None
        assert [entry.allow for entry in bundle.document.sites] == [("player.example",)]
        gone = await house.api("POST", "sites/news.example/remove", {"names": ["player.example"]})
        assert (gone["rule"], gone["changed"]) == (None, True)
        assert await house.api("GET", "sites") == []

    open_house(scenario)


def test_one_rule_for_a_site_and_a_scope(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        put = {"allow": ["a.example"], "window": "always", "for": "2h", "comment": "why"}
        made = (await house.api("PUT", "sites/news.example", put))["rule"]
        assert (made["window"], made["until"], made["comment"]) == (None, NOON + 7200, "why")
        await house.api("PUT", "sites/news.example", {"allow": "all", "window": "1h", "client": TV})
        await house.api("PUT", "sites/news.example", {"allow": ["b.example"], "group": "kids"})
        found = {(one["client"], one["group"]): one for one in (await house.api("GET", "sites/news.example"))["rules"]}
        assert {who: (one["everything"], one["window"]) for who, one in found.items()} == {
            ("", ""): (False, None),
            (TV, ""): (True, 3600),
            ("", "kids"): (False, 600),
        }
        other = await house.api("PUT", "sites/news.example", {"allow": ["c.example"]})
        assert (other["rule"]["id"], other["rule"]["allow"], other["rule"]["until"]) == (
            made["id"],
            ["c.example"],
            None,
        )
        await house.api("DELETE", f"sites/news.example?client={TV}")
        assert len(await house.api("GET", "sites")) == 2
        reply = await house.call("DELETE", f"/api/v1/sites/news.example?client={TV}")
        assert (reply.status, reply.error["message"]) == (
            404,
            "news.example has no rule for these; it has one for everyone, group kids",
        )

    open_house(scenario)


def test_names_for_a_while_do_not_get_into_a_rule_that_lasts(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("PUT", "sites/news.example", {"allow": ["a.example"], "group": "kids"})
        more = {"names": ["b.example"], "for": "5m", "group": "kids"}
        reply = await house.call("POST", "/api/v1/sites/news.example/allow", json=more)
        assert reply.status == 409
        assert "which has no end" in reply.error["message"]
        assert reply.error["message"].endswith("lull allow b.example --group kids --for 5m")
        await house.api("POST", "sites/news.example/allow", {"names": ["b.example"], "for": "5m"})
        again = await house.call("POST", "/api/v1/sites/news.example/allow", json={"names": ["c.example"], "for": "1h"})
        assert (again.status, "ends at another time" in again.error["message"]) == (409, True)
        found = await house.api("GET", "sites/news.example")
        assert [(one["allow"], one["until"]) for one in found["rules"]] == [
            (["a.example"], None),
            (["b.example"], NOON + 300),
        ]

    open_house(scenario)


def test_allowing_everything_says_what_that_lifts(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        some = await house.api("PUT", "sites/news.example", {"allow": "all", "group": "kids", "window": "always"})
        assert some["hint"] == ""
        all = await house.api("PUT", "sites/news.example", {"allow": "all"})
        assert all["hint"].startswith("while a device is on news.example, no list, service, safe search or allow-only")
        assert not (await house.api("GET", "status"))["troubles"]
        always = await house.api("PUT", "sites/news.example", {"allow": "all", "window": "always", "for": "1h"})
        assert always["hint"].endswith("So nothing is blocked any more")
        (said,) = (await house.api("GET", "status"))["troubles"]
        assert said == (
            "on news.example allow all, always and for everyone: nothing is blocked any more; to end that: "
            "lull site news.example delete"
        )
        await house.api("DELETE", "sites/news.example")
        assert not (await house.api("GET", "status"))["troubles"]

    open_house(scenario)


def test_exact(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("PUT", "sites/www.news.example", {"allow": ["a.example"], "exact": True})
        assert (await house.api("GET", "sites/news.example"))["rules"] == []
        detail = await house.api("GET", "sites/www.news.example?exact=true")
        assert [rule["site"] for rule in detail["rules"]] == ["www.news.example"]
        await house.api("DELETE", "sites/www.news.example?exact=true")
        assert await house.api("GET", "sites") == []

    open_house(scenario)


def test_rules_of_the_config_are_shown(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        (rule,) = await house.api("GET", "sites")
        assert (rule["id"], rule["site"], rule["everything"], rule["origin"]) == (None, "news.example", True, "config")
        reply = await house.call("DELETE", "/api/v1/sites/news.example")
        assert "changed in its file" in reply.error["message"]

    config = config_of(open_house.lists)
    site = Site(SubtreeName("news.example"), (SubtreeName("all"),))
    open_house(scenario, config=replace(config, sites=(site,)))


def test_who_was_on_it_lately(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("www.news.example", "pass", client=TV)], NOON - 7200)
        await house.journal([row("www.news.example", "pass", client="192.0.2.11")], NOON - 60)
        assert (await house.api("GET", "sites/news.example"))["lately"] == ["192.0.2.11"]

    open_house(scenario)


REFUSED: list[tuple[str, str, object, str]] = [
    ("PUT", "sites/co.uk", {"allow": ["a.example"]}, "site"),
    ("PUT", "sites/*.news.example", {"allow": ["a.example"]}, "site"),
    ("PUT", "sites/192.0.2.1", {"allow": ["a.example"]}, "site"),
    ("PUT", "sites/a..example", {"allow": ["a.example"]}, "site"),
    ("PUT", "sites/news.example", {"allow": []}, "allow"),
    ("PUT", "sites/news.example", {"allow": ["||x^"]}, "allow"),
    ("PUT", "sites/news.example", {"allow": ["."]}, "allow"),
    ("PUT", "sites/news.example", {"allow": "everything"}, "allow"),
    ("PUT", "sites/news.example", {"allow": ["a.example"], "window": "10s"}, "window"),
    ("PUT", "sites/news.example", {"allow": ["a.example"], "window": 90_000}, "window"),
    ("PUT", "sites/news.example", {"allow": ["a.example"], "group": "nobody"}, "group"),
    ("PUT", "sites/news.example", {"allow": ["a.example"], "client": TV, "group": "kids"}, "group"),
    ("PUT", "sites/news.example", {"allow": ["a.example"], "for": "0s"}, "for"),
    ("PUT", "sites/news.example", {"allow": ["a.example"] * 201}, "allow"),
    ("POST", "sites/news.example/allow", {"names": []}, "names"),
    ("POST", "sites/news.example/allow", {"names": ["a.example"], "windows": "1h"}, "windows"),
]


def test_refusals(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for method, path, body, field in REFUSED:
            reply = await house.call(method, f"/api/v1/{path}", json=body)
            assert (reply.status, reply.error.get("path")) == (400, field), (path, body, reply.text)
        assert await house.api("GET", "sites") == []

    open_house(scenario)


def test_a_rule_holds_so_many_names(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        many = [f"n{number}.example" for number in range(200)]
        await house.api("PUT", "sites/news.example", {"allow": many})
        reply = await house.call("POST", "/api/v1/sites/news.example/allow", json={"names": ["one-more.example"]})
        assert reply.status == 400
        missing = await house.call("POST", "/api/v1/sites/news.example/remove", json={"names": ["other.example"]})
        assert (missing.status, missing.error["path"]) == (404, "names")

    open_house(scenario)


def test_a_rule_for_nobody_can_be_ended(open_house: Opener) -> None:
    """A device, or a group, that the config had."""
    before = replace(
        config_of(open_house.lists),
        devices={"TV": Device(addresses=(ipaddress.ip_network(TV),))},
        groups={"default": Group(), "old": Group()},
    )

    async def scenario(house: House) -> None:
        scopes = ({"client": "tv"}, {"group": "old"})
        for scope in scopes:
            await house.api("PUT", "sites/news.example", {"allow": ["a.example", "b.example"], **scope})
        house.service.config = config_of(open_house.lists)
        await house.service.publish()
        assert all("it is for nobody" in rule["note"] for rule in await house.api("GET", "sites"))
        for scope in scopes:
            await house.api("POST", "sites/news.example/remove", {"names": ["a.example"], **scope})
            (query,) = (f"{name}={value}" for name, value in scope.items())
            await house.api("DELETE", f"sites/news.example?{query}")
        assert await house.api("GET", "sites") == []
        assert (await house.call("DELETE", "/api/v1/sites/news.example?client=tv")).status == 404

    open_house(scenario, config=before)
