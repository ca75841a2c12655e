"""What the processes of the daemon take of the machine, as the kernel tells it (proc(5))."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Mapping

import msgspec

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_USER, _SYSTEM, _RESIDENT = 11, 12, 21  # fields of /proc/PID/stat after the name, which is the second


class Usage(msgspec.Struct, frozen=True):
    """Seconds of CPU since its start, bytes of memory, open files and how many there may be; None for what is not
    told."""

    cpu: float
    memory: int
    files: int | None
    most_files: int | None


def usage(processes: Mapping[str, int], root: pathlib.Path = pathlib.Path("/proc")) -> dict[str, Usage]:
    """What each of these processes (name → id) takes; without those that have ended. Blocking, but short."""
    found = {}
    for name, pid in processes.items():
        with contextlib.suppress(OSError, ValueError, IndexError):
            found[name] = _usage(root / str(pid))
    return found


def _usage(process: pathlib.Path) -> Usage:
    fields = (process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    cpu = (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
    files = most = None
    with contextlib.suppress(OSError):  # of a process that has changed its user the kernel tells less
        files = len(os.listdir(process / "fd"))  # noqa: PTH208 - as many as there are sockets: names are enough
    with contextlib.suppress(OSError, ValueError, StopIteration):
        limits = (process / "limits").read_text("ascii").splitlines()
        most = int(next(line for line in limits if line.startswith("Max open files")).split()[3])
    return Usage(cpu, int(fields[_RESIDENT]) * _PAGE, files, most)
