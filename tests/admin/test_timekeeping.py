"""Control follows the clock: database, mapped bundle, and one policy published anew."""

from __future__ import annotations

import asyncio
import pathlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from resolver.admin.parts import Parts
from resolver.admin.publish import Publisher
from resolver.admin.timekeeping import Timekeeper
from resolver.errors import StoreError
from resolver.journal.hub import Hub
from resolver.pipeline.visits import Visits
from resolver.policy.bundles import Bundles
from resolver.policy.document import Document
from resolver.store.database import Database
from resolver.store.pauses import NewPause
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from tests.support import StillClock, compile_lists

YEAR = 365 * 86_400.0
BOOT = "this"


class Settable(StillClock):
    """A clock whose time on the wall can be set."""

    def set(self, by: float) -> None:
        self._time += by


class House:
    """What the timekeeper works with, and how often it had the policy published."""

    def __init__(self, directory: pathlib.Path, boot: str = BOOT, clock: Settable | None = None) -> None:
        self.clock = clock or Settable()
        self.directory = directory
        hub = Hub(directory / "control.sock", lambda _: None, lambda: "", Visits(self.clock))
        self.database = Database.open(directory / "lull.db", self.clock)
        self.people = PeopleStore(self.database, self.clock)
        self.publisher = Publisher(Bundles(directory), hub, self.clock)
        nothing: Any = None
        parts = Parts(
            clock=self.clock,
            hub=hub,
            publisher=self.publisher,
            lists=nothing,
            database=self.database,
            people=self.people,
            devices=nothing,
            queries=nothing,
            writer=nothing,
            accounts=nothing,
            catalogue=nothing,
            state=directory,
            home=directory,
            boot=boot,
        )
        self.published = 0
        self.keeper = Timekeeper(parts, self.publish)

    async def publish(self) -> None:
        self.published += 1
        names = self.directory / "names"
        if not names.exists():
            names.mkdir()
            compile_lists(names, {})
        assert self.people.offset is not None
        document = Document(rules=self.people.own_rules(), boot=BOOT, offset=self.people.offset)
        await self.publisher.publish(document, names)

    @property
    def left(self) -> list[float | None]:
        """For how many seconds the rules in the bundle still hold."""
        assert self.publisher.bundle is not None
        now = self.clock.time()
        return [rule.until and rule.until - now for rule in self.publisher.bundle.document.rules]


def play(directory: pathlib.Path, scenario: Callable[[House], Awaitable[None]]) -> None:
    async def main() -> None:
        house = House(directory)
        try:
            await house.keeper.look()
            await scenario(house)
        finally:
            house.database.close()

    asyncio.run(main())


@pytest.mark.parametrize("by", [-20 * YEAR, -3600, 3600, 20 * YEAR])
def test_everything_ends_when_it_was_to_end(tmp_path: pathlib.Path, by: float) -> None:
    async def scenario(house: House) -> None:
        clock, people = house.clock, house.people
        people.add(NewRule("allow", "x.example", until=clock.time() + 600))
        people.pause(NewPause(clock.time() + 300))
        await house.publish()
        clock.advance(100)
        clock.set(by)
        await house.keeper.look()
        assert house.left == [500]
        assert [rule.until for rule in people.rules()] == [clock.time() + 500]
        assert [pause.until for pause in people.pauses()] == [clock.time() + 200]
        await house.keeper.look()
        assert house.published == 2
        clock.advance(300)
        assert people.pauses() == []

    play(tmp_path, scenario)


def test_while_nobody_sets_it_nothing_is_published(tmp_path: pathlib.Path) -> None:
    async def scenario(house: House) -> None:
        for by in (0.0, 0.5, -0.8):
            house.clock.set(by)
            house.clock.advance(1)
            await house.keeper.look()
        assert house.published == 0

    play(tmp_path, scenario)


def test_what_the_database_could_not_follow_is_not_published_and_tried_again(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> float:
        raise StoreError("locked")

    async def scenario(house: House) -> None:
        house.people.add(NewRule("allow", "x.example", until=house.clock.time() + 600))
        await house.publish()
        house.clock.set(YEAR)
        with monkeypatch.context() as patched:
            patched.setattr(house.people, "clock_moved", locked)
            await house.keeper.look()
            assert house.published == 1
            assert house.left == [600]  # `why` says the truth meanwhile, as the workers do
        await house.keeper.look()
        assert house.published == 2
        assert house.left == [600]

    play(tmp_path, scenario)


def test_set_while_control_was_away(tmp_path: pathlib.Path) -> None:
    async def scenario(house: House) -> None:
        house.people.add(NewRule("allow", "x.example", until=house.clock.time() + 600))
        await house.publish()
        house.database.close()
        house.clock.set(YEAR)
        again = House(house.directory, clock=house.clock)
        try:
            await again.publisher.start()
            await again.keeper.look()
            assert [rule.until for rule in again.people.rules()] == [house.clock.time() + 600]
            assert again.left == [600]
        finally:
            again.database.close()

    play(tmp_path, scenario)


def test_every_minute_it_is_noted_what_time_it_is(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        noted: list[float] = []
        monkeypatch.setattr(house.people, "seen", noted.append)
        began = house.clock.time()
        for _ in range(180):
            house.clock.advance(1)
            await house.keeper.look()
        assert [at - began for at in noted] == [59, 119, 179]  # the first look was before

    play(tmp_path, scenario)
