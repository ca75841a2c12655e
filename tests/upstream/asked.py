"""A query to send, what comes of it, and replies that must not count."""

from __future__ import annotations

import asyncio

from resolver.errors import UpstreamError
from resolver.model import Question
from resolver.wire.reply import build
from tests.support import wire
from tests.upstream.servers import right

QUESTION = Question(wire("www.example"), 1)


def asked(id: int = 0x1234, name: str = "www.example") -> bytes:
    return build(Question(wire(name), 1), id, do=False, cd=False)


class Delivered:
    """What a transport delivers, and how often."""

    def __init__(self) -> None:
        self.results: list[bytes | UpstreamError] = []
        self._some = asyncio.Event()

    def __call__(self, result: bytes | UpstreamError) -> None:
        self.results.append(result)
        self._some.set()

    async def result(self, seconds: float = 2.0) -> bytes | UpstreamError:
        async with asyncio.timeout(seconds):
            await self._some.wait()
        return self.results[0]

    async def reply(self) -> bytes:
        result = await self.result()
        assert isinstance(result, bytes), result
        return result

    async def failure(self, seconds: float = 2.0) -> str:
        """The words of the failure, with its type before them."""
        result = await self.result(seconds)
        assert isinstance(result, UpstreamError), result
        return f"{type(result).__name__}: {result}"


def wrongs(query: bytes) -> list[bytes]:
    """Replies that must not count."""
    good = right(query)
    return [
        b"",
        b"x",
        good[:11],
        b"garbage" * 20,
        query,
        bytes((good[0] ^ 1,)) + good[1:],  # ID
        good[:2] + bytes((good[2] & 0x7F,)) + good[3:],  # QR
        good[:2] + bytes((good[2] | 0x10,)) + good[3:],  # opcode
        good[:4] + b"\0\0" + good[6:],  # no question
        good.replace(b"\x03www", b"\x03wvw"),  # name
        good[:26] + b"\x1c" + good[27:],  # type
        good[:28] + b"\x03" + good[29:],  # class
    ]
