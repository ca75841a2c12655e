"""What an answer is while it is waited for. No task and no turn of the event loop stands between those who know and
those who want to know: whoever settles it calls them, one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

from resolver.process import whereabouts

log = logging.getLogger(__name__)

T = TypeVar("T")
U = TypeVar("U")


class Later(Generic[T]):
    """A value, or the error that came in its place, which is told once to everybody who asked for it (`then`)."""

    __slots__ = ("_result", "_tells")

    def __init__(self) -> None:
        self._result: T | Exception | None = None
        self._tells: list[Callable[[T | Exception], None]] | None = []

    def settle(self, result: T | Exception) -> None:
        """It is there; to be called once. A mistake of one who is told costs nobody else."""
        tells = self._tells
        assert tells is not None
        self._tells, self._result = None, result
        for tell in tells:
            try:
                tell(result)
            except Exception as error:  # noqa: BLE001 - see above
                log.error("internal error while telling of an answer: %s", whereabouts(error))

    @property
    def settled(self) -> bool:
        return self._tells is None

    def then(self, tell: Callable[[T | Exception], None]) -> None:
        """Have `tell` called when it is there, or now if it is; it must not raise anything."""
        if self._tells is None:
            tell(self._result)  # type: ignore[arg-type] # it is settled
        else:
            self._tells.append(tell)

    def map(self, make: Callable[[T], U]) -> Later[U]:
        """What `make` makes of the value; an error stays what it is, and what `make` raises is one."""
        made: Later[U] = Later()

        def tell(result: T | Exception) -> None:
            if isinstance(result, Exception):
                made.settle(result)
                return
            try:
                value = make(result)
            except Exception as error:  # noqa: BLE001 - it is passed on
                made.settle(error)
                return
            made.settle(value)

        self.then(tell)
        return made

    def future(self) -> asyncio.Future[T]:
        """The same for who waits in a task. Whoever cancels it gives up alone."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def tell(result: T | Exception) -> None:
            if future.done():
                return
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

        self.then(tell)
        return future

    def __await__(self) -> Generator[Any, None, T]:
        return self.future().__await__()
