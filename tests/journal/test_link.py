"""The worker's end: no batch is lost or out of order, whatever control does."""

from __future__ import annotations

import asyncio
import logging
import pathlib
import time

import pytest

from resolver.journal import frames, link
from tests.journal.ends import control, worker
from tests.support import until


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "run" / "control.sock"


def test_a_batch_waits_until_it_is_acknowledged(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path) as made:
            await until(lambda: house.hub.workers)
            await made.roll(3)
            await until(lambda: house.batches)
            assert house.batches == list(made.journal.waiting)
            house.hub.acknowledge("another feed", 9)
            house.hub.acknowledge("feed", 1)
            await until(lambda: not made.journal.waiting)
            assert house.seqs == [1]

    asyncio.run(main())


def test_what_was_made_while_control_was_away_arrives_in_order(path: pathlib.Path) -> None:
    async def main() -> None:
        async with worker(path) as made:
            for _ in range(5):
                await made.roll()
            async with control(path) as house:
                await until(lambda: house.seqs == [1, 2, 3, 4, 5])
                await made.roll()
                await until(lambda: house.seqs == [1, 2, 3, 4, 5, 6])

    asyncio.run(main())


def test_what_was_not_acknowledged_is_sent_to_the_next_control(path: pathlib.Path) -> None:
    async def main() -> None:
        async with worker(path) as made:
            async with control(path) as first:
                await until(lambda: first.hub.workers)
                for _ in range(3):
                    await made.roll()
                await until(lambda: first.seqs == [1, 2, 3])
                first.hub.acknowledge("feed", 1)
                await until(lambda: len(made.journal.waiting) == 2)
            await made.roll()
            async with control(path) as second:
                await until(lambda: second.seqs == [2, 3, 4])
                second.hub.acknowledge("feed", 4)
                await until(made.journal.all_safe.is_set)

    asyncio.run(main())


def test_batches_made_while_catching_up_leave_no_gap(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control reads slowly, so that the link has to wait between batches, and the journal goes on meanwhile."""
    read = frames.read_from_worker

    async def slowly(reader: asyncio.StreamReader) -> frames.FromWorker:
        await asyncio.sleep(0.002)
        return await read(reader)

    monkeypatch.setattr(frames, "read_from_worker", slowly)

    async def main() -> None:
        async with worker(path) as made:
            for _ in range(20):
                await made.roll(names=1000)
            async with control(path) as house:
                await until(lambda: house.hub.workers)
                for _ in range(20):
                    await made.roll(names=1000)
                    await asyncio.sleep(0.001)
                await until(lambda: len(house.batches) == 40, 5)
                assert house.seqs == list(range(1, 41))
                await made.roll()
                await until(lambda: house.seqs[-1] == 41)

    asyncio.run(main())


def test_a_control_that_does_not_read_is_given_up_and_costs_no_memory(
    path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_MAX_UNSENT", 1 << 20)

    async def main() -> None:
        path.parent.mkdir()
        stuck: list[asyncio.StreamWriter] = []

        async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.pause_reading()  # type: ignore[attr-defined] # it is a stream's transport
            stuck.append(writer)

        server = await asyncio.start_unix_server(accept, str(path))
        async with worker(path) as made:
            await until(lambda: made.link._writer is not None)
            held = 0
            for _ in range(60):
                await made.roll(names=2000)
                held = max(
                    held, 0 if made.link._writer is None else made.link._writer.transport.get_write_buffer_size()
                )
            assert held < 2 << 20
            server.close()
            for writer in stuck:
                writer.close()
            async with control(path) as house:
                await until(lambda: len(house.batches) == 60, 5)
                assert house.seqs == list(range(1, 61))

    asyncio.run(main())


@pytest.mark.parametrize(
    "garbage", [b"\0\0\0\x01\xc1", b"\xff\xff\xff\xff", frames.pack(frames.Hello(1, 2, "3")), b"\0\0\0\x05ab"]
)
def test_garbage_from_control_is_a_reason_to_connect_again(
    path: pathlib.Path, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        path.parent.mkdir()
        connections = 0

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            assert isinstance(await frames.read_from_worker(reader), frames.Hello)
            writer.write(garbage if connections == 1 else frames.pack(frames.Flush()))
            await writer.drain()
            writer.write_eof()
            await reader.read()
            writer.close()

        server = await asyncio.start_unix_server(accept, str(path))
        with caplog.at_level(logging.CRITICAL):
            async with worker(path) as made:
                await until(lambda: made.flushed)
        server.close()

    asyncio.run(main())


def test_orders_are_carried_out(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path) as made:
            await until(lambda: house.hub.workers)
            house.hub.flush()
            await until(lambda: made.flushed == 1)
            assert await house.hub.load("6", 2) == {}
            assert made.loaded == ["6"]

    asyncio.run(main())


def test_without_control_nothing_is_sent_and_nothing_breaks(path: pathlib.Path) -> None:
    async def main() -> None:
        async with worker(path) as made:
            made.link.send(frames.Loaded("1"))
            await made.roll()
            await asyncio.sleep(0.25)
            assert len(made.journal.waiting) == 1

    asyncio.run(main())


def test_draining_waits_for_what_is_not_safe_and_no_longer(path: pathlib.Path) -> None:
    async def main() -> None:
        async with control(path) as house, worker(path) as made:
            await until(lambda: house.hub.workers)
            began = time.monotonic()
            await made.link.drain(5)
            assert time.monotonic() - began < 0.1
            await made.roll()
            asyncio.get_running_loop().call_later(0.05, house.hub.acknowledge, "feed", 1)
            await made.link.drain(5)
            assert 0.04 < time.monotonic() - began < 1
            assert not made.journal.waiting
            await made.roll()
            await made.link.drain(0.05)
            assert len(made.journal.waiting) == 1

    asyncio.run(main())
