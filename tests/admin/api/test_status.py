import msgspec
import pytest

from resolver.admin import bodies
from resolver.lists.bodies import ListState, Refused
from resolver.lists.known import BY_HAND
from resolver.lists.update import Lists
from resolver.rules.report import Sample
from tests.admin.household import House, Opener
from tests.admin.parts import NOON, UPSTREAM, row

HOUR = 3600


def test_status_is_the_body_that_is_promised(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        status = msgspec.convert(await house.api("GET", "status"), bodies.Status)
        assert (status.well, status.sentence) == (True, "DNS is well.")
        assert (status.started, status.since) == (NOON, NOON)
        assert [(one.number, one.pid, one.answered) for one in status.workers] == [(1, 4711, 42)]
        assert [(one.url, one.up) for one in status.upstreams] == [(UPSTREAM, True)]
        assert status.bundle == bodies.BundleStatus("1", 3, "")
        assert status.store.state == "ok"
        assert status.troubles == []
        assert status.lists_failing == []

    open_house(scenario)


def test_since_when_it_is_well(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.clock.now += 600
        assert house.service.status().since == NOON
        await house.say_health(up=False)
        ill = house.service.status()
        assert (ill.well, ill.since) == (False, NOON)  # since then, says the upstream
        await house.say_health()
        assert (house.service.status().well, house.service.status().since) == (True, NOON + 600)

    open_house(scenario)


def test_troubles_are_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.say_health(up=False, trouble="the journal is full")
        house.service.config_trouble = "the config is refused"
        (open_house.lists / "ads.txt").rename(open_house.lists / "away")
        try:
            await house.api("POST", "lists/ads/refresh")
        finally:
            (open_house.lists / "away").rename(open_house.lists / "ads.txt")
        status = await house.api("GET", "status")
        assert status["well"] is False
        assert status["lists_failing"] == ["ads"]
        for part in ("No upstream answers", "the config is refused", "worker 1: the journal is full", "list ads: "):
            assert sum(part in trouble for trouble in status["troubles"]) == 1, part

    open_house(scenario)


def troubles(house: House, monkeypatch: pytest.MonkeyPatch, **changes: object) -> list[str]:
    """What status says when the first list is like this."""
    states = Lists.states

    def changed(lists: Lists) -> list[ListState]:
        first, *others = states(lists)
        return [msgspec.structs.replace(first, **changes), *others]

    with monkeypatch.context() as patch:
        patch.setattr(Lists, "states", changed)
        return house.service.status().troubles


def test_troubles_of_lists(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Refused("it would block google.com", NOON, 5, 100, "ab" * 32)

    async def scenario(house: House) -> None:
        said = (
            "list ads: a new version was refused: it would block google.com; to take it anyway: lull lists accept ads"
        )
        error = f"https://example.org/ads: {refused.reason}"
        assert troubles(house, monkeypatch, refused=refused, error=error) == [said], "it is said once"
        assert troubles(house, monkeypatch, refused=refused, error="timed out") == [said, "list ads: timed out"]
        (back,) = troubles(house, monkeypatch, note="it blocked 40 % of the queries")
        assert back.startswith("list ads: it went back to an older version: it blocked 40 % of the queries; ")
        assert back.endswith("lull lists accept ads")
        assert troubles(house, monkeypatch, note=BY_HAND) == [], "whoever asked for it knows"
        (wide,) = troubles(house, monkeypatch, everything=[Sample(3, "||*^", "")])
        assert wide == "list ads: line 3 of it matches every name: ||*^"
        portal = Refused("it is a web page, not a list", NOON, 0, 100, "ab" * 32)
        assert troubles(house, monkeypatch, refused=portal) == [f"list ads: a new version was refused: {portal.reason}"]
        (empty,) = troubles(house, monkeypatch, rules=0, skipped=3)
        assert empty.startswith("list ads: none of its 3 lines is a rule")

    open_house(scenario)


def test_how_far_a_compile_is(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        assert (await house.api("GET", "status"))["compiling"] is None
        monkeypatch.setattr(Lists, "progress", property(lambda _: 0.4216))
        assert (await house.api("GET", "status"))["compiling"] == 42.2

    open_house(scenario)


def test_stats_count_from_a_time_on(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("old.ads.example", count=7)], NOON - 30 * HOUR)
        await house.journal([row("t.ads.example", count=3), row("www.example", "pass", client="192.0.2.11")])
        day = msgspec.convert(await house.api("GET", "stats"), bodies.Stats)
        assert day.since == NOON - 24 * HOUR
        assert (day.queries, day.verdicts, day.origins) == (4, {"block": 3, "pass": 1}, {"local": 4})
        assert day.hours == [bodies.Hour(NOON - HOUR, {"block": 3, "pass": 1})]
        assert day.blocked == [bodies.Count("t.ads.example", 3)]
        assert day.clients == [bodies.ClientCount("192.0.2.10", 3), bodies.ClientCount("192.0.2.11", 1)]
        assert (await house.api("GET", "stats?since=2d"))["queries"] == 11
        assert (await house.api("GET", f"stats?since={NOON - 31 * HOUR}"))["queries"] == 11
        assert (await house.api("GET", f"stats?since={NOON + HOUR}"))["queries"] == 0

    open_house(scenario)


def test_names_are_for_whoever_may_see_what_people_looked_up(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example", count=3)])
        reader = (await house.api("POST", "tokens", {"name": "reader", "scopes": ["read"]}))["token"]
        both = (await house.api("POST", "tokens", {"name": "both", "scopes": ["read", "log"]}))["token"]
        found = (await house.get("/api/v1/stats?by=device", token=reader)).json
        assert found["queries"] == 3
        assert [found[part] for part in ("blocked", "names", "clients", "parts")] == [[], [], [], []]
        assert "ads.example" not in (await house.get("/api/v1/stats?by=list", token=reader)).text
        found = (await house.get("/api/v1/stats?by=device", token=both)).json
        assert all(found[part] for part in ("blocked", "names", "clients", "parts"))

    open_house(scenario)


def test_without_a_database_status_is_there_and_stats_say_why_they_are_not(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.database.close()
        assert (await house.get("/api/v1/status")).status == 200
        reply = await house.get("/api/v1/stats")
        assert reply.status == 503
        assert reply.error["code"] == "store"
        assert "the database cannot be used now" in reply.error["message"]

    open_house(scenario)
