"""Programs that are started here, what they use, and their end, which they have on errors, Ctrl-C and SIGTERM too."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
from collections.abc import Sequence

_TICKS = os.sysconf("SC_CLK_TCK")
_PSS = re.compile(r"^Pss:\s+(\d+)", re.MULTILINE)
_PATIENCE = 10.0  # seconds that a program has to end by itself
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = str(CORES[0]), str(CORES[-1])
BOTH_CORES = ",".join(map(str, CORES[:2]))
SHARED = len(CORES) < 3  # whether a server on both cores shares one with the load


class Program:
    """A program in a session of its own, on the cores that are named; its output goes to a file."""

    def __init__(self, command: Sequence[str], log: pathlib.Path, cores: str) -> None:
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                ["taskset", "-c", cores, *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def hang_up(self) -> None:
        self._process.send_signal(signal.SIGHUP)

    def end(self) -> None:
        """SIGTERM, and SIGKILL to what is left of it and its children after a while. Ctrl-C meanwhile does not keep it
        from that; there is no second one (`__main__`)."""
        try:
            self._end()
        except KeyboardInterrupt:
            self._end()
            raise

    def _end(self) -> None:
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE)
        for pid in _members(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        until = time.monotonic() + _PATIENCE
        while _members(self.pid) and time.monotonic() < until:
            time.sleep(0.005)

    def last_words(self) -> str:
        """The last line of its output, to be told when it did not start."""
        lines = self.log.read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")[:200]


class Use:
    """What a program and its children use: of each process CPU seconds and memory in MiB. What `answering` finds in a
    command line is a process that answers queries; nothing finds all."""

    def __init__(self, pid: int, answering: str) -> None:
        self._pid, self._answering = pid, re.compile(answering)

    def cpu(self) -> dict[int, float]:
        return {pid: _cpu(pid) for pid in tree(self._pid)}

    def spent(self, before: dict[int, float]) -> tuple[float, float]:
        """CPU seconds since then: of all, and of those that answer."""
        spent = {pid: used - before.get(pid, 0.0) for pid, used in self.cpu().items()}
        return sum(spent.values()), sum(used for pid, used in spent.items() if self._answers(pid))

    def memory(self) -> tuple[float, float]:
        """Proportional set size, MiB: of all, and of the largest that answers."""
        used = {pid: _pss(pid) for pid in tree(self._pid)}
        return sum(used.values()), max((size for pid, size in used.items() if self._answers(pid)), default=0.0)

    def _answers(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            return self._answering.search(command) is not None
        return False


def tree(pid: int) -> list[int]:
    """A process and all below it, itself first."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [below for child in task.read_text().split() for below in tree(int(child))]
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def _session(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(_stat(pid)[3])
    return 0


def _members(session: int) -> list[int]:
    """The processes of a session, also those whose parents are gone."""
    running = (int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*"))
    return [pid for pid in running if _session(pid) == session]


def _cpu(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = _stat(pid)
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0


def _pss(pid: int) -> float:
    with contextlib.suppress(OSError):
        found = _PSS.search(pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def free_port() -> int:
    """A port that is free for UDP and TCP on 127.0.0.1."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            port: int = udp.getsockname()[1]
            with contextlib.suppress(OSError):
                tcp.bind(("127.0.0.1", port))
                return port


def ask(port: int, name: str, patience: float = 0.2) -> bytes | None:
    """The reply to one query for A, if there is one within so many seconds."""
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
    query = os.urandom(2) + b"\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(patience)
        with contextlib.suppress(OSError):
            sock.connect(("127.0.0.1", port))
            sock.send(query)
            until = time.monotonic() + patience
            while time.monotonic() < until:
                if (reply := sock.recv(4096))[:2] == query[:2]:
                    return reply
    return None


def blocks(reply: bytes) -> bool:
    """Whether a reply blocks: NXDOMAIN, or 0.0.0.0. The upstream gives neither."""
    return reply[3] & 15 == 3 or (reply[3] & 15 == 0 and reply[6:8] != b"\0\0" and reply[-4:] == b"\0\0\0\0")
