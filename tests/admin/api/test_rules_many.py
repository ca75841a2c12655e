"""Many rules at once, and which of many could go."""

import io

import msgspec

from resolver.admin.handling import MAX_BODY
from resolver.config.schema import Log
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import row


def test_many_at_once(open_house: Opener) -> None:
    text = "# ours\nallow t.ads.example\n||shop.example^\nwhat is this\nallow t.ads.example\n"

    async def scenario(house: House) -> None:
        loads = len(house.worker.loaded)
        done = await house.api("POST", "rules/bulk", {"text": text, "group": "kids", "comment": "ours"})
        assert [(one["line"], one["outcome"]) for one in done["lines"]] == [
            (2, "added"),
            (3, "added"),
            (4, "error"),
            (5, "holds"),
        ]
        assert (done["added"], done["holds"], done["errors"], done["effective"]) == (2, 1, 1, True)
        assert len(house.worker.loaded) == loads + 1, "one policy for all of them"
        rules = await house.api("GET", "rules")
        assert {(one["group"], one["comment"]) for one in rules[1:]} == {("kids", "ours")}
        await house.api("POST", f"changes/{done['change']}/undo")
        assert len(await house.api("GET", "rules")) == 1
        nothing = await house.api("POST", "rules/bulk", {"text": "# nothing\n"})
        assert (nothing["lines"], nothing["change"]) == ([], None)

    open_house(scenario)


def test_thousands_at_once_and_not_more(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        text = "".join(f"deny {'long-' * 10}{number}.example\n" for number in range(5_000))
        assert len(text) > 10 * MAX_BODY // 2
        assert (await house.api("POST", "rules/bulk", {"text": text}))["added"] == 5_000
        many = await house.call("POST", "/api/v1/rules/bulk", json={"text": "a.example\n" * 5_001})
        assert (many.status, many.error["path"]) == (400, "text")
        body = io.BytesIO(b'{"text": "' + b"x" * (1 << 20) + b'"}')
        json = {"Content-Type": "application/json"}
        large = await house.call("POST", "/api/v1/rules/bulk", data=body, headers=json)
        assert (large.status, large.error["message"]) == (413, "a body is at most 1024 KiB")

    open_house(scenario)


def test_rules_that_could_go(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for name in ("t.ads.example", "free.example", "cdn.example", "alias.example"):
            await house.api("POST", "rules", {"action": "allow", "name": name})
        await house.api("POST", "rules", {"action": "allow", "name": "old.example", "for": "10m"})
        found = {one["rule"]["name"]: one["reason"] for one in await house.api("GET", "rules/suggestions")}
        assert found.keys() == {"free.example", "cdn.example", "alias.example"}
        assert set(found.values()) == {"no list, service or default blocks it, or a name below it, any more"}
        house.clock.now += 91 * 86_400
        used = row("t.ads.example", "allow")
        exchange = msgspec.structs.replace(used.exchange, own="rule:1")
        await house.journal([msgspec.structs.replace(used, exchange=exchange)], int(house.clock.now) - 60)
        found = {one["rule"]["name"]: one["reason"] for one in await house.api("GET", "rules/suggestions")}
        assert found == dict.fromkeys(("free.example", "cdn.example", "alias.example"), "not used for 90 days")

    open_house(scenario)


def test_without_a_log_nothing_is_said_of_use(open_house: Opener) -> None:
    config = msgspec.structs.replace(config_of(open_house.lists), log=Log(privacy="off"))

    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "allow", "name": "t.ads.example"})
        house.clock.now += 91 * 86_400
        assert await house.api("GET", "rules/suggestions") == []

    open_house(scenario, config=config)
