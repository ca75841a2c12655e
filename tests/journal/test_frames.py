"""Frames: what is packed is read, and garbage is told from it."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import LullError
from resolver.journal import frames
from resolver.model import Exchange, UpstreamHealth

EXCHANGE = Exchange("www.example", 1, 0, "cache", "block", "ads", "||example^", "via.example", "udp://192.0.2.53")
FROM_WORKER: list[frames.FromWorker] = [
    frames.Hello(3, 77, "12"),
    frames.Batch("feed", 9, 1000, [frames.Row("192.0.2.1", "kids", EXCHANGE, 5, 120)], {"block/cache": 5}, 2),
    frames.Health("12", 1, 2, 3, 4, 5, 6, 7, [UpstreamHealth("u", True, 1.5, 2.5, 3, 4, "why")], "trouble"),
    frames.Loaded("12", "damaged"),
    frames.Told(4, frames.Known(3, 1.5, -2.5, ["x.example"]), 7.5, {"site:1": 1e9}),
]
FROM_CONTROL: list[frames.FromControl] = [
    frames.Ack("feed", 9),
    frames.Load("12"),
    frames.Flush(),
    frames.Ask(4, "www.example", 28, "192.0.2.1"),
]
FROM_BOTH = frames.Visits([("tablet", "site:1", 1234.5), ("192.0.2.1", "config:site", 9e9)])


async def read_all(
    data: bytes, *, worker: bool
) -> tuple[list[frames.FromWorker | frames.FromControl], type[Exception]]:
    """Every frame of a stream, and what ended it."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    found: list[frames.FromWorker | frames.FromControl] = []
    try:
        while True:
            found.append(await (frames.read_from_worker(reader) if worker else frames.read_from_control(reader)))
    except (asyncio.IncompleteReadError, msgspec.MsgspecError, LullError) as error:
        return found, type(error)


def test_every_frame_comes_through() -> None:
    async def main() -> None:
        stream = b"".join(map(frames.pack, (*FROM_WORKER, FROM_BOTH)))
        assert await read_all(stream, worker=True) == ([*FROM_WORKER, FROM_BOTH], asyncio.IncompleteReadError)
        stream = b"".join(map(frames.pack, (*FROM_CONTROL, FROM_BOTH)))
        assert await read_all(stream, worker=False) == ([*FROM_CONTROL, FROM_BOTH], asyncio.IncompleteReadError)

    asyncio.run(main())


def test_each_end_reads_only_what_is_for_it() -> None:
    async def main() -> None:
        for frame in FROM_WORKER:
            assert (await read_all(frames.pack(frame), worker=False))[1] is msgspec.ValidationError
        for other in FROM_CONTROL:
            assert (await read_all(frames.pack(other), worker=True))[1] is msgspec.ValidationError

    asyncio.run(main())


@pytest.mark.parametrize("length", [frames.MAX_FRAME + 1, 2**32 - 1])
def test_a_length_beyond_reason_is_refused_before_it_is_waited_for(length: int) -> None:
    async def main() -> None:
        found, error = await read_all(length.to_bytes(4, "big") + b"x", worker=True)
        assert (found, error) == ([], LullError)

    asyncio.run(main())


@given(st.binary(max_size=60))
def test_garbage_is_refused(data: bytes) -> None:
    async def main() -> None:
        for worker in (True, False):
            for stream in (data, len(data).to_bytes(4, "big") + data):
                found, _ = await read_all(stream, worker=worker)  # anything else it raises is not caught
                assert frames.Hello not in {type(frame) for frame in found}

    asyncio.run(main())
