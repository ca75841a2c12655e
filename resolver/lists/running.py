"""The compiling child, seen from its parent: fed, listened to, and never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import signal
from collections.abc import Callable, Sequence

import msgspec

from resolver.errors import ListError
from resolver.rules.child import Done, Failed, Progress, decode_line
from resolver.rules.report import SourceReport

Say = Callable[[float], None]
"""Told how far it is, from 0.0 to 1.0."""

_LONGEST_LINE = 64 << 20  # the reports are one line
_TAIL = 2_000


async def run(command: Sequence[str], job: bytes, say: Say) -> list[SourceReport]:
    """Have a job done by `command`, which speaks as `rules.child` does. Raises ListError with the reason of a failure.

    When it is cancelled the child is killed.
    """
    process = await _start(command)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_feed(process, job))
            tail = group.create_task(_tail(process))
            last = group.create_task(_listen(process, say))
        status = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    match last.result():
        case Done(reports) if status == 0:
            return reports
        case Failed(error):
            raise ListError(error)
        case _:
            raise ListError(f"compiling the lists failed: {_death(status)}{tail.result()}")


async def _start(command: Sequence[str]) -> asyncio.subprocess.Process:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
        )
    except OSError as error:
        raise ListError(f"the compiler cannot be started: {error.strerror or error}") from error
    _expose(process.pid)
    return process


def _expose(pid: int) -> None:
    """Have the kernel end this process, and not one that answers queries, when memory runs out."""
    with contextlib.suppress(OSError):
        pathlib.Path(f"/proc/{pid}/oom_score_adj").write_text("1000")


async def _feed(process: asyncio.subprocess.Process, job: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):  # it died before reading; its status says why
        process.stdin.write(job)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()


async def _listen(process: asyncio.subprocess.Process, say: Say) -> Done | Failed | None:
    """What the child said last; None when it ended without saying how it went."""
    assert process.stdout is not None
    last: Done | Failed | None = None
    try:
        while line := await process.stdout.readline():
            said = decode_line(line)
            if isinstance(said, Progress):
                say(said.progress)
            else:
                last = said
    except (ValueError, msgspec.MsgspecError) as error:  # a line that is too long, or no line of ours
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return Failed(f"compiling the lists failed: what the compiler said is not understood: {error}")
    return last


async def _tail(process: asyncio.subprocess.Process) -> str:
    """The end of what the child wrote to its standard error."""
    assert process.stderr is not None
    tail = b""
    while data := await process.stderr.read(_TAIL):
        tail = (tail + data)[-_TAIL:]
    text = tail.decode("utf-8", "replace").strip()
    return f": {text}" if text else ""


def _death(status: int) -> str:
    if status == -signal.SIGKILL:
        return "the compiler was killed; the machine may have too little memory"
    return f"the compiler was ended by signal {-status}" if status < 0 else f"the compiler ended with status {status}"
