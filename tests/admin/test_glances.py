"""Looks that take longer than somebody waits."""

from __future__ import annotations

import asyncio
import threading

import pytest

from resolver.admin.glances import FRESH, GOOD, Glances
from resolver.errors import StoreError
from tests.admin.parts import StillClock, until


class Slow:
    """Work that counts, and that ends when it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.done = 0

    def __call__(self) -> str:
        assert self.go.wait(5)
        self.done += 1
        return f"look {self.done}"


def test_what_is_there_at_once() -> None:
    async def scenario() -> None:
        clock, slow = StillClock(), Slow()
        glances = Glances[str](clock)
        slow.go.set()
        assert await glances.soon("a", slow) == "look 1"
        clock.now += FRESH
        assert await glances.soon("a", slow) == "look 1", "that is fresh enough"
        clock.now += 0.1
        assert await glances.soon("a", slow) == "look 2"
        assert await glances.soon("b", slow) == "look 3", "what was seen under another key says nothing"

    asyncio.run(scenario())


def test_what_takes_long_goes_on_meanwhile() -> None:
    async def scenario() -> None:
        clock, slow = StillClock(), Slow()
        glances = Glances[str](clock)
        assert await glances.soon("a", slow) is None
        assert await glances.soon("a", slow) is None
        assert glances.seen("a") is None
        slow.go.set()
        await until(lambda: glances.seen("a") == "look 1")
        assert await glances.soon("a", slow) == "look 1"
        assert slow.done == 1, "it was looked once"
        slow.go.clear()
        clock.now += FRESH + 0.1
        assert glances.seen("a") == "look 1"
        assert await glances.soon("a", slow) is None, "that is not fresh any more"
        slow.go.set()
        await until(lambda: glances.seen("a") == "look 2")
        clock.now += GOOD + 0.1
        assert glances.seen("a") is None

    asyncio.run(scenario())


def test_few_look_at_once_and_few_are_remembered() -> None:
    async def scenario() -> None:
        clock, slow = StillClock(), Slow()
        glances = Glances[str](clock)
        for key in range(5):
            assert await glances.soon(key, slow) is None
        slow.go.set()
        await until(lambda: glances.seen(1) is not None)
        assert slow.done == 2
        for key in range(100):
            await glances.soon(key, slow)
        assert sum(glances.seen(key) is not None for key in range(100)) <= 21

    asyncio.run(scenario())


def test_what_failed_is_said_and_tried_again() -> None:
    async def scenario() -> None:
        clock, slow = StillClock(), Slow()
        glances = Glances[str](clock)

        def fail() -> str:
            raise StoreError("no disk")

        for _ in range(2):
            with pytest.raises(StoreError, match="no disk"):
                await glances.soon("a", fail)
        slow.go.set()
        clock.now += FRESH + 0.1
        assert await glances.soon("a", slow) == "look 1"

    asyncio.run(scenario())
