"""Control's end: many workers, their bundles, and whatever else connects."""

from __future__ import annotations

import asyncio
import logging
import os
import pathlib
import socket
import stat

import msgspec
import pytest

from resolver.journal import frames
from resolver.journal.redaction import DAY, pseudonym
from resolver.model import UpstreamHealth
from tests.journal.ends import ME, Worker, control, worker
from tests.support import until
from tests.upstream.servers import descriptors

HEALTH = frames.Health(
    "6", 1, 2, 3, 4, 5, 6, 7, [UpstreamHealth("u", up=True, since=0, latency_ms=1, asked=1, failed=0, reason="")]
)


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "run" / "control.sock"


def test_a_worker_is_known_by_what_it_says(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house:
            async with worker(path, number=3) as made:
                await until(lambda: house.hub.workers)
                (known,) = house.hub.workers
                assert (known.number, known.pid, known.generation, known.health) == (3, 77, "5", None)
                made.link.send(HEALTH)
                await until(lambda: known.health)
                assert (known.health, known.generation) == (HEALTH, "6")
            await until(lambda: not house.hub.workers)

    asyncio.run(main())


@pytest.mark.parametrize(("wanted", "loaded"), [("", []), ("5", []), ("6", ["6"])])
def test_a_new_worker_is_told_what_to_take(path: pathlib.Path, wanted: str, loaded: list[str]) -> None:
    async def main() -> None:
        async with control(path, generation=wanted) as house, worker(path) as made:
            await until(lambda: house.hub.workers)
            (known,) = house.hub.workers
            await until(lambda: known.generation == (wanted or "5"))
            assert made.loaded == loaded

    asyncio.run(main())


def test_all_workers_take_a_bundle_or_say_why_not(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path, 1) as good, worker(path, 2) as bad, worker(path, 3) as slow:
            await until(lambda: len(house.hub.workers) == 3)
            bad.refusal, slow.delay = "damaged", 0.3
            assert await house.hub.load("6", 0.1) == {2: "damaged", 3: "no reply in 0.1 s"}
            assert good.loaded == bad.loaded == slow.loaded == ["6"]
            generations = {known.number: (known.generation, known.error) for known in house.hub.workers}
            assert generations == {1: ("6", ""), 2: ("5", "damaged"), 3: ("5", "")}
            bad.refusal, slow.delay = "", 0.0
            assert await house.hub.load("7", 2) == {}
            assert {known.generation for known in house.hub.workers} == {"7"}
            assert {known.error for known in house.hub.workers} == {""}

    asyncio.run(main())


def test_a_worker_that_has_it_already_is_left_alone(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path) as made:
            await until(lambda: house.hub.workers)
            assert await house.hub.load("5", 2) == {}
            assert made.loaded == []

    asyncio.run(main())


def test_a_worker_that_goes_away_is_not_waited_for(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house:
            async with worker(path) as made:
                await until(lambda: house.hub.workers)
                made.delay = 5.0
                loading = asyncio.create_task(house.hub.load("6", 5))
                await until(lambda: made.loaded)
            assert await asyncio.wait_for(loading, 1) == {1: "the worker went away"}

    asyncio.run(main())


def test_without_workers_there_is_nobody_to_wait_for(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house:
            assert await house.hub.load("6", 5) == {}
            house.hub.flush()
            house.hub.acknowledge("feed", 1)

    asyncio.run(main())


def test_each_worker_hears_of_its_own_feed(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path, 1, "one") as one, worker(path, 2, "two") as two:
            await until(lambda: len(house.hub.workers) == 2)
            for made in (one, two):
                await made.roll()
                await made.roll()
            await until(lambda: len(house.batches) == 4)
            house.hub.acknowledge("two", 1)
            await until(lambda: len(two.journal.waiting) == 1)
            assert len(one.journal.waiting) == 2

    asyncio.run(main())


@pytest.mark.parametrize(
    "garbage",
    [
        b"\0\0\0\x01\xc1",
        b"\xff\xff\xff\xff" * 10,
        b"GET / HTTP/1.1\r\n\r\n",
        frames.pack(frames.Flush()),
        frames.pack(frames.Hello(9, 9, "9")) + b"\0\0\0\x02{}",
        frames.pack(HEALTH),
        b"",
    ],
)
def test_whatever_else_connects_harms_nobody(
    path: pathlib.Path, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path) as made:
            await until(lambda: house.hub.workers)
            before = descriptors()
            for _ in range(5):
                reader, writer = await asyncio.open_unix_connection(str(path))
                writer.write(garbage)
                writer.write_eof()
                await asyncio.wait_for(reader.read(), 1)  # it is closed
                writer.close()
            await until(lambda: descriptors() <= before)
            assert len(house.hub.workers) == 1
            await made.roll()
            await until(lambda: house.seqs == [1])

    with caplog.at_level(logging.CRITICAL):
        asyncio.run(main())


def test_a_batch_before_the_greeting_is_nobodys(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house:
            _, writer = await asyncio.open_unix_connection(str(path))
            writer.write(frames.pack(frames.Batch("feed", 1, 1000, [], {})))
            writer.write(frames.pack(frames.Hello(1, 2, "3")) * 3)
            await until(lambda: house.hub.workers)
            await asyncio.sleep(0.02)
            assert house.batches == []
            assert len(house.hub.workers) == 1
            writer.close()
            await until(lambda: not house.hub.workers)

    asyncio.run(main())


def _mode(path: pathlib.Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_can_connect_and_what_was_left_behind_is_replaced(path: pathlib.Path) -> None:
    async def main() -> None:
        path.parent.mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
        mask = os.umask(0)
        os.umask(mask)
        async with control(path) as house:
            assert _mode(path) == 0o600
            assert os.umask(mask) == mask
            async with worker(path):
                await until(lambda: house.hub.workers)

    asyncio.run(main())


@pytest.mark.parametrize("deep", [90, 120, 250])
def test_a_path_may_be_longer_than_a_socket_address(tmp_path: pathlib.Path, deep: int) -> None:
    async def main() -> None:
        path = tmp_path / ("d" * deep) / "run" / "control.sock"
        before = descriptors()
        async with control(path) as house, worker(path) as made:
            await until(lambda: house.hub.workers)
            await made.roll()
            await until(lambda: house.seqs == [1])
            assert descriptors() <= before + 3  # listening, and both ends: no directory is left open
        assert not path.exists() or path.is_socket()

    asyncio.run(main())


def test_stopped_it_lets_go_of_everybody(path: pathlib.Path) -> None:
    async def main() -> None:
        before = descriptors()
        async with worker(path) as made:
            async with control(path) as house:
                await until(lambda: house.hub.workers)
                await until(lambda: made.link._writer is not None)
            await until(lambda: made.link._writer is None)
        await until(lambda: descriptors() <= before)

    asyncio.run(main())


def test_what_is_popular_is_told_to_all_workers_and_to_those_that_come(path: pathlib.Path) -> None:
    questions = [("a.example", 1), ("b.example", 28)]

    async def main() -> None:
        async with control(path) as house, worker(path) as first:
            await until(lambda: house.hub.workers)
            assert first.warmed == []
            house.hub.warm(questions)
            await until(lambda: first.warmed == [questions])
            async with worker(path, number=2) as second:
                await until(lambda: second.warmed == [questions])
            assert first.warmed == [questions]

    asyncio.run(main())


def test_salts_are_told_to_every_worker_and_to_those_that_come(path: pathlib.Path) -> None:
    second = 5 * DAY
    words = {"": "", "a": pseudonym(b"a" * 16, "192.0.2.1"), "b": pseudonym(b"b" * 16, "192.0.2.1")}

    def called(one: Worker, second: int) -> str:
        one.journal.redaction.begin(second)
        return one.journal.redaction.who(msgspec.structs.replace(ME, privacy="no-client"))

    async def main() -> None:
        async with control(path) as house, worker(path) as first:
            await until(lambda: house.hub.workers)
            assert called(first, second) == ""
            house.hub.salt({5: b"a" * 16})
            await until(lambda: called(first, second) == words["a"])
            house.hub.salt({5: b"a" * 16, 6: b"b" * 16})
            async with worker(path, number=2) as later:
                await until(lambda: called(later, second) == words["a"])
                await until(lambda: called(later, second + DAY) == words["b"])
            await until(lambda: called(first, second + DAY) == words["b"])

    asyncio.run(main())
