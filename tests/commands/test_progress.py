"""Waiting for a job: a bar on a terminal only, gone when the work is done; and what came of it."""

from __future__ import annotations

import io
import os
import pathlib
import pty
import subprocess
import sys
import threading
from typing import Any

import msgspec
import pytest

from resolver.admin.jobbodies import Job
from resolver.commands.api import Api, decode
from resolver.commands.place import Token
from resolver.commands.progress import shown, waited
from resolver.errors import ApiError, LullError
from tests.commands.listed import state
from tests.commands.played import HOSTILE, JOB, TOKEN, Admin, Asked, done, failed, home, running

ROOT = pathlib.Path(__file__).resolve().parents[2]
BAR = f"[{'#' * 17}{'.' * 23}]  42 %"
BEGUN = msgspec.json.encode(running())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Turns(Admin):
    """Answers with one of these jobs after the other."""

    def __init__(self, *jobs: object) -> None:
        super().__init__()
        self.jobs = list(jobs)

    def play(self, asked: Asked, authorization: str) -> tuple[int, bytes]:
        super().play(asked, authorization)
        return 200, msgspec.json.encode(self.jobs.pop(0))


def wait_for(admin: Admin) -> bytes:
    return waited(Api(admin.url, Token(TOKEN, "")), BEGUN)


@pytest.mark.parametrize(
    ("percent", "said", "line"),
    [
        (None, (), "looking …"),
        (None, ("first", "receiving it …"), "receiving it …"),
        (0.0, (), f"[{'.' * 40}]   0 %"),
        (42.0, ("x" * 99,), f"{BAR}  {'x' * 60}"),
        (100.0, (), f"[{'#' * 40}] 100 %"),
        (900.0, (), f"[{'#' * 40}] 900 %"),
    ],
)
def test_how_far_it_is(percent: float | None, said: tuple[str, ...], line: str) -> None:
    assert shown(decode(msgspec.json.encode(running(percent, *said)), Job[Any])) == line


def test_a_bar_is_drawn_until_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Turns(running(42.0, HOSTILE), running(42.0), done([1, 2])) as admin:
        assert wait_for(admin) == b"[1,2]"
        assert [asked.path for asked in admin.asked] == [f"jobs/{JOB}?seconds=0.3"] * 3
    assert terminal.getvalue().startswith("\r\x1b[Klooking …\r\x1b[K[#")
    assert terminal.getvalue().endswith(" 42 %\r\x1b[K")
    assert terminal.getvalue().count("\x1b") == 4


def test_what_goes_wrong_is_said_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with Turns(failed("no")) as admin, pytest.raises(ApiError, match="no") as refused:
        wait_for(admin)
    assert refused.value.code == "why"


def test_a_job_that_somebody_ended() -> None:
    with Admin() as admin, pytest.raises(ApiError, match="there is nothing at"):
        wait_for(admin)


def test_what_is_no_job() -> None:
    with Admin({f"GET jobs/{JOB}": {}}) as admin, pytest.raises(LullError, match="is not understood"):
        wait_for(admin)


def test_nothing_on_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with Turns(running(42.0), done(5)) as admin:
        assert wait_for(admin) == b"5"
        assert [asked.path for asked in admin.asked] == [f"jobs/{JOB}?seconds=15.0"] * 2
    assert capsys.readouterr() == ("", "")


def test_a_real_terminal_sees_the_bar_and_standard_output_does_not(tmp_path: pathlib.Path) -> None:
    looked = threading.Event()
    bodies = {"GET lists": [state("pro")], "POST lists/refresh": running(), f"GET jobs/{JOB}": running(42.0)}
    with Admin(bodies) as admin:
        play = admin.play

        def going(asked: Asked, authorization: str) -> tuple[int, bytes]:
            if asked.path.startswith("jobs/") and looked.is_set():
                admin.bodies[f"GET jobs/{JOB}"] = done([])
            elif asked.path.startswith("jobs/"):
                looked.set()
            return play(asked, authorization)

        admin.play = going  # type: ignore[method-assign]  # the one way to have it go on
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "resolver", "lists", "refresh", *home(tmp_path, admin)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs) as process:
            out, _ = process.communicate(timeout=20)
        os.close(theirs)
        seen = os.read(ours, 65_536).decode()
        os.close(ours)
    assert process.returncode == 0
    assert BAR in seen
    assert seen.endswith("\r\x1b[K")
    assert out.decode().splitlines()[0].startswith("ID ")
    assert b"\x1b" not in out
