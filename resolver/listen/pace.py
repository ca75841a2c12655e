"""Handshakes are dear: they are begun one after the other, and no more of them than half of the time allows, so that
whoever only asks is answered in between."""

from __future__ import annotations

import asyncio
import ssl
import time

_TURNS = 4  # of the loop, from taking a connection until its handshake has been computed


class Pace:
    """Of one worker. What one costs is found by how long the loop took over it, with all else that it did: the busier
    it is, the fewer are begun. A client may begin one with next to nothing and leave the work for later: that is
    measured where it is done (`spent`), and the next one waits for it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._line = asyncio.Lock()
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next handshake may begin, which is to be done at once; first come, first served."""
        await self._line.acquire()
        try:
            await asyncio.sleep(self._next - self._loop.time())  # once: nobody can put it off again and again
        except asyncio.CancelledError:
            self._line.release()
            raise
        self._look(self._loop.time(), _TURNS)

    def _look(self, began: float, turns: int) -> None:
        if turns:
            self._loop.call_soon(self._look, began, turns - 1)
            return
        now = self._loop.time()
        self._next = max(self._next, now + now - began)
        self._line.release()

    @property
    def due(self) -> float:
        """Seconds until one may begin that does not stand in line; 0 when it may now."""
        return max(0.0, self._next - self._loop.time())

    def spent(self, seconds: float) -> None:
        """So long was worked on handshakes, whether it was their turn or not."""
        self._next = max(self._next, self._loop.time()) + seconds

    def timed(self) -> type[ssl.SSLObject]:
        """Connections of TLS whose handshakes are measured (`ssl.SSLContext.sslobject_class`)."""
        spent = self.spent

        class Timed(ssl.SSLObject):
            def do_handshake(self) -> None:
                began = time.perf_counter()
                try:
                    super().do_handshake()
                finally:
                    spent(time.perf_counter() - began)

        return Timed
