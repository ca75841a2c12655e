"""The bar: on a terminal only, and gone when the work is done."""

from __future__ import annotations

import io
import os
import pathlib
import pty
import subprocess
import sys
import threading

import msgspec
import pytest

from resolver.commands import progress
from resolver.commands.api import Api
from resolver.commands.place import Token
from resolver.commands.progress import bar, watched
from resolver.errors import ApiError
from tests.commands.listed import state
from tests.commands.played import TOKEN, Admin, Asked, home
from tests.commands.test_status import STATUS

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPILING = msgspec.structs.replace(STATUS, compiling=42.0)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar() -> None:
    assert bar(None) == "looking …"
    assert bar(0.0) == f"compiling [{'.' * 40}]   0 %"
    assert bar(42.0) == f"compiling [{'#' * 17}{'.' * 23}]  42 %"
    assert bar(100.0) == f"compiling [{'#' * 40}] 100 %"


def test_a_bar_is_drawn_until_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_PAUSE", 0.01)
    with Admin({"GET status": COMPILING}) as admin:
        asked_enough = threading.Event()
        play = admin.play

        def watch(asked: Asked, authorization: str) -> tuple[int, bytes]:
            if len(admin.asked) > 2:
                asked_enough.set()
            return play(asked, authorization)

        monkeypatch.setattr(admin, "play", watch)
        assert watched(Api(admin.url, Token(TOKEN, "")), lambda: asked_enough.wait(5)) is True
    assert terminal.getvalue().startswith("\r\x1b[Kcompiling [#################")
    assert terminal.getvalue().endswith(" 42 %\r\x1b[K")


def test_what_goes_wrong_is_said_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ApiError(409, "conflict", "no")

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "_PAUSE", 0.01)
    with Admin() as admin, pytest.raises(ApiError, match="no"):
        watched(Api(admin.url, Token(TOKEN, "")), fail)


def test_a_status_that_cannot_be_had_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_PAUSE", 0.01)
    wait = threading.Event()
    with Admin() as admin:
        assert watched(Api(admin.url, Token(TOKEN, "")), lambda: wait.wait(0.1)) is False
    assert "looking …" in terminal.getvalue()


def test_nothing_on_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET status": COMPILING}) as admin:
        assert watched(Api(admin.url, Token(TOKEN, "")), lambda: 5) == 5
        assert admin.asked == []
    assert capsys.readouterr() == ("", "")


def test_a_real_terminal_sees_the_bar_and_standard_output_does_not(tmp_path: pathlib.Path) -> None:
    done = threading.Event()
    with Admin({"GET lists": [state("pro")], "GET status": COMPILING, "POST lists/refresh": []}) as admin:
        play = admin.play

        def slow(asked: Asked, authorization: str) -> tuple[int, bytes]:
            if asked.path == "status":
                done.set()
            elif asked.method == "POST":
                done.wait(5)
            return play(asked, authorization)

        admin.play = slow  # type: ignore[method-assign]  # the one way to have it wait
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "resolver", "lists", "refresh", *home(tmp_path, admin)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs) as process:
            out, _ = process.communicate(timeout=20)
        os.close(theirs)
        seen = os.read(ours, 65_536).decode()
        os.close(ours)
    assert process.returncode == 0
    assert "compiling [#################" in seen
    assert seen.endswith("\r\x1b[K")
    assert out.decode().splitlines()[0].startswith("ID ")
    assert b"\x1b" not in out
