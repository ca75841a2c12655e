"""Whoever looks gets what they ask for, and is told what they missed."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from resolver.admin import recent, tail
from resolver.admin.recent import Recent
from resolver.admin.tail import Item, Missed, Reader, Tail
from resolver.errors import ApiError
from resolver.journal.frames import Batch
from resolver.network.calling import Calling
from resolver.network.claims import Claims
from resolver.store.filters import LogFilter
from tests.admin.parts import NOON, row
from tests.network.rolls import config, known, roll

EVERYTHING = LogFilter()


def batch(*names: str, second: int = NOON, **other: Any) -> Batch:
    return Batch("feed", 1, second, [row(name, **other) for name in names], {})


def made() -> Tail:
    devices = roll(known(1, "192.0.2.10", name="TV"))
    return Tail(Recent(), lambda: Calling(config(), devices, Claims()))


def names(found: list[Item | Missed]) -> list[str]:
    return [one.entry.name if isinstance(one, Item) else f"missed {one.rows}" for one in found]


async def everything(reader: Reader) -> list[str]:
    out: list[str] = []
    while found := await reader.read(0.02):
        out += names(found)
    return out


def play(scenario: Callable[[Tail], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(10):
            await scenario(made())

    asyncio.run(main())


def test_what_comes_is_told() -> None:
    async def scenario(tail: Tail) -> None:
        tail.recent.take(batch("before"))
        with tail.subscribe(lambda: EVERYTHING) as reader:
            assert await reader.read(0.02) == []
            asyncio.get_running_loop().call_later(0.05, tail.recent.take, batch("a", "b"))
            first, second = await reader.read(5)
            assert isinstance(first, Item)
            assert (first.entry.id, first.entry.name, first.entry.device, first.entry.type) == (0, "a", "TV", "A")
            assert names([second]) == ["b"]
            assert await reader.read(0.02) == []

    play(scenario)


def test_only_what_is_asked_for_is_told() -> None:
    async def scenario(tail: Tail) -> None:
        rows = [
            *batch("ads.example", "x.ads.example").rows,
            *batch("ads.example", verdict="pass", client="192.0.2.11").rows,
            *batch("bads.example").rows,
        ]
        wanted = {
            "all": EVERYTHING,
            "name": LogFilter(name="ads.example"),
            "one": LogFilter(exact="ads.example", verdict="block"),
            "client": LogFilter(clients=("192.0.2.11",)),
            "nobody": LogFilter(clients=()),
            "list": LogFilter(source="ads", rule="||bads.example^"),
            "slow": LogFilter(slower=1.0),
        }
        found = {}
        for key, filter in wanted.items():
            with tail.subscribe(functools.partial(replace, filter)) as reader:
                tail.recent.take(replace(batch(), rows=rows))
                found[key] = await everything(reader)
        assert found == {
            "all": ["ads.example", "x.ads.example", "ads.example", "bads.example"],
            "name": ["ads.example", "x.ads.example", "ads.example"],
            "one": ["ads.example"],
            "client": ["ads.example"],
            "nobody": [],
            "list": ["bads.example"],
            "slow": [],
        }

    play(scenario)


def test_from_a_while_ago_and_from_a_mark_on() -> None:
    async def scenario(tail: Tail) -> None:
        tail.recent.take(batch("a", "b", second=NOON))
        tail.recent.take(batch("c", second=NOON + 5))
        with tail.subscribe(lambda: EVERYTHING, since=NOON + 1) as reader:
            assert await everything(reader) == ["c"]
        with tail.subscribe(lambda: EVERYTHING, since=0) as reader:
            first = (await reader.read(1))[0]
            assert isinstance(first, Item)
        with tail.subscribe(lambda: EVERYTHING, after=first.mark) as reader:
            assert await everything(reader) == ["b", "c"]
        with tail.subscribe(lambda: EVERYTHING, since=0, after="another-1") as reader:
            assert await everything(reader) == ["missed None", "a", "b", "c"], "nobody knows what came between"

    play(scenario)


def test_who_is_too_slow_misses_some_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "KEPT", 10)

    async def scenario(tail: Tail) -> None:
        with tail.subscribe(lambda: EVERYTHING) as reader:
            for number in range(20):
                tail.recent.take(batch(*(f"n{number}" for _ in range(5))))
            found = await everything(reader)
        assert found == ["missed 90", *["n18"] * 5, *["n19"] * 5]

    play(scenario)


def test_a_second_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "A_SECOND", 10)
    monkeypatch.setattr(tail, "AT_ONCE", 4)

    async def scenario(tail: Tail) -> None:
        loop = asyncio.get_running_loop()
        tail.recent.take(batch(*map(str, range(25))))
        with tail.subscribe(lambda: EVERYTHING, since=0) as reader:
            began, counts, moments = loop.time(), list[int](), list[float]()
            while sum(counts) < 25:
                counts.append(len(await reader.read(3)))
                moments.append(loop.time() - began)
        assert max(counts) == 4
        assert moments[2] < 0.5
        assert moments[3] > 0.9

    play(scenario)


def test_others_have_their_turn_while_nothing_is_found() -> None:
    async def scenario(tail: Tail) -> None:
        tail.recent.take(batch(*(["a.example"] * 18_000), "b.example"))
        with tail.subscribe(lambda: LogFilter(part="b.e"), since=0) as reader:
            reading, turns = asyncio.create_task(reader.read(9)), 0
            while not reading.done():
                turns += 1
                await asyncio.sleep(0)
            assert names(await reading) == ["b.example"]
        assert turns >= 9

    play(scenario)


def test_a_device_that_moves_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "_FRESH", 0.0)
    now = ["192.0.2.10"]

    async def scenario(tail: Tail) -> None:
        with tail.subscribe(lambda: LogFilter(clients=(now[0],))) as reader:
            tail.recent.take(batch("a"))
            assert await everything(reader) == ["a"]
            now[0] = "192.0.2.99"
            tail.recent.take(batch("b", client="192.0.2.99"))
            tail.recent.take(batch("c"))
            assert await everything(reader) == ["b"]

    play(scenario)


def test_there_is_room_for_some() -> None:
    async def scenario(made: Tail) -> None:
        readers = [made.subscribe(lambda: EVERYTHING) for _ in range(tail.READERS + 1)]
        for one in readers[:-1]:
            one.__enter__()
        with pytest.raises(ApiError) as error:
            readers[-1].__enter__()
        assert (error.value.status, error.value.code) == (503, "busy")
        readers[0].__exit__(None, None, None)
        with made.subscribe(lambda: EVERYTHING):
            assert made.readers == tail.READERS

    play(scenario)
