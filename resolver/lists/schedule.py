"""When things are done again. Seconds throughout."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable

import msgspec


class Timing(msgspec.Struct, frozen=True):
    """`retries`: the pauses after failures in a row, the last for all that follow. `jitter`: the share by which pauses
    between checks differ, so that machines do not all ask at once; `retry_jitter`: the same of pauses after failures,
    so that lists that failed together do not all ask at once. `overdue`: within how long after a start what was due
    before it is asked for. `files`: between looks at files. `settle`: how long changes are gathered, at most `patience`
    times over, before one compile for all. `compile`: what a compile may take. `nap`: the longest sleep, after which a
    clock that was set is noticed. `at_once`: how many downloads run together."""

    retries: tuple[float, ...] = (5.0, 30.0, 120.0, 600.0, 3600.0)
    jitter: float = 0.1
    retry_jitter: float = 0.5
    overdue: float = 300.0
    files: float = 10.0
    settle: float = 1.0
    patience: int = 10
    compile: float = 900.0
    nap: float = 60.0
    at_once: int = 3


TIMING = Timing()

CHANCE: Callable[[], float] = random.SystemRandom().random
"""Numbers from 0.0 to 1.0, for `spread`."""


def spread(seconds: float, timing: Timing, chance: Callable[[], float]) -> float:
    """`seconds`, give or take the jitter; `chance` gives numbers from 0.0 to 1.0."""
    return seconds * (1 + timing.jitter * (2 * chance() - 1))


def retry(failures: int, timing: Timing) -> float:
    """The pause after so many failures in a row, from 1."""
    return timing.retries[min(failures, len(timing.retries)) - 1]


def again(failures: int, refresh: float, timing: Timing, chance: Callable[[], float]) -> float:
    """The pause until the next try after so many failures in a row, from 1: never longer than that after a success."""
    return min(retry(failures, timing) * (1 + timing.retry_jitter * (2 * chance() - 1)), refresh)


def at_start(due: float, now: float, refresh: float, timing: Timing, chance: Callable[[], float]) -> float:
    """When a list that has a version is checked first after a start at `now`, if it was `due` then (Unix times).

    After days without power or network all lists are overdue: each gets a time of its own in the first minutes.
    """
    return due if due > now else now + min(timing.overdue, refresh) * chance()


def longest(seconds: float, timing: Timing) -> float:
    """The most that `spread` makes of it."""
    return seconds * (1 + timing.jitter)


async def wait(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for an event, at most for so long, and clear it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()
