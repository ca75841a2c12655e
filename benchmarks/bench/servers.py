"""What all servers have in common: a command, a start that is over with the first blocked answer, an end."""

from __future__ import annotations

import abc
import itertools
import pathlib
import shutil
import time
from collections.abc import Iterable, Sequence
from typing import Self

from benchmarks.bench import programs
from benchmarks.bench.load import Load
from benchmarks.bench.programs import Program, Use
from benchmarks.bench.workload import Rules

START = 120.0  # seconds that a start may take
_FIRST = 8  # names that are asked for in turn until one is blocked
_OFTEN = 0.01  # seconds between two looks


class NotRunning(Exception):
    """A server that is not there, did not start, needs too much, or ended: the words for the report."""


class Server(abc.ABC):
    """A server that blocks the names of some rules and asks an upstream on a port of 127.0.0.1 for the rest.

    `command` writes its config and says how it is started. Used as a context manager it is ended in any case.
    """

    name = ""
    binary = ""
    answering = ""  # finds the command lines of the processes that answer
    cores = programs.SERVER_CORE
    renewal = ""  # how it takes changed rules

    def __init__(self, folder: pathlib.Path, rules: Rules, upstream: int) -> None:
        self.folder, self.rules, self.upstream = folder / (self.binary or "own"), rules, upstream
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = 0
        self._program: Program | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @abc.abstractmethod
    def command(self) -> Sequence[str]:
        """What starts it, once its config is written."""

    @abc.abstractmethod
    def add(self, name: str) -> None:
        """Add a rule to what it reads its rules from, in such a way that `renew` brings it into force."""

    def renew(self) -> None:
        """Have changed rules taken; returns before they are in force."""
        self.program.hang_up()

    @property
    def program(self) -> Program:
        if self._program is None:
            raise NotRunning("is not running")
        return self._program

    @property
    def use(self) -> Use:
        return Use(self.program.pid, self.answering)

    def load(self, program: pathlib.Path) -> Load:
        return Load(program, self.port, shares=self.cores != programs.SERVER_CORE and programs.SHARED)

    def start(self, limit: float = START, mebibytes: float = float("inf")) -> float:
        """Start, and wait for the first blocked answer; returns after how many seconds that was. It may need no more
        time and memory than this."""
        if self.binary and shutil.which(self.binary) is None:
            raise NotRunning("is not installed")
        self.port = programs.free_port()
        command = self.command()
        began = time.monotonic()
        self._program = Program(command, self.folder / "output.log", self.cores)
        self._await(self.rules.sample[:_FIRST], began + limit, mebibytes)
        return time.monotonic() - began

    def await_block(self, name: str, deadline: float) -> None:
        """Wait until a name and all below it are blocked, which is asked for under ever new names."""
        self._await((f"{look}.{name}" for look in itertools.count()), deadline, float("inf"))

    def _await(self, names: Iterable[str], deadline: float, mebibytes: float) -> None:
        """Wait until one of the names is blocked: of real lists, others may allow some that one blocks."""
        asked, weighed = itertools.cycle(names), time.monotonic()
        while (reply := programs.ask(self.port, next(asked))) is None or not programs.blocks(reply):
            if self.program.ended:
                raise NotRunning(f"ended: {self.program.last_words()}")
            if time.monotonic() > deadline:
                raise NotRunning("did not block within its time")
            if time.monotonic() - weighed > 1:
                weighed = time.monotonic()
                if (size := self.use.memory()[0]) > mebibytes:
                    raise NotRunning(f"needed more than {size:,.0f} MiB")
            time.sleep(_OFTEN)

    def restart(self) -> None:
        """End and start again, on the same port: the way of those that have no other."""
        command = self.command()
        self.end()
        self._program = Program(command, self.folder / "output.log", self.cores)

    def end(self) -> None:
        if self._program is not None:
            self._program.end()
            self._program = None


def written(path: pathlib.Path, text: str) -> pathlib.Path:
    path.write_text(text)
    return path


def append(path: pathlib.Path, text: str) -> None:
    with path.open("a") as out:
        out.write(text)
