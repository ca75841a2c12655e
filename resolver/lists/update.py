"""All lists in use: they are checked when due, and compiled together when one of them has changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pathlib
import random
from collections.abc import Awaitable, Callable, Collection, Iterable

import aiohttp
import msgspec

from resolver.config.schema import ListSource
from resolver.errors import ListError, LullError
from resolver.lists.catalogue import Catalogue
from resolver.lists.compiler import Compiled, Compiler, Input
from resolver.lists.fetch import Limits, open_session
from resolver.lists.listed import Listed, Means
from resolver.lists.schedule import Timing, retry
from resolver.lists.states import ListState, state_of
from resolver.lists.wanted import resolve
from resolver.model import Clock

log = logging.getLogger(__name__)


class Lists:
    """The lists of a state directory: `lists/` and `compiled/` below it.

    `configure`, then `start`, then `run` for as long as it is to go on; `configure` again after a reload. Nothing that
    a source, the network or the disk does makes `run` end. `error` is why the last compile, or what `on_compiled` did
    with it, failed (empty: it did not).
    """

    def __init__(
        self,
        state: pathlib.Path,
        clock: Clock,
        on_compiled: Callable[[Compiled], Awaitable[None]],
        session_factory: Callable[[], aiohttp.ClientSession] = open_session,
        *,
        limits: Limits = Limits(),
        timing: Timing = Timing(),
        chance: Callable[[], float] = random.SystemRandom().random,
    ) -> None:
        """`on_compiled` is awaited after each new compile; it may raise LullError or OSError and is called again later
        then. It must not call `refresh`, which waits for it."""
        self.error = ""
        self.progress: float | None = None
        self._clock = clock
        self._on_compiled = on_compiled
        self._timing = timing
        self._means = Means(clock, session_factory, limits, timing, chance)
        self._root = state / "lists"
        self._compiler = Compiler(state / "compiled", timing.compile)
        self._known: dict[str, Listed] = {}
        self._active: tuple[Listed, ...] = ()
        self._busy: set[str] = set()
        self._slots = asyncio.Semaphore(timing.at_once)
        self._wake = asyncio.Event()
        self._changed = asyncio.Event()
        self._compiling = asyncio.Lock()
        self._compiled: Compiled | None = None
        self._published: Compiled | None = None
        self._failures = 0
