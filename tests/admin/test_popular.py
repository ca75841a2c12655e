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
from resolver.store.insight import DAY, Insight, Passed
from tests.support import StillClock


class Known(Insight):
    """What a log says, without the log; `since` is what it was asked for."""

    def __init__(self, *found: Passed | StoreError) -> None:
        self.found = list(found)
        self.since = 0.0

    def passed(self, since: float, names: object = None) -> list[Passed]:
        self.since = since
        if self.found and isinstance(self.found[0], StoreError):
            raise cast("StoreError", self.found.pop(0))
        return [one for one in self.found if isinstance(one, Passed)]


def made(insight: Insight, privacy: Privacy = "full") -> Popular:
    return Popular(StillClock(time=1_000_000.0), insight, lambda: replace(Config(), log=Log(privacy=privacy)))


def test_those_asked_most_come_first_and_what_is_asked_seldom_not_at_all() -> None:
    known = Known(Passed("a.example", 1, "", 5), Passed("b.example", 28, "", 9), Passed("c.example", 1, "", 2))
    assert made(known).questions() == [("b.example", 28), ("a.example", 1)]
    assert known.since == 1_000_000.0 - DAY


def test_a_thousand_at_most() -> None:
    assert len(made(Known(*(Passed(f"n{n}.example", 1, "", 10) for n in range(5000)))).questions()) == 1000


@pytest.mark.parametrize(("privacy", "told"), [("full", True), ("no-client", True), ("no-name", False), ("off", False)])
def test_names_that_are_not_to_be_kept_are_not_told(privacy: Privacy, told: bool) -> None:
    assert bool(made(Known(Passed("a.example", 1, "", 5)), privacy).questions()) == told


def test_a_log_that_cannot_be_read_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(popular, "_HOUR", 0.001)
    known = Known(StoreError("locked"), Passed("a.example", 1, "", 5))
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
