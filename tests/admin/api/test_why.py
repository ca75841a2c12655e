import ipaddress

import msgspec
import pytest

from resolver.admin.whybodies import Cached, Link, Why, Window
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.people import Device, Group
from resolver.config.schema import Config
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
            assert (found.device, found.client, found.group) == ("Tablet", "192.0.2.30", "kids")
            assert found.identified == "address 192.0.2.30 of the config"
            assert (found.verdict, found.matched[0].lost) == ("pass", "the group does not use this list")
            assert found.command == "lull deny t.ads.example --client Tablet"
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


EVENINGS = b"""
upstreams: ["udp://192.0.2.53"]
lists: [{id: ads, file: ads.txt}, {id: starter, file: starter.txt}]
records: ["*.lab.home.arpa. 300 A 192.0.2.9"]
devices:
  Living Room TV: {addresses: [192.0.2.20]}
groups:
  default: {lists: [ads]}
  kids: {clients: [Living Room TV], lists: [ads], schedules: [bedtime, homework]}
schedules:
  bedtime: {from: "21:00", to: "06:30", zone: UTC, only: [school.example]}
  homework: {from: "14:00", to: "16:00", zone: UTC, block: [games.example]}
"""
NINE, HALF_SIX = NOON + 9 * 3600, NOON + 18 * 3600 + 1800


def evenings(open_house: Opener) -> Config:
    return parse(EVENINGS, open_house.lists / "lull.yaml", Known())


def test_until_is_when_the_verdict_changes(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        shop = await why(house, "name=shop.example&client=Living+Room+TV")
        assert (shop.verdict, shop.until) == ("pass", NINE)
        assert [(edge.schedule, edge.bears) for edge in shop.edges] == [("bedtime", True), ("homework", False)]
        games = await why(house, "name=games.example&client=192.0.2.20")
        assert (games.until, [edge.bears for edge in games.edges]) == (NOON + 7200, [False, True])
        late = await why(house, f"name=shop.example&client=192.0.2.20&at={NINE + 60}")
        assert (late.verdict, late.until, late.edges[0].bears) == ("block", HALF_SIX, True)
        basic = await why(house, "name=pool.ntp.org&client=192.0.2.20")
        assert (basic.verdict, basic.until, any(edge.bears for edge in basic.edges)) == ("pass", None, False)

    open_house(scenario, config=evenings(open_house))


def test_until_when_an_alias_that_is_blocked_is_allowed(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "allow", "name": "t.ads.example", "for": "20m"})
        known = frames.Known(0, 12.0, 288.0, ["cdn.example.com", "t.ads.example"])
        house.worker.told = frames.Told(0, known, 20.0, {})
        found = await why(house, "name=shop.example&client=192.0.2.20")
        assert (found.verdict, found.via, found.until) == ("pass", "", NOON + 1200)

    open_house(scenario)


def test_basics_that_bedtime_never_blocks(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await why(house, f"name=pool.ntp.org&client=192.0.2.20&at={NINE}")
        assert found.verdict == "pass"
        assert [(rule.rule, rule.tier, rule.scope, rule.lost) for rule in found.matched] == [
            ("schedules: bedtime until 06:30", 2, "group kids", "this is one of the basics that it never blocks")
        ]
        by_day = await why(house, "name=pool.ntp.org&client=192.0.2.20")
        assert by_day.matched == []
        other = await why(house, f"name=pool.ntp.org&at={NINE}")
        assert other.matched == [], "another group has no bedtime"

    open_house(scenario, config=evenings(open_house))


def test_what_is_answered(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert (await why(house, "name=x.lab.home.arpa")).answer == "192.0.2.9 (wildcard *.lab.home.arpa)"
        assert (await why(house, "name=ads.example&type=AAAA")).answer == "::"
        assert (await why(house, "name=ads.example&type=MX")).answer == "NODATA"
        assert (await why(house, "name=www.example")).answer == ""
        house.worker.told = frames.Told(0, frames.Known(0, 1.0, 9.0, ["t.ads.example"]))
        assert (await why(house, "name=shop.example&client=192.0.2.20")).answer == "0.0.0.0", "for its alias"

    open_house(scenario, config=evenings(open_house))


def test_devices_are_called_as_they_were_written(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "deny", "name": "shop.example", "client": "living room tv"})
        found = await why(house, "name=shop.example&client=192.0.2.20")
        assert (found.device, found.matched[0].scope) == ("Living Room TV", "Living Room TV")
        assert found.command == "lull allow shop.example --client 'Living Room TV'"

    open_house(scenario, config=evenings(open_house))


@pytest.mark.parametrize("at", ["2026-01-01T23:00%2B01:00", "2026-01-01T22:00:00Z", str(NOON + 36_000)])
def test_a_moment_is_the_same_everywhere(open_house: Opener, at: str) -> None:
    async def scenario(house: House) -> None:
        found = await why(house, f"name=shop.example&client=192.0.2.20&at={at}")
        assert (found.at, found.verdict) == (NOON + 36_000, "block")

    open_house(scenario, config=evenings(open_house))
