"""Compiling as a child process: `python -m resolver.rules.child`, a job on its input, JSON lines on its output.

The parent keeps its loop and its memory. Lines are `{"progress": 0.42}` now and then, and one `{"reports": […]}` or
`{"error": "…"}` at the end, the latter with exit status 1. Output that ends without either is a death (out of memory).
"""

from __future__ import annotations

import os
import pathlib
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from resolver import allocator
from resolver.errors import LullError
from resolver.paths import python_module
from resolver.rules.compile import Source, compile_sources
from resolver.rules.report import SourceReport

NICE = 10
"""By how much the child lowers its priority (nice(2)): queries come first."""

COMMAND = tuple(python_module("resolver.rules.child"))


class Job(msgspec.Struct, frozen=True):
    """What to compile, and the directory to write into."""

    sources: list[Source]
    out: pathlib.Path


class Progress(msgspec.Struct, frozen=True):
    """How far it is, from 0.0 to 1.0."""

    progress: float


class Done(msgspec.Struct, frozen=True):
    """The files are written."""

    reports: list[SourceReport]


class Failed(msgspec.Struct, frozen=True):
    """There are no files; the sentence says why."""

    error: str


Line = Progress | Done | Failed


def encode_job(job: Job) -> bytes:
    """What the child reads."""
    return msgspec.json.encode(job, enc_hook=str)


def decode_line(line: bytes) -> Line:
    """What the child wrote. Raises msgspec.MsgspecError for anything else."""
    fields = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    if "progress" in fields:
        return msgspec.json.decode(line, type=Progress)
    if "reports" in fields:
        return msgspec.json.decode(line, type=Done)
    return msgspec.json.decode(line, type=Failed)


def run(job: BinaryIO, say: Callable[[Line], None]) -> int:
    """Do the job and say how it goes; returns the exit status."""
    try:
        wanted = msgspec.json.decode(job.read(), type=Job, dec_hook=_path)
        reports = compile_sources(wanted.sources, wanted.out, lambda share: say(Progress(round(share, 3))))
    except (LullError, msgspec.MsgspecError) as error:
        say(Failed(str(error)))
        return 1
    say(Done(reports))
    return 0


def _path(type: type[Any], value: Any) -> Any:
    return type(value)


def _say(line: Line) -> None:
    data = msgspec.json.encode(line) + b"\n"
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]


def main() -> int:
    allocator.settle()
    os.nice(NICE)
    try:
        return run(sys.stdin.buffer, _say)
    except BrokenPipeError:  # the parent is gone, and with it everyone who would want to know
        return 1


if __name__ == "__main__":
    sys.exit(main())
