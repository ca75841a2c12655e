"""What pages and API share, where it is not seen through them: what is in force when parts of the house are broken."""

import pytest

from resolver.admin import bodies
from resolver.admin.rulebodies import NewRule
from resolver.errors import ApiError, ListError
from resolver.lists.update import Lists
from tests.admin.household import House, Opener
from tests.admin.parts import NOON


def test_rules_and_pauses_stay_in_force_when_the_database_cannot_be_read_at_a_start(open_house: Opener) -> None:
    async def before(house: House) -> None:
        await house.service.ruling.add(NewRule("deny", "own.example"), "me")
        await house.service.pausing.begin(bodies.NewPause("2h", client="192.0.2.9"), "me")

    async def after(house: House) -> None:
        await house.service.publish()
        assert (await house.service.whys.why("own.example", "", 1)).verdict == "block"
        assert house.service.pausing.in_force() == [bodies.PauseInfo(0, NOON + 7200, "192.0.2.9", "")]
        assert any("cannot be read" in trouble for trouble in house.service.status().troubles)
        with pytest.raises(ApiError) as caught:
            await house.service.pausing.end("me")
        assert (caught.value.status, caught.value.code) == (503, "store")

    open_house(before)
    database = open_house.state / "lull.db"
    database.rename(open_house.state / "away")
    database.mkdir()
    open_house(after)


def test_what_the_database_says_is_in_force_once_it_can_be_read_again(open_house: Opener) -> None:
    database, away = open_house.state / "lull.db", open_house.state / "away"

    async def before(house: House) -> None:
        await house.service.pausing.begin(bodies.NewPause("2h"), "me")

    async def after(house: House) -> None:
        assert house.service.pausing.in_force()[0].id == 0
        assert "cannot be read" in house.parts.publisher.trouble, "so that control tries again"
        database.rmdir()
        away.rename(database)
        assert await house.service.publish() == ""
        assert house.service.pausing.in_force()[0].id == 1

    open_house(before)
    database.rename(away)
    database.mkdir()
    open_house(after)


def test_before_the_lists_are_compiled_nothing_is_published_and_it_is_said(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: Lists) -> None:
        raise ListError("no lists are compiled yet")

    async def scenario(house: House) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Lists, "compiled", property(none))
            added = await house.service.ruling.add(NewRule("deny", "own.example"), "me")
            assert added.created
            assert not added.effective
            assert "no lists are compiled yet" in added.note
            assert house.parts.publisher.trouble == added.note
        assert await house.service.publish() == ""
        assert (await house.service.whys.why("own.example", "", 1)).verdict == "block"
        assert house.parts.publisher.trouble == ""

    open_house(scenario)


def test_a_pause_is_shown_until_it_ends(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.pausing.begin(bodies.NewPause("5m"), "me")
        assert len(house.service.pausing.in_force()) == 1
        house.clock.now += 300
        assert house.service.pausing.in_force() == []

    open_house(scenario)


def test_a_worker_that_refuses_the_policy_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.worker.refuses = "it is damaged"
        added = await house.service.ruling.add(NewRule("deny", "own.example"), "me")
        assert not added.effective
        assert added.note == "worker 1: it is damaged"
        assert added.note in house.service.status().troubles

    open_house(scenario)
