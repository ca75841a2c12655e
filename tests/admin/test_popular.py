"""What is popular is what the log says, as far as it may say it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import cast

import pytest
from msgspec.structs import replace

from resolver.admin import popular
from resolver.admin.popular import Popular
from resolver.config.log import Log
from resolver.config.schema import Config
from resolver.errors import StoreError
from resolver.model import Privacy
from resolver.store.insight import DAY, Insight
from tests.support import StillClock


class Known(Insight):
    """What a log says, without the log; `wanted` is what it was asked for."""

    def __init__(self, *found: tuple[str, int] | StoreError) -> None:
        self.found = list(found)
        self.wanted: list[tuple[float, int, int]] = []

    def popular(self, since: float, least: int, most: int) -> list[tuple[str, int]]:
        self.wanted.append((since, least, most))
        if self.found and isinstance(self.found[0], StoreError):
            raise cast("StoreError", self.found.pop(0))
        return [one for one in self.found if isinstance(one, tuple)]


def made(insight: Insight, privacy: Privacy = "full") -> Popular:
    return Popular(StillClock(time=1_000_000.0), insight, lambda: replace(Config(), log=Log(privacy=privacy)))


def test_a_thousand_questions_of_the_last_day_that_were_not_asked_by_chance() -> None:
    known = Known(("b.example", 28), ("a.example", 1))
    assert made(known).questions() == [("b.example", 28), ("a.example", 1)]
    assert known.wanted == [(1_000_000.0 - DAY, 3, 1000)]


@pytest.mark.parametrize(("privacy", "told"), [("full", True), ("no-client", True), ("no-name", False), ("off", False)])
def test_names_that_are_not_to_be_kept_are_not_told(privacy: Privacy, told: bool) -> None:
    assert bool(made(Known(("a.example", 1)), privacy).questions()) == told


def test_a_log_that_cannot_be_read_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(popular, "_HOUR", 0.001)
    known = Known(StoreError("locked"), ("a.example", 1))
    told: list[list[tuple[str, int]]] = []

    async def main() -> None:
        task = asyncio.create_task(made(known).keep(told.append))
        while len(told) < 2:
            await asyncio.sleep(0.001)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert told[:2] == [[("a.example", 1)]] * 2
