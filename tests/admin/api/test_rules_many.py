"""Many rules at once, and which of many could go."""

import asyncio
import io
from typing import Any, NoReturn

import msgspec
import pytest

from resolver.admin.routing import MAX_BODY
from resolver.config.log import Log
from resolver.errors import StoreError
from resolver.store import hits
from resolver.store.rules import NewRule
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import row


def swept(house: House) -> None:
    """As every hour."""
    house.parts.database.run(lambda connection: hits.tidy(connection, house.clock.now))


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


def test_what_gave_way_to_many(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        first = await house.api("POST", "rules/bulk", {"text": "a.example\nb.example\nc.example\n", "action": "deny"})
        assert (first["added"], first["replaced"]) == (3, 0)
        done = await house.api("POST", "rules/bulk", {"text": "a.example\nb.example\nd.example\n", "action": "allow"})
        assert (done["added"], done["replaced"]) == (3, 2)

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
        swept(house)
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


def test_rules_for_which_there_is_no_room_are_told_of(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        text = "\n".join(f"deny ||x.example^$client=192.0.2.{number}" for number in range(1, 66))
        done = await house.api("POST", "rules/bulk", {"text": text})
        last = "deny ||x.example^$client=192.0.2.65: too many patterns or options"
        assert (done["added"], done["effective"], done["note"]) == (65, False, f"not in force: {last}")
        new = {"action": "deny", "text": "||x.example^$client=192.0.2.66"}
        one = await house.api("POST", "rules", new)
        assert (one["effective"], "192.0.2.66: too many" in one["note"]) == (False, True)
        assert one["rule"]["note"] == "it is not in force: too many patterns or options"
        assert "rules not in force: " in str((await house.api("GET", "status"))["troubles"])
        assert (await house.api("POST", "rules", {"action": "deny", "name": "y.example"}))["effective"] is True
        assert [rule["note"] for rule in await house.api("GET", "rules")].count("") == 66
        await house.api("DELETE", "rules/1")
        assert house.parts.publisher.left_out() == f"not in force: {last.replace('65', '66')}"

    open_house(scenario)


def test_the_change_that_is_told_is_that_of_the_rules(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else is changed meanwhile, and if the database cannot be read after that."""

    async def scenario(house: House) -> None:
        publish = house.parts.publisher.publish

        async def meanwhile(*arguments: Any) -> str:
            monkeypatch.setattr(house.parts.publisher, "publish", publish)
            await asyncio.to_thread(house.parts.people.add, NewRule("deny", "other.example"))
            monkeypatch.setattr(house.parts.database, "read", locked)
            return await publish(*arguments)

        def locked(_: object) -> NoReturn:
            raise StoreError("another process holds the database locked")

        monkeypatch.setattr(house.parts.people, "changes", locked)
        monkeypatch.setattr(house.parts.publisher, "publish", meanwhile)
        done = await house.api("POST", "rules/bulk", {"text": "allow a.example\nallow b.example\n"})
        assert (done["added"], done["change"]) == (2, 1)

    open_house(scenario)


def test_a_rule_that_is_counted_only_since_lately_is_not_said_to_be_unused(open_house: Opener) -> None:
    """One that was deleted and brought back, or of a database that was begun anew: its hits are gone."""

    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "allow", "name": "t.ads.example"})
        swept(house)
        house.clock.now += 91 * 86_400
        await house.api("DELETE", "rules/1")
        await house.api("POST", "changes/2/undo")
        assert await house.api("GET", "rules/suggestions") == []
        swept(house)
        assert (await house.api("GET", "rules"))[1]["last_hit"] is None
        house.clock.now += 91 * 86_400
        (one,) = await house.api("GET", "rules/suggestions")
        assert one["reason"] == "not used for 90 days"

    open_house(scenario)
