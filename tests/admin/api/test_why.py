import ipaddress

import msgspec

from resolver.admin.whybodies import Cached, Link, Why, Window
from resolver.config.people import Device, Group
from resolver.config.values import DeviceRef
from resolver.journal import frames
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON


async def why(house: House, query: str) -> Why:
    return msgspec.convert(await house.api("GET", f"why?{query}"), Why)


def test_why_a_name_is_blocked(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await why(house, "name=T.ads.example.")
        assert (found.name, found.type, found.group, found.verdict) == ("t.ads.example", "A", "default", "block")
        assert (found.decided_by, found.tier, found.word) == ("ads: ||ads.example^", 6, "lists")
        (rule,) = found.matched
        assert (rule.rule, rule.list, rule.line, rule.line_text) == (found.decided_by, "ads", 1, "||ads.example^")
        assert (rule.scope, rule.lost, rule.id) == ("everyone", "", None)
        assert found.advice == "to allow it: lull allow t.ads.example"
        assert found.command == "lull allow t.ads.example"
        assert found.at == NOON

    open_house(scenario)


def test_why_by_type_and_client(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await why(house, "name=www.example&client=::ffff:192.0.2.20&type=aaaa")
        assert (found.client, found.type, found.verdict, found.decided_by) == ("192.0.2.20", "AAAA", "pass", "")
        assert (await why(house, "name=www.example&type=type65280")).type == "TYPE65280"

    open_house(scenario)


def test_a_device_is_found_by_its_name(open_house: Opener) -> None:
    tablet = Device(addresses=(ipaddress.ip_network("192.0.2.30"),))
    kids = Group(clients=(DeviceRef("tablet"),), lists=())
    config = msgspec.structs.replace(
        config_of(open_house.lists), devices={"Tablet": tablet}, groups={"default": Group(), "kids": kids}
    )

    async def scenario(house: House) -> None:
        for client in ("TABLET", "192.0.2.30"):
            found = await why(house, f"name=t.ads.example&client={client}")
            assert (found.device, found.client, found.group) == ("tablet", "192.0.2.30", "kids")
            assert found.identified == "address 192.0.2.30 of the config"
            assert (found.verdict, found.matched[0].lost) == ("pass", "the group does not use this list")
            assert found.command == "lull deny t.ads.example --client tablet"
        unknown = await house.get("/api/v1/why?name=a.example&client=tablt")
        assert (unknown.status, unknown.error["code"]) == (404, "not-found")
        assert "tablet" in unknown.error["message"]

    open_house(scenario, config=config)


def test_the_future_is_not_asked_of_workers(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "allow", "name": "t.ads.example", "for": "20m"})
        now = await why(house, "name=t.ads.example")
        assert (now.verdict, now.until) == ("allow", NOON + 1200)
        asked = len(house.worker.asked)
        later = await why(house, "name=t.ads.example&at=%2B30m")
        assert (later.verdict, later.at) == ("block", NOON + 1800)
        assert [(rule.rule, rule.lost) for rule in later.matched][1:] == [
            ("rules: allow t.ads.example", "it has ended")
        ]
        assert len(house.worker.asked) == asked
        assert (await house.get("/api/v1/why?name=a.example&at=teatime")).error["path"] == "at"

    open_house(scenario)


def test_what_workers_know(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        known = frames.Known(0, 12.0, 288.0, ["cdn.example.com", "t.ads.example"])
        house.worker.told = frames.Told(0, known, 20.0, {})
        found = await why(house, "name=shop.example&client=192.0.2.20")
        asked = house.worker.asked[-1]
        assert (asked.name, asked.type, asked.client) == ("shop.example", 1, "192.0.2.20")
        assert (found.cached, found.finished) == (Cached("NOERROR", 12.0, 288.0), 20.0)
        assert found.chain == [Link("cdn.example.com"), Link("t.ads.example", "ads: ||ads.example^")]
        assert (found.verdict, found.via, found.decided_by) == ("block", "t.ads.example", "ads: ||ads.example^")
        assert found.matched[0].line == 1
        assert found.command == "lull allow shop.example --client 192.0.2.20"

    open_house(scenario)


def test_windows_that_are_open(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        site = {"allow": ["t.ads.example"]}
        await house.api("PUT", "sites/news.example", site)
        closed = await why(house, "name=t.ads.example&client=192.0.2.20")
        assert closed.verdict == "block"
        house.worker.told = frames.Told(0, None, None, {"site:1": NOON + 300.0, "site:9": NOON + 300.0})
        found = await why(house, "name=t.ads.example&client=192.0.2.20")
        assert (found.verdict, found.tier, found.until) == ("allow", 4, NOON + 300)
        assert found.windows == [Window("on news.example allow t.ads.example", NOON + 300)]

    open_house(scenario)


def test_hostile_names_are_answered_as_text(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        reply = await house.get(r"/api/v1/why", params={"name": r"<b>\"\000\226\128\174x.ads.example"})
        assert reply.status == 200
        assert reply.text.isprintable()
        assert reply.json["verdict"] == "block"
        assert reply.json["command"].startswith("lull allow '")

    open_house(scenario)


def test_without_a_policy_nothing_is_known(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.publisher.bundle = None
        reply = await house.get("/api/v1/why?name=a.example")
        assert reply.status == 503
        assert reply.error["code"] == "not-ready"

    open_house(scenario)
