"""What an answer is while it is waited for."""

from __future__ import annotations

import asyncio

import pytest

from resolver.pipeline.later import Later


def test_everybody_is_told_once_whether_they_asked_before_or_after() -> None:
    later: Later[int] = Later()
    told: list[int | Exception] = []
    later.then(told.append)
    later.then(told.append)
    assert not later.settled
    later.settle(7)
    assert later.settled
    later.then(told.append)
    assert told == [7, 7, 7]


def test_what_is_made_of_it_is_told_in_turn_and_mistakes_go_along() -> None:
    told: list[int | str | Exception] = []
    for value in (2, 0, KeyError("earlier")):
        later: Later[int] = Later()
        later.map(lambda number: str(10 // number)).then(told.append)
        later.settle(value)
    assert told[0] == "5"
    assert [type(one) for one in told[1:]] == [ZeroDivisionError, KeyError]


def test_it_can_be_awaited_and_who_gives_up_gives_up_alone() -> None:
    async def main() -> None:
        later: Later[int] = Later()
        first, second = later.future(), later.future()
        first.cancel()
        asyncio.get_running_loop().call_soon(later.settle, 7)
        assert await second == 7
        assert await later == 7
        failed: Later[int] = Later()
        asyncio.get_running_loop().call_soon(failed.settle, KeyError("a mistake"))
        with pytest.raises(KeyError):
            await failed

    asyncio.run(main())


def test_a_mistake_of_one_who_is_told_costs_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    later: Later[int] = Later()
    told: list[int | Exception] = []

    def stumble(_: int | Exception) -> None:
        raise KeyError(".".join(("secret", "example")))

    for tell in (told.append, stumble, told.append):
        later.then(tell)
    later.settle(7)
    assert told == [7, 7]
    assert "KeyError" in caplog.text
    assert "secret.example" not in caplog.text
