"""Looks at the log that may take longer than a page can wait: each goes on meanwhile, for whoever looks again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from resolver.model import Clock

T = TypeVar("T")

PATIENCE = 0.03
"""Seconds that a page waits."""

FRESH = 2.0
"""Seconds for which what was seen is not looked at again."""

GOOD = 60.0
"""Seconds for which it can be gone by (`seen`)."""

_AT_ONCE = 2  # threads are few, and others need them too
_MOST = 20


class _Glance(Generic[T]):
    """A look, and the time (monotonic) at which it was over."""

    def __init__(self, future: asyncio.Future[T]) -> None:
        self.future = future
        self.over = 0.0

    @property
    def result(self) -> T | None:
        """What was seen; None while that is not known, or if it failed."""
        done = self.future.done() and not self.future.cancelled()
        return self.future.result() if done and self.future.exception() is None else None


class Glances(Generic[T]):
    """Of one loop. What is looked at is known by a key: what was seen under another one says nothing of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._glances: dict[Hashable, _Glance[T]] = {}

    async def soon(self, key: Hashable, work: Callable[[], T]) -> T | None:
        """What `work` returns, done by another thread, or what it did seconds ago; None while that is not known. Raises
        what it raises."""
        glance = self._glances.get(key)
        if glance is None or (glance.future.done() and self._age(glance) > FRESH):
            glance = self._begin(key, work)
        if glance is None:
            return None
        await asyncio.wait({glance.future}, timeout=PATIENCE)
        return glance.future.result() if glance.future.done() else None

    def seen(self, key: Hashable) -> T | None:
        """What was seen lately; None if nothing was."""
        glance = self._glances.get(key)
        return glance.result if glance is not None and self._age(glance) <= GOOD else None

    def _begin(self, key: Hashable, work: Callable[[], T]) -> _Glance[T] | None:
        """Look again; None while too many look."""
        if sum(not one.future.done() for one in self._glances.values()) >= _AT_ONCE:
            return None
        over = [one for one, glance in self._glances.items() if glance.future.done()]
        for old in over[: max(0, len(self._glances) - _MOST)]:
            del self._glances[old]
        glance = _Glance(asyncio.get_running_loop().run_in_executor(None, work))
        glance.future.add_done_callback(lambda _: self._end(glance))
        self._glances[key] = glance
        return glance

    def _end(self, glance: _Glance[T]) -> None:
        glance.over = self._clock.monotonic()
        if not glance.future.cancelled():
            glance.future.exception()  # nobody may be left to hear of it

    def _age(self, glance: _Glance[T]) -> float:
        return self._clock.monotonic() - glance.over if glance.future.done() else 0.0
