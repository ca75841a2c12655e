"""Handshakes are dear: they are begun one after the other, and no more of them than half of the time allows, so that
whoever only asks is answered in between."""

from __future__ import annotations

import asyncio

_TURNS = 4  # of the loop, from taking a connection until its handshake has been computed


class Pace:
    """Of one worker. What a handshake costs is found by how long the loop took over it, with all else that it did: the
    busier it is, the fewer are begun."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._line = asyncio.Lock()
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next handshake may begin, which is to be done at once; first come, first served."""
        await self._line.acquire()
        self._look(self._loop.time(), _TURNS)

    def _look(self, began: float, turns: int) -> None:
        if turns:
            self._loop.call_soon(self._look, began, turns - 1)
        else:
            self._loop.call_later(self._loop.time() - began, self._line.release)

    @property
    def free(self) -> bool:
        """Whether one may begin that cannot wait: its client sends it again."""
        return self._loop.time() >= self._next

    def spent(self, seconds: float) -> None:
        """One that could not wait took so long."""
        self._next = self._loop.time() + seconds
