"""Connections that have more to do than is fair to do at once: one after the other goes on, and in between the loop
looks at all else, datagrams first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

SLICE = 0.001  # seconds that others wait for them


class Rota:
    """Of one worker."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._line: deque[Callable[[], None]] = deque()
        self._working = False

    @property
    def busy(self) -> bool:
        """Whether somebody waits: who comes now is to wait too."""
        return self._working

    def add(self, turn: Callable[[], None]) -> None:
        """Have this called when it is its turn; it raises nothing."""
        self._line.append(turn)
        if not self._working:
            self._working = True
            self._loop.call_soon(self._work)

    def _work(self) -> None:
        end = self._loop.time() + SLICE
        while self._line:
            self._line.popleft()()
            if self._loop.time() >= end:
                break
        self._working = bool(self._line)
        if self._working:
            self._loop.call_soon(self._work)
