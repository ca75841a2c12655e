import msgspec
import pytest

from resolver.config.people import Group
from resolver.journal import frames
from tests.admin.household import House, Opener
from tests.admin.parts import NOON, row


def test_a_rule_is_added_holds_and_is_deleted(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "block"
        reply = await house.call(
            "POST", "/api/v1/rules", json={"action": "allow", "name": "T.ads.example.", "comment": "why not"}
        )
        assert reply.status == 201
        added = reply.json
        assert added["created"] is True
        assert added["effective"] is True
        assert added["replaced"] == []
        rule = {"id": 1, "action": "allow", "name": "t.ads.example", "client": "", "group": "", "until": None}
        rule |= {"comment": "why not", "created": NOON, "origin": "api", "exact": False, "text": ""}
        assert added["rule"] == rule | {"who": "api (127.0.0.1)", "hits": 0, "last_hit": None, "note": ""}
        assert added["hint"] == ""
        assert house.worker.loaded[-1] == house.parts.publisher.generation
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "allow"

        again = await house.call("POST", "/api/v1/rules", json={"action": "allow", "name": "t.ads.example"})
        assert again.status == 200
        assert again.json["created"] is False
        assert again.json["rule"]["id"] == 1

        assert await house.api("DELETE", "rules/1") == {"effective": True, "note": "", "hint": ""}
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "block"
        gone = await house.call("DELETE", "/api/v1/rules/1")
        assert gone.status == 404
        assert gone.error["message"] == "there is no rule 1; rules of the config are changed in its file"

    open_house(scenario)


def test_rules_of_the_config_come_first_and_have_no_id(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "deny", "name": "x.example"})
        config, own = await house.api("GET", "rules")
        assert (config["id"], config["action"], config["name"], config["origin"]) == (
            None,
            "allow",
            "cdn.example.com",
            "config",
        )
        assert (own["id"], own["action"], own["name"], own["origin"]) == (1, "deny", "x.example", "api")

    open_house(scenario)


def test_a_rule_may_be_for_somebody_and_for_a_while(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "deny", "name": "game.example", "group": "kids", "for": "10m"})
        await house.api("POST", "rules", {"action": "deny", "name": "chat.example", "client": "192.0.2.20", "for": 60})
        _, group, client = await house.api("GET", "rules")
        assert (group["group"], group["until"]) == ("kids", NOON + 600)
        assert (client["client"], client["until"]) == ("192.0.2.20", NOON + 60)
        house.clock.now += 60
        assert len(await house.api("GET", "rules")) == 2

    open_house(scenario)


def test_the_opposite_rule_gives_way(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "deny", "name": "x.example"})
        added = await house.api("POST", "rules", {"action": "allow", "name": "x.example"})
        assert [(one["id"], one["action"]) for one in added["replaced"]] == [(1, "deny")]

    open_house(scenario)


def test_a_rule_is_not_half_added_when_the_database_is_away(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.database.close()
        reply = await house.call("POST", "/api/v1/rules", json={"action": "deny", "name": "x.example"})
        assert reply.status == 503
        assert reply.error["code"] == "store"
        assert (await house.service.whys.why("x.example", "", 1)).verdict == "pass"

    open_house(scenario)


def test_a_rule_may_be_the_line_of_a_list(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        body = {"action": "allow", "text": "||t.ads.example^$dnstype=AAAA"}
        rule = (await house.api("POST", "rules", body))["rule"]
        assert (rule["name"], rule["text"], rule["exact"]) == ("t.ads.example", "||t.ads.example^$dnstype=AAAA", False)
        assert (await house.service.whys.why("t.ads.example", "", 28)).verdict == "allow"
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "block"
        plain = (await house.api("POST", "rules", {"action": "deny", "text": "||plain.example^"}))["rule"]
        assert (plain["name"], plain["text"]) == ("plain.example", "")
        await house.api("POST", "rules", {"action": "deny", "text": "/^banner[0-9]/"})
        assert (await house.service.whys.why("banner7.example")).verdict == "block"

    open_house(scenario)


def test_a_rule_may_be_for_one_name_alone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        rule = (await house.api("POST", "rules", {"action": "deny", "name": "x.example", "exact": True}))["rule"]
        assert rule["exact"] is True
        assert (await house.service.whys.why("x.example")).verdict == "block"
        assert (await house.service.whys.why("www.x.example")).verdict == "pass"

    open_house(scenario)


@pytest.mark.parametrize(
    ("body", "place", "said"),
    [
        ({}, "name", "one of name and text"),
        ({"name": "x.example", "text": "||x.example^"}, "name", "one of name and text"),
        ({"name": "||x.example^"}, "name", "goes into text"),
        ({"name": "*.x.example"}, "name", "goes into text"),
        ({"name": "192.0.2.1"}, "name", "192.0.2.1"),
        ({"name": "."}, "name", "every name"),
        ({"text": "what is this"}, "text", "neither a name nor"),
        ({"text": "||x.example^", "exact": True}, "text", "exact"),
        ({"text": "x.example##.ad"}, "text", "browsers"),
    ],
)
def test_what_is_no_rule(open_house: Opener, body: dict[str, object], place: str, said: str) -> None:
    async def scenario(house: House) -> None:
        reply = await house.call("POST", "/api/v1/rules", json={"action": "deny", **body})
        assert (reply.status, reply.error["path"]) == (400, place), reply.text
        assert said in reply.error["message"]

    open_house(scenario)


def test_what_a_rule_does_not_change_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async def hint(**body: object) -> str:
            return str((await house.api("POST", "rules", body))["hint"])

        assert await hint(action="allow", name="free.example") == "nothing blocks it now"
        assert await hint(action="allow", name="example") == "", "names below it are blocked"
        assert await hint(action="allow", name="ads.example", group="kids") == "nothing blocks it now"
        assert await hint(action="allow", name="www.cdn.example.com") == "nothing blocks it now"
        assert await hint(action="allow", name="t.ads.example") == "it is a part of what allow example says"
        assert "comes first" in await hint(action="deny", name="printer.localhost")
        house.worker.told = frames.Told(0, frames.Known(0, 1.0, 9.0, ["x.track.example"]))
        assert await hint(action="allow", name="alias.test.org") == ""

    open_house(scenario)


def test_a_part_of_a_broader_rule_holds_already(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "deny", "name": "example"})
        again = await house.call("POST", "/api/v1/rules", json={"action": "deny", "name": "www.example"})
        assert (again.status, again.json["rule"]["name"]) == (200, "example")
        assert again.json["hint"] == "it is a part of what deny example says"

    open_house(scenario)


def test_a_rule_counts_its_hits(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "allow", "name": "t.ads.example"})
        one = row("t.ads.example", "allow", count=3)
        exchange = msgspec.structs.replace(one.exchange, source="rules", rule="allow t.ads.example", own="rule:1")
        await house.journal([msgspec.structs.replace(one, exchange=exchange)])
        rule = (await house.api("GET", "rules"))[1]
        assert (rule["hits"], rule["last_hit"]) == (3, NOON - 60)

    open_house(scenario)


def test_rules_for_nobody_are_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "deny", "name": "x.example", "group": "kids"})
        house.service.config = msgspec.structs.replace(house.service.config, groups={"default": Group()})
        rule = (await house.api("GET", "rules"))[1]
        assert rule["note"] == "the config has no group kids any more: it is for nobody"

    open_house(scenario)
