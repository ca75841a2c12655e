"""How a page says who chose what, and which field a refusal of the config is about."""

from __future__ import annotations

import pytest

from resolver.admin.choicebodies import ChoiceInfo
from resolver.admin.pages.choosing import but, choose, said, told
from resolver.errors import ApiError
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import furnish
from tests.admin.parts import NOON

FIELDS = {"from": "begins", "only": "names"}


def test_who_chose_it_and_instead_of_what() -> None:
    info = ChoiceInfo("log.keep", "7d", chosen=True, who="anna", at=NOON, file="/etc/lull/lull.yaml", line=12)
    assert said(info).startswith("Chosen here by anna on 2026-01-0")
    assert said(info).endswith(", instead of lull.yaml:12.")
    info = ChoiceInfo("x", 1, chosen=True, who="anna", at=None, file="lull.yaml", line=0, instead="it fits no more")
    assert said(info) == "Chosen here by anna, lull.yaml says nothing of it. It is not in force: it fits no more."


def test_what_is_not_in_force_yet() -> None:
    assert but("") == ""
    assert but("worker 1 is away") == " But not everywhere yet: worker 1 is away"


def test_a_refusal_is_about_a_field(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        async def refused(path: str, value: object) -> tuple[str, str]:
            with pytest.raises(ApiError) as caught:
                await choose(house.service, path, value, "anna", FIELDS)
            return caught.value.path or "", str(caught.value)

        good = {"from": "20:00", "to": "21:00", "only": []}
        assert (await refused("schedules.rest", {**good, "from": "25:00"}))[0] == "begins"
        field, words = await refused("schedules.rest", {**good, "only": ["a..b"]})
        assert (field, words) == ("names", '"a..b" has an empty label')
        field, words = await refused("schedules.rest", {**good, "zone": "Nowhere"})
        assert field == "", "the form has no such field"
        field, words = await refused("nothing", 1)
        assert field == "path"
        assert told(house.service, "schedules.bedtime") == ""
        assert await choose(house.service, "schedules.rest", good, "anna", FIELDS) == ""
        assert told(house.service, "schedules.rest").startswith("Chosen here by anna on ")

    open_house(scenario, config=furnish(open_house, monkeypatch))
