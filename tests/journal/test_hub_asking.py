"""What workers learn through control: windows that others opened; and what control asks of them all."""

from __future__ import annotations

import asyncio
import pathlib

import pytest

from resolver.journal import frames
from resolver.pipeline.visits import Visits
from tests.journal.ends import control, worker
from tests.support import until


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "run" / "control.sock"


def rules_of(visits: Visits) -> set[str]:
    return {rule for _, rule, _ in visits.all()}


def test_what_one_worker_learns_of_a_client_the_others_know(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path, 1) as one, worker(path, 2) as two, worker(path, 3) as three:
            await until(lambda: len(house.hub.workers) == 3)
            one.visits.open("me", "site:1", 600)
            await until(lambda: rules_of(two.visits) & rules_of(three.visits))
            assert house.visits.all() == one.visits.all() == two.visits.all() == three.visits.all()
            two.visits.take([("me", "site:2", 9e9)])  # as if control had told it
            await asyncio.sleep(0.02)
            assert rules_of(one.visits) == {"site:1"}

    asyncio.run(main())


def test_windows_survive_the_restart_of_a_worker_and_that_of_control(path: pathlib.Path) -> None:
    async def main() -> None:
        async with worker(path, 2) as stays:
            async with control(path) as house:
                await until(lambda: house.hub.workers)
                async with worker(path, 1) as first:
                    await until(lambda: len(house.hub.workers) == 2)
                    first.visits.open("me", "site:1", 600)
                    await until(lambda: len(house.visits) == 1)
                async with worker(path, 1) as second:
                    await until(lambda: rules_of(second.visits) == {"site:1"})
            async with control(path) as house:
                await until(lambda: rules_of(house.visits) == {"site:1"})
                assert house.visits.all() == stays.visits.all()

    asyncio.run(main())


def test_without_control_a_worker_goes_on_alone(path: pathlib.Path) -> None:
    async def main() -> None:
        async with worker(path) as made:
            made.visits.open("me", "site:1", 600)
            assert rules_of(made.visits) == {"site:1"}

    asyncio.run(main())


def test_news_is_passed_on_once(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker says again when it connects is nothing new to those who never left."""

    async def main() -> None:
        async with control(path) as house, worker(path, 1) as one:
            await until(lambda: house.hub.workers)
            taken: list[list[frames.Window]] = []
            monkeypatch.setattr(one, "take", taken.append)
            async with worker(path, 2) as two:
                two.visits.open("me", "site:1", 600)
                await until(lambda: taken)
            one.visits.open("you", "site:1", 600)
            async with worker(path, 3) as three:
                await until(lambda: len(three.visits) == 2)
                three.link.send(frames.Visits(three.visits.all()))
                three.visits.open("me", "site:2", 600)
                await until(lambda: len(taken) > 1)
            assert [[rule for _, rule, _ in windows] for windows in taken] == [["site:1"], ["site:2"]]

    asyncio.run(main())


def test_all_workers_are_asked_what_they_know(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path, 1) as one, worker(path, 2) as two:
            assert await house.hub.ask("www.example", 28, "", 0.01) == []
            await until(lambda: len(house.hub.workers) == 2)
            one.knows = frames.Known(0, 5.0, 55.0, ["x.example"])
            told = await house.hub.ask("www.example", 28, "192.0.2.1", 2)
            assert len(told) == 2
            assert [answer.known for answer in told if answer.known] == [one.knows]
            (asked,) = one.asked
            assert (asked.name, asked.type, asked.client) == ("www.example", 28, "192.0.2.1")
            assert two.asked == one.asked

    asyncio.run(main())


def test_a_worker_that_is_silent_or_goes_away_is_left_out(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path, 1):
            async with worker(path, 2) as two:
                await until(lambda: len(house.hub.workers) == 2)
                monkeypatch.setattr(two.link, "send", lambda _: None)
                assert len(await house.hub.ask("www.example", 1, "", 0.1)) == 1
                asking = asyncio.create_task(house.hub.ask("www.example", 1, "", 5))
                await asyncio.sleep(0.02)
            assert len(await asyncio.wait_for(asking, 1)) == 1
            assert all(not known.asked for known in house.hub.workers)

    asyncio.run(main())


def test_an_answer_that_comes_too_late_or_was_never_asked_for_harms_nobody(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path) as made:
            await until(lambda: house.hub.workers)
            made.link.send(frames.Told(99))
            made.link.send(frames.Visits([]))
            assert len(await house.hub.ask("www.example", 1, "", 2)) == 1

    asyncio.run(main())


def test_a_window_that_opens_while_a_worker_catches_up_is_told(
    path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with worker(path) as one:
            catch_up = one.link._catch_up

            async def slowly(writer: asyncio.StreamWriter) -> None:
                await catch_up(writer)
                one.visits.open("me", "site:1", 600)

            monkeypatch.setattr(one.link, "_catch_up", slowly)
            async with control(path) as house:
                await until(lambda: house.visits.all() == one.visits.all() != [])

    asyncio.run(main())
