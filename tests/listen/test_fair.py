"""Who is looked at first when very much is ready at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import socket

import pytest

from resolver.listen.fair import BATCH, FairSelector, fair_loop


def pairs(stack: contextlib.ExitStack, count: int) -> list[tuple[socket.socket, socket.socket]]:
    made = [socket.socketpair() for _ in range(count)]
    for each in made:
        for sock in each:
            stack.enter_context(sock)
    return made


def test_those_that_are_preferred_come_first_and_the_others_in_turn() -> None:
    with contextlib.ExitStack() as stack:
        mine, *others = pairs(stack, 5 * BATCH)
        selector = stack.enter_context(FairSelector([mine[0].fileno()]))
        for ours, theirs in (*others, mine):
            selector.register(ours, selectors.EVENT_READ)
            theirs.send(b"x")
        seen: set[int] = set()
        for _ in range(12):
            found = [key.fd for key, _ in selector.select(0)]
            assert found[0] == mine[0].fileno()
            assert len(found) <= BATCH + 1
            assert len(set(found)) == len(found)
            seen.update(found)
        assert seen == {ours.fileno() for ours, _ in (*others, mine)}
        mine[0].recv(1)
        assert mine[0].fileno() not in {key.fd for _ in range(12) for key, _ in selector.select(0)}


def test_of_few_the_preferred_one_is_first_too() -> None:
    with contextlib.ExitStack() as stack:
        made = pairs(stack, 4)
        selector = stack.enter_context(FairSelector([made[3][0].fileno()]))
        for ours, theirs in made:
            selector.register(ours, selectors.EVENT_READ)
            theirs.send(b"x")
        assert next(key.fd for key, _ in selector.select(0)) == made[3][0].fileno()
        assert len(selector.select(0)) == 4


@pytest.mark.parametrize("first", [True, False])
def test_otherwise_it_is_like_any_selector(first: bool) -> None:
    with contextlib.ExitStack() as stack:
        ((ours, theirs),) = pairs(stack, 1)
        selector = stack.enter_context(FairSelector([ours.fileno()] if first else []))
        selector.register(ours, selectors.EVENT_READ, "mine")
        assert selector.select(0) == []
        assert selector.select(0.001) == []
        key = selector.modify(ours, selectors.EVENT_READ | selectors.EVENT_WRITE, "both")
        assert selector.select(None) == [(key, selectors.EVENT_WRITE)]
        theirs.close()
        assert selector.select() == [(key, selectors.EVENT_READ | selectors.EVENT_WRITE)]
        selector.unregister(ours)
        assert selector.select(0) == []
        selector.register(ours, selectors.EVENT_READ)
        ours.close()
        selector.unregister(ours)


def test_a_loop_over_it_does_what_loops_do() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()

        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"hello")
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            readers = [await asyncio.open_connection(*server.sockets[0].getsockname()) for _ in range(3 * BATCH)]
            assert [await reader.readexactly(5) for reader, _ in readers] == [b"hello"] * 3 * BATCH
            for _, writer in readers:
                writer.close()
                await writer.wait_closed()
        assert (await (await asyncio.create_subprocess_exec("true")).wait()) == 0
        read, write = os.pipe()
        loop.add_reader(read, loop.stop)
        loop.remove_reader(read)
        os.close(read)
        os.close(write)

    with asyncio.Runner(loop_factory=lambda: fair_loop([])) as runner:
        runner.run(main())
