"""What the forms of /rules do."""

from __future__ import annotations

import re

import pytest

from resolver.admin.rulebodies import NewRules
from tests.admin.household import ADMIN, House, Opener
from tests.admin.pages.test_rules import notice, ours


def test_one_rule_or_all_that_are_ticked_are_deleted_and_come_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.service.ruling.add_many(NewRules("\n".join(f"deny n{n}.example" for n in range(60))), ADMIN)
        there = await ours(house)
        await browser.post("/rules/delete", {"id": str(there[0].id), f"rule-{there[1].id}": "yes"})
        assert await notice(browser) == "● Deleted: deny n0.example."
        assert len(await ours(house)) == 59, "the button of a row is about that row alone"
        await browser.post("/rules/delete", {f"rule-{rule.id}": "yes" for rule in there[1:51]})
        text = await browser.page("/rules")
        assert "50 rules are deleted." in text
        assert [rule.name for rule in await ours(house)] == [rule.name for rule in there[51:]]
        undo = re.search(r'action="/audit/undo">.*?name="id" value="(\d+)"', text, re.DOTALL)
        assert undo, "the notice takes it back"
        await browser.post("/audit/undo", {"id": undo[1]})
        assert len(await ours(house)) == 59, "all at once"

    open_house(scenario)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "tick the rules that are to go first"),
        ({"id": "x"}, "the id of a rule is a number"),
        ({"rule-": "yes"}, "the id of a rule is a number"),
        ({"id": "999"}, "none of these rules is there any more"),
    ],
)
def test_what_cannot_be_deleted(open_house: Opener, fields: dict[str, str], said: str) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/rules/delete", fields)
        assert said in await notice(browser)

    open_house(scenario)
