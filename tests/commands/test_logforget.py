"""`lull log forget`: asked before, and told after."""

from __future__ import annotations

import io
import json
import pathlib

import pytest

from resolver.admin.logbodies import Forgotten
from resolver.cli import main
from tests.commands.played import Admin, Asked, done, failed, home

DONE = done(Forgotten(12_345, 3, 1, "rows of days before today that had a name for a day cannot be found"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_with_yes_it_is_done(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"DELETE log": DONE}) as admin:
        words = ["--client", "tv", "--name", "Ads.example", "--before", "2d", "--yes"]
        assert main(["log", "forget", *words, *home(tmp_path, admin)]) == 0
        assert admin.asked == [Asked("DELETE", "log?client=tv&name=ads.example&before=2d", None)]
        out = capsys.readouterr().out
        assert main(["log", "forget", "--client", "tv", "--yes", "--json", *home(tmp_path, admin)]) == 0
    assert out == "12,345 rows are forgotten; rows of days before today that had a name for a day cannot be found\n"
    assert json.loads(capsys.readouterr().out)["rows"] == 12_345


@pytest.mark.parametrize(
    ("typed", "code", "asked"), [("y\n", 0, 1), ("YES\n", 0, 1), ("\n", 1, 0), ("n\n", 1, 0), ("", 1, 0)]
)
def test_otherwise_it_is_asked(
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
    asked: int,
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    with Admin({"DELETE log": DONE}) as admin:
        assert main(["log", "forget", "--name", "x.example", *home(tmp_path, admin)]) == code
        assert len(admin.asked) == asked
    err = capsys.readouterr().err
    assert "Every row of the log about x.example and all below it is deleted" in err
    assert "This cannot be undone." in err


def test_a_program_must_say_yes(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with Admin({"DELETE log": DONE}) as admin:
        assert main(["log", "forget", "--name", "x.example", *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert "say --yes" in capsys.readouterr().err


def test_a_job_that_fails(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"DELETE log": failed("the database is full")}) as admin:
        assert main(["log", "forget", "--name", "x.example", "--yes", *home(tmp_path, admin)]) == 4
    assert "the database is full" in capsys.readouterr().err
