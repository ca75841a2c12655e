"""Virtual time: it stands still while anything can happen."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.scenarios.virtual import START, VirtualClock, VirtualLoop
from tests.support import run_virtual


def test_time_jumps_to_the_next_timer_and_takes_none() -> None:
    began = time.monotonic()
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.0)) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        clock = VirtualClock(loop)
        assert clock.time() == START
        runner.run(asyncio.sleep(86_400.5))
        assert clock.time() == START + 86_400.5
        for _ in range(15):
            runner.run(asyncio.sleep(0.1))
        assert clock.time() == START + 86_402.0
    assert time.monotonic() - began < 5.0


def test_sockets_are_waited_for_before_time_jumps() -> None:
    async def answered() -> bytes:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        async with asyncio.timeout(0.001):
            data = await reader.read(1)
        writer.close()
        return data

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"!")
        writer.close()

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.2)) as runner:
        server = runner.run(_serve(answer))
        assert runner.run(answered()) == b"!"
        server.close()


async def _serve(answer: object) -> asyncio.Server:
    return await asyncio.start_server(answer, "127.0.0.1", 0)  # type: ignore[arg-type]


def test_a_wait_for_nothing_is_said() -> None:
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.0)) as runner:
        waiting = runner.get_loop().create_future()
        with pytest.raises(RuntimeError, match="no timer is set"):
            runner.get_loop().run_until_complete(waiting)


def test_what_goes_wrong_in_a_thread_s_place_is_raised() -> None:
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.0)) as runner:
        assert runner.run(asyncio.to_thread(int, "7")) == 7
        with pytest.raises(ValueError, match="invalid literal"):
            runner.run(asyncio.to_thread(int, "x"))


def test_the_clock_on_the_wall_can_be_set_and_the_other_cannot() -> None:
    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        for by in (86_400.0, -3 * 86_400.0):
            wall, other = clock.time(), clock.monotonic()
            clock.step(by)
            assert (clock.time(), clock.monotonic()) == (wall + by, other)
            await asyncio.sleep(5)
            assert (clock.time(), clock.monotonic()) == (wall + by + 5, other + 5)

    run_virtual(main)
