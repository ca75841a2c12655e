"""The load generator (load.c) from Python."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

import msgspec

from benchmarks.bench.programs import LOAD_CORE

HERE = pathlib.Path(__file__).resolve().parent
CLIENTS = 32  # addresses that ask, unless said otherwise
_IN_FLIGHT = 32  # queries of each of its four sockets that a closed loop keeps unanswered
_HOUR = 3600.0
_GRACE = 30.0  # seconds beyond its time after which it hangs


class Seen(msgspec.Struct, frozen=True):
    """What the load generator says: seconds of sending, queries by what became of them (`failed`: any RCODE but NOERROR
    and NXDOMAIN), its own CPU seconds, latencies in microseconds."""

    seconds: float
    sent: int
    answered: int
    failed: int
    lost: int
    cpu: float
    p50: float
    p99: float
    p999: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds

    @property
    def missing(self) -> float:
        """The share of queries without a proper answer."""
        return 1 - self.answered / max(self.sent, 1)


class Load:
    """Asks the server on a port; on a core of its own unless the server `shares` it, and then it sleeps between
    queries."""

    def __init__(self, program: pathlib.Path, port: int, *, shares: bool) -> None:
        self._program, self._port, self._spin = program, port, () if shares else ("-s",)

    def closed(self, queries: pathlib.Path, seconds: float, *, clients: int = CLIENTS, first: int = 0) -> Seen:
        """As many queries as are answered: the next one when an answer comes."""
        return self._run(queries, seconds, "-w", str(_IN_FLIGHT), "-c", str(clients), "-f", str(first))

    def once(self, queries: pathlib.Path, count: int) -> Seen:
        """The first so many queries, each once."""
        return self._run(queries, _GRACE, "-w", str(_IN_FLIGHT), "-c", str(CLIENTS), "-n", str(count))

    def paced(self, queries: pathlib.Path, seconds: float, rate: float) -> Seen:
        """So many queries a second, whatever comes back."""
        return self._run(queries, seconds, "-r", f"{rate:.3f}", "-c", str(CLIENTS), *self._spin)

    @contextlib.contextmanager
    def meanwhile(self, queries: pathlib.Path, rate: float) -> Iterator[list[Seen]]:
        """So many queries a second for as long as the context lasts; what was seen is in the list behind it."""
        seen: list[Seen] = []
        command = self._command(queries, _HOUR, "-r", f"{rate:.3f}", "-c", str(CLIENTS), *self._spin)
        with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as running:
            try:
                yield seen
            finally:
                running.terminate()
            out, _ = running.communicate(timeout=_GRACE)
            seen.append(msgspec.json.decode(out, type=Seen))

    def _run(self, queries: pathlib.Path, seconds: float, *options: str) -> Seen:
        command = self._command(queries, seconds, *options)
        done = subprocess.run(command, capture_output=True, timeout=seconds + _GRACE, check=True)
        return msgspec.json.decode(done.stdout, type=Seen)

    def _command(self, queries: pathlib.Path, seconds: float, *options: str) -> list[str]:
        return ["taskset", "-c", LOAD_CORE, str(self._program), *options, str(self._port), str(queries), str(seconds)]


def build(folder: pathlib.Path, name: str) -> pathlib.Path:
    """The program made of NAME.c. Raises LookupError without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise LookupError("no C compiler: gcc is needed (Debian: gcc, libc6-dev)")
    program = folder / name
    subprocess.run([compiler, "-O2", "-o", program, HERE / f"{name}.c"], check=True)
    return program
