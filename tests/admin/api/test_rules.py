from tests.admin.household import House, Opener
from tests.admin.parts import NOON


def test_a_rule_is_added_holds_and_is_deleted(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert (await house.service.why("t.ads.example", "", 1)).verdict == "block"
        reply = await house.call(
            "POST", "/api/v1/rules", json={"action": "allow", "name": "T.ads.example.", "comment": "why not"}
        )
        assert reply.status == 201
        added = reply.json
        assert added["created"] is True
        assert added["effective"] is True
        assert added["replaced"] == []
        assert added["rule"] == {
            "id": 1,
            "action": "allow",
            "name": "t.ads.example",
            "client": "",
            "group": "",
            "until": None,
            "comment": "why not",
            "created": NOON,
            "origin": "api",
        }
        assert house.worker.loaded[-1] == house.parts.publisher.generation
        assert (await house.service.why("t.ads.example", "", 1)).verdict == "allow"

        again = await house.call("POST", "/api/v1/rules", json={"action": "allow", "name": "t.ads.example"})
        assert again.status == 200
        assert again.json["created"] is False
        assert again.json["rule"]["id"] == 1

        assert await house.api("DELETE", "rules/1") == {"effective": True, "note": ""}
        assert (await house.service.why("t.ads.example", "", 1)).verdict == "block"
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
        assert (await house.service.why("x.example", "", 1)).verdict == "pass"

    open_house(scenario)
