"""The child that works on backups: told, heard, and gone with whoever asked."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import msgspec
import pytest

from resolver.backup.asked import COMMAND, BackUp, Restore
from resolver.backup.reading import check
from resolver.backup.running import run, wait
from resolver.errors import BackupError
from tests.backup.house import House


def _asked(house: House, out: pathlib.Path) -> BackUp:
    out.touch()
    return BackUp(str(house.file), str(house.state), str(out), log=True)


def test_out_and_in(house: House, tmp_path: pathlib.Path) -> None:
    out, said = tmp_path / "backup.tar.gz", list[str]()
    people = house.people()
    wait(_asked(house, out), lambda _what, _percent: None)
    assert check(out, 1 << 30).about.log
    asked = Restore(str(house.file), str(house.state), str(out), config=True)
    done = asyncio.run(run(asked, lambda what, _percent: said.append(what)))
    assert done.outcome is not None
    assert done.outcome.state == "taken"
    assert list(dict.fromkeys(said)) == [
        "checking the backup",
        "unpacking",
        "making the database",
        "making the log",
        "making a policy of it",
    ]
    assert house.people() == people


def test_what_fails_is_told(house: House, tmp_path: pathlib.Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"nothing")
    asked = Restore(str(house.file), str(house.state), str(bad), config=True)
    with pytest.raises(BackupError, match="it is no backup"):
        wait(asked, lambda _what, _percent: None)
    with pytest.raises(BackupError, match="it is no backup"):
        asyncio.run(run(asked, lambda _what, _percent: None))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), "too little memory"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "status 3"),
        (("true",), "status 0"),
    ],
)
def test_a_child_that_dies_is_told(house: House, tmp_path: pathlib.Path, command: tuple[str, ...], why: str) -> None:
    asked = _asked(house, tmp_path / "out")
    with pytest.raises(BackupError, match=why):
        wait(asked, lambda _what, _percent: None, command)
    with pytest.raises(BackupError, match=why):
        asyncio.run(run(asked, lambda _what, _percent: None, command))


def test_it_is_killed_when_nobody_waits_any_more(house: House, tmp_path: pathlib.Path) -> None:
    pid = tmp_path / "pid"
    command = (
        sys.executable,
        "-c",
        f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)",
    )

    async def scenario() -> None:
        task = asyncio.create_task(run(_asked(house, tmp_path / "out"), lambda _what, _percent: None, command))
        while not pid.exists() or not pid.read_text():
            await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_it_ends_with_whoever_asked(house: House, tmp_path: pathlib.Path) -> None:
    out = tmp_path / "fifo"
    os.mkfifo(out)  # nobody reads it: the child hangs there
    asked = BackUp(str(house.file), str(house.state), str(out), log=True)
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        assert child.stdin is not None
        child.stdin.write(msgspec.json.encode(asked) + b"\n")
        child.stdin.flush()
        time.sleep(1.5)
        assert child.poll() is None
        child.stdin.close()
        assert child.wait(5) == 1
        assert child.returncode != -signal.SIGKILL
