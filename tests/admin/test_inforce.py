"""What could not be brought into force at first, and what comes into force late."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from resolver.admin import inforce
from resolver.admin.inforce import InForce
from resolver.config.schema import Config, ListSource
from resolver.config.settled import Settled
from resolver.store.database import Database
from tests.admin.household import House, Opener
from tests.admin.parts import until


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inforce, "AGAIN", 0.01)


def test_what_failed_is_tried_again_until_it_is_in_force(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        publisher = house.parts.publisher
        publisher.trouble = "the disk is full"
        async with _kept(house) as chosen:
            await until(lambda: publisher.trouble == "")
        assert chosen == []

    open_house(scenario)


def test_another_database_is_asked_for_choices_also_one_that_comes_meanwhile(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with _kept(house) as chosen:
            _move(house)
            await until(lambda: len(chosen) >= 2)
            await asyncio.sleep(0.1)
        assert len(chosen) == 2

    open_house(scenario)


def test_lists_that_cannot_be_used_are_told(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        config = Config(lists=(ListSource("no-such-list"),))
        said = await InForce(house.parts, house.service).take(Settled(config))
        assert said.startswith("the lists cannot be used: ")

    open_house(scenario)


def _move(house: House) -> None:
    """Have another database stand in the place of the one that there is."""
    database = house.parts.database
    assert isinstance(database, Database)
    database.generation += 1


@contextlib.asynccontextmanager
async def _kept(house: House) -> AsyncIterator[list[int]]:
    """Meanwhile; how often people's choices were looked at, at the first of which the database changes again."""
    chosen: list[int] = []

    async def choose() -> None:
        chosen.append(house.parts.database.generation)
        if len(chosen) == 1:
            _move(house)

    task = asyncio.create_task(InForce(house.parts, house.service).keep_published(choose))
    await asyncio.sleep(0)
    try:
        yield chosen
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
