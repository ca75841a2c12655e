"""What every process of the daemon does alike: the clock, logging, and when to stop."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import pathlib
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from resolver.paths import ENVIRONMENT

if TYPE_CHECKING:
    import asyncio


class SystemClock:
    """The clocks of the machine. The monotonic one goes on while the machine is suspended (CLOCK_BOOTTIME): what was to
    end meanwhile has ended."""

    monotonic = staticmethod(functools.partial(time.clock_gettime, time.CLOCK_BOOTTIME))
    time = staticmethod(time.time)


def boot_id() -> str:
    """The id of the machine's start, since when the monotonic clock runs; "" where the kernel tells none."""
    with contextlib.suppress(OSError):
        return pathlib.Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


def whereabouts(error: BaseException) -> str:
    """Of what type an exception is and where it was raised, without what it says: that may hold names of queries, which
    are not always to be kept."""
    return "".join([type(error).__name__, "\n", *traceback.format_tb(error.__traceback__)]).rstrip()


class Snapshot:
    """The bytes of the config in force, in memory that its processes share (memfd_create(2)): whatever becomes of the
    file meanwhile, and of the right to read it, a process that is started again begins with these."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def make(cls, data: bytes) -> Snapshot:
        snapshot = cls(os.memfd_create("config"))
        snapshot.write(data)
        return snapshot

    def read(self) -> bytes:
        return os.pread(self.descriptor, os.fstat(self.descriptor).st_size, 0)

    def write(self, data: bytes) -> None:
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, data, 0)


def configure_logging(role: str) -> None:
    """Log lines go to standard error, one a line, told apart by the process's role."""
    logging.basicConfig(
        stream=sys.stderr,
        level=os.environ.get(ENVIRONMENT + "LOG", "INFO").upper(),
        format=f"%(asctime)s {role} %(levelname)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    logging.getLogger("quic").setLevel(logging.WARNING)  # aioquic tells of every connection


def beat(descriptor: int | None) -> None:
    """Give the supervisor a sign of life; it may be too busy to hear every one."""
    if descriptor is not None:
        with contextlib.suppress(OSError):
            os.write(descriptor, b".")


def on_stop(loop: asyncio.AbstractEventLoop, life: int | None, stop: Callable[[], None]) -> None:
    """Call `stop` on SIGTERM and when the supervisor is gone.

    The terminal's SIGINT and SIGHUP, which reach every process of its group, are the supervisor's to act on.

    `life` is the read end of a pipe whose other end only the supervisor holds: it becomes readable when that dies,
    however it dies, so that no worker is left behind holding the port.
    """
    loop.add_signal_handler(signal.SIGTERM, stop)
    for number in (signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, lambda: None)
    if life is not None:

        def gone() -> None:
            loop.remove_reader(life)
            stop()

        loop.add_reader(life, gone)
