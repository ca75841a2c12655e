"""What programs use, and that they end."""

from __future__ import annotations

import os
import pathlib
import shutil
import sys
import time

import pytest

from benchmarks.bench import programs
from benchmarks.bench.programs import Program, Use, blocks

pytestmark = pytest.mark.skipif(shutil.which("taskset") is None, reason="taskset is not installed")

FAMILY = """
import subprocess, sys, time
code = "kept = bytearray(30 << 20)\\nwhile True: pass"
child = subprocess.Popen([sys.executable, "-c", code, "answering"])
time.sleep(60)
"""


def alive(pid: int) -> bool:
    """A process that is no more may still be waited for."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_children_count_and_end_as_well(tmp_path: pathlib.Path) -> None:
    program = Program([sys.executable, "-c", FAMILY], tmp_path / "log", programs.SERVER_CORE)
    try:
        until = time.monotonic() + 10
        use = Use(program.pid, "answering$|answering ")
        while use.memory()[1] < 30:
            assert time.monotonic() < until
            time.sleep(0.02)
        before = use.cpu()
        time.sleep(0.3)
        whole, part = use.spent(before)
        assert whole >= part > 0.02
        assert use.memory()[0] > use.memory()[1]
        family = programs.tree(program.pid)
        assert len(family) == 2
    finally:
        program.end()
    assert not [pid for pid in family if alive(pid)]


def test_one_that_does_not_want_to_end_is_killed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_PATIENCE", 0.2)
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    program = Program([sys.executable, "-c", stubborn], tmp_path / "log", programs.SERVER_CORE)
    until = time.monotonic() + 10
    while program.last_words() != "on":
        assert time.monotonic() < until
        time.sleep(0.02)
    program.end()
    assert program.ended


def test_a_ctrl_c_while_it_is_ended_does_not_keep_it_and_its_children_alive(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program([sys.executable, "-c", FAMILY], tmp_path / "log", programs.SERVER_CORE)
    until = time.monotonic() + 10
    while len(family := programs.tree(program.pid)) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    session, looks = programs._session, iter([KeyboardInterrupt()])

    def interrupted(pid: int) -> int:
        for one in looks:
            raise one
        return session(pid)

    monkeypatch.setattr(programs, "_session", interrupted)
    with pytest.raises(KeyboardInterrupt):
        program.end()
    assert not [pid for pid in family if alive(pid)]


def test_last_words_are_the_last_line(tmp_path: pathlib.Path) -> None:
    program = Program(["sh", "-c", "echo one; echo two; echo"], tmp_path / "log", programs.SERVER_CORE)
    until = time.monotonic() + 10
    while not program.ended:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert program.last_words() == "two"


def test_a_process_that_is_gone_uses_nothing() -> None:
    gone = Use(2**22 + 1, "")
    assert gone.memory() == (0.0, 0.0)
    assert gone.spent({}) == (0.0, 0.0)
    assert programs.tree(os.getpid())[0] == os.getpid()


HEAD = b"\0\1\x81\x80\0\1\0\1\0\0\0\0"


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (HEAD[:3] + b"\x83" + HEAD[4:], True),
        (HEAD + b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\0\0\0\0", True),
        (HEAD + b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\xc0\0\2\1", False),
        (HEAD[:3] + b"\x82" + HEAD[4:], False),
        (HEAD[:6] + b"\0\0" + HEAD[8:], False),
    ],
)
def test_what_blocks(reply: bytes, verdict: bool) -> None:
    assert blocks(reply) is verdict
