"""Time that stands still while anything can still happen, and then jumps to the next timer.

With it a five-second time limit takes no time, and every run of a scenario happens at the same instants.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

START = 1_767_614_400.0
"""The Unix time at which every scenario begins: 2026-01-05 12:00:00 UTC."""

_BOOTED = 1000.0  # the monotonic clock then
_ECHO = 5.0  # real seconds; loopback loses nothing but what finds no room
_TURNS = 3  # as many as there are packets to and fro until a connection stands
_DIGITS = 6  # of a second: to these time is rounded, so that sums of tenths are whole seconds


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time moves only when nothing is left to do.

    `grace` is for how many real seconds it then waits for sockets before it believes so, once what was sent before is
    delivered: 0 when there are none. Work for threads is done in place, so that nothing happens beside it.
    """

    def __init__(self, grace: float) -> None:
        self._now = _BOOTED
        super().__init__(_Patient(self._jump, grace))
        self._clock_resolution = 10**-_DIGITS  # timers within it of now are due

    def time(self) -> float:
        return self._now

    def _jump(self, seconds: float) -> None:
        self._now = round(self._now + seconds, _DIGITS)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        return self.create_task(_now(func, *args))


async def _now(func: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
    return func(*args)


class _Patient(selectors.EpollSelector):
    def __init__(self, jump: Callable[[float], None], grace: float) -> None:
        super().__init__()
        self._jump = jump
        self._grace = grace
        self._echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if grace else None
        if self._echo is not None:
            self._echo.bind(("127.0.0.1", 0))
            self._echo.connect(self._echo.getsockname())
            self._echo.settimeout(_ECHO)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events and timeout != 0 and self._echo is not None:
            self._deliver(self._echo)
            events = super().select(self._grace)
        if events or timeout == 0:
            return events
        if timeout is None:
            raise RuntimeError("everybody waits and no timer is set: the scenario would never end")
        self._jump(timeout)
        return []

    def close(self) -> None:
        if self._echo is not None:
            self._echo.close()
        super().close()

    def _deliver(self, echo: socket.socket) -> None:
        """Wait until what was sent over loopback before has arrived, however busy the machine is: what is sent after
        it does not arrive earlier. What its arrival sets off, such as a connection's, is sent once more behind."""
        for _ in range(_TURNS):
            echo.send(b"!")
            with contextlib.suppress(TimeoutError):
                echo.recv(1)


class VirtualClock:
    """The clocks of a process (model.Clock), as the loop's time has them; that on the wall can be set."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._wall = START - _BOOTED

    def step(self, seconds: float) -> None:
        """Set the clock on the wall, forward or back."""
        self._wall += seconds

    def monotonic(self) -> float:
        return self._loop.time()

    def time(self) -> float:
        return self._wall + self._loop.time()
