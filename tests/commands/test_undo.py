"""`lull undo`: the last change that stands, or the one that is named."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.admin.rulebodies import ChangeInfo, ChangesPage, Undone
from resolver.cli import main
from tests.commands.played import HOSTILE, Admin, Asked, home

CHANGES = [
    ChangeInfo(9, 4.0, "ada", "take back: allow c"),
    ChangeInfo(8, 3.0, "ada", "allow c", 9),
    ChangeInfo(7, 2.0, "ada", "allow b"),
    ChangeInfo(6, 1.0, "ada", "allow a"),
]
UNDONE = Undone(ChangeInfo(10, 5.0, "ada", "take back: allow b"), effective=True)


def test_the_last_that_stands(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET changes": ChangesPage(CHANGES, 6), "POST changes/7/undo": UNDONE}) as admin:
        assert main(["undo", *home(tmp_path, admin)]) == 0
        assert admin.asked[-1] == Asked("POST", "changes/7/undo", None)
    assert capsys.readouterr().out == "take back: allow b: in force everywhere; to do it again: lull undo 10\n"


def test_what_was_done_again_is_taken_back(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = Undone(ChangeInfo(11, 6.0, "ada", "again: allow b"), effective=True)
    with Admin({"POST changes/10/undo": again}) as admin:
        assert main(["undo", "10", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out == "again: allow b: in force everywhere; to take it back: lull undo 11\n"


def test_the_one_that_is_named(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = Undone(ChangeInfo(10, 5.0, "ada", HOSTILE), effective=False, note="x")
    with Admin({"POST changes/6/undo": late}) as admin:
        assert main(["undo", "6", *home(tmp_path, admin)]) == 1
        out = capsys.readouterr().out
        assert main(["undo", "6", "--json", *home(tmp_path, admin)]) == 1
        assert admin.asked == [Asked("POST", "changes/6/undo", None)] * 2
    assert "not in force everywhere yet: x" in out
    assert out.removesuffix("\n").isprintable()
    assert json.loads(capsys.readouterr().out)["change"]["id"] == 10


def test_nothing_to_take_back(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET changes": ChangesPage(CHANGES[:2], None)}) as admin:
        assert main(["undo", *home(tmp_path, admin)]) == 4
        assert "nothing to take back" in capsys.readouterr().err
        assert main(["undo", "x", *home(tmp_path, admin)]) == 2
        assert main(["undo", "5", *home(tmp_path, admin)]) == 4
