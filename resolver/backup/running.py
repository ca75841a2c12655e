"""The child that works on backups, seen from its parent: fed, listened to, and never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import Sequence

import msgspec

from resolver.backup.asked import COMMAND, Asked, Doing, Done, Failed, Said, Say, said_decoder
from resolver.errors import BackupError

_LINE = 1 << 20


async def run(asked: Asked, say: Say, command: Sequence[str] = COMMAND) -> Done:
    """Have something done. Raises BackupError. When it is cancelled the child is killed."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE
    )
    last: Said | None = None
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(ConnectionError):
            process.stdin.write(msgspec.json.encode(asked) + b"\n")
            await process.stdin.drain()
        while line := await process.stdout.readline():
            last = _heard(line, say)
        process.stdin.close()  # not before: the child ends with that
        status = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return _done(last, status)


def wait(asked: Asked, say: Say, command: Sequence[str] = COMMAND) -> Done:
    """The same for whoever has nothing else to do meanwhile."""
    last: Said | None = None
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(msgspec.json.encode(asked) + b"\n")
                process.stdin.flush()
            for line in process.stdout:
                last = _heard(line, say)
        except BaseException:
            process.terminate()
            raise
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
    return _done(last, process.returncode)


def _heard(line: bytes, say: Say) -> Said:
    said = said_decoder.decode(line)
    if isinstance(said, Doing):
        say(said.what, said.percent)
    return said


def _done(last: Said | None, status: int) -> Done:
    match last:
        case Done():
            return last
        case Failed(error):
            raise BackupError(error)
        case _:
            why = "it was killed: is there too little memory?" if status == -signal.SIGKILL else f"status {status}"
            raise BackupError(f"what works on backups failed: {why}")
