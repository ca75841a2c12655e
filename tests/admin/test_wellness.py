"""Since when DNS is well, or not, whoever was looking."""

from __future__ import annotations

import asyncio

from resolver.admin.wellness import Wellness
from tests.admin.parts import NOON, StillClock, until


class Told:
    """What is known, to be changed."""

    def __init__(self) -> None:
        self.clock = StillClock()
        self.now = (True, 0.0)
        self.looks = 0
        self.wellness = Wellness(self.clock, self.look)

    def look(self) -> tuple[bool, float]:
        self.looks += 1
        return self.now


def test_since_the_first_look() -> None:
    told = Told()
    assert told.wellness.since() == NOON
    told.clock.now += 60
    assert told.wellness.since() == NOON


def test_a_change_counts_from_when_it_was_met() -> None:
    told = Told()
    told.wellness.since()
    told.clock.now += 60
    told.now = (False, NOON + 42)
    assert told.wellness.since() == NOON + 42
    told.clock.now += 60
    assert told.wellness.since() == NOON + 42
    told.now = (True, 0.0)
    assert told.wellness.since() == NOON + 120


def test_nothing_begins_in_the_future() -> None:
    told = Told()
    told.now = (False, NOON + 999)
    assert told.wellness.since() == NOON


def test_it_looks_by_itself() -> None:
    told = Told()

    async def run() -> None:
        task = asyncio.create_task(told.wellness.keep())
        await until(lambda: told.looks > 0)
        task.cancel()

    asyncio.run(run())
