"""Signs of life: whose they are, and how long they are waited for."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from resolver.notifying import Notifier
from resolver.supervisor import Child, Supervisor


@pytest.fixture
def child() -> Child:
    """One that lives and says nothing."""
    return Child("silent", [sys.executable, "-c", "import time; time.sleep(60)"], [], 10.0, 90.0)


def end(child: Child) -> int:
    child.signal(signal.SIGKILL)
    return os.waitpid(child.pid, 0)[1]


def test_what_the_one_before_said_last_is_no_sign_of_life(child: Child) -> None:
    child.start(0.0)
    os.write(child._write, b"..")
    child.ended(end(child), 100.0)
    child.start(100.0)
    child.listen(100.0)
    assert not child.alive
    os.write(child._write, b".")
    child.listen(101.0)
    assert child.alive
    end(child)


def test_who_is_hung_is_killed(child: Child) -> None:
    child.start(0.0)
    child.listen(89.0)
    os.write(child._write, b".")
    child.listen(89.5)
    child.listen(99.0)
    assert os.waitpid(child.pid, os.WNOHANG) == (0, 0)
    child.listen(100.0)
    assert os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) == -signal.SIGKILL


def test_while_nobody_looked_nobody_was_silent(child: Child) -> None:
    """A container that was paused, all processes of it: the supervisor may be the first to go on."""
    both = Supervisor([child], Child("control", ["none"], [], 10.0, 90.0), Notifier())
    now = time.monotonic()
    child.start(now)
    os.write(child._write, b".")
    both._listen(now)
    both._listen(now + 500.0)
    time.sleep(0.05)
    assert os.waitpid(child.pid, os.WNOHANG) == (0, 0)
    for second in range(501, 515):
        both._listen(now + second)
    assert os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) == -signal.SIGKILL
