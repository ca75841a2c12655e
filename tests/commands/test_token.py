"""`lull token`: the word, or where it should have been; and the link of a first visit."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.admin.accountbodies import Welcome
from resolver.cli import main
from tests.commands.played import TOKEN, Admin, home

LINK = "http://127.0.0.1:8080/welcome?key=secret"


def test_the_token_needs_no_daemon(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", *home(tmp_path, 1)]) == 0
    assert capsys.readouterr() == (f"{TOKEN}\n", "")
    assert main(["token", "--json", *home(tmp_path, 1)]) == 0
    assert json.loads(capsys.readouterr().out) == {"token": TOKEN, "welcome": ""}


def test_the_link_while_nobody_can_sign_in(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET welcome": Welcome(LINK)}) as admin:
        assert main(["token", *home(tmp_path, admin)]) == 0
        out, err = capsys.readouterr()
        assert out == f"{TOKEN}\n", "programs read it"
        assert err.endswith(f"open: {LINK}\n")
        assert main(["token", "--json", *home(tmp_path, admin)]) == 0
        assert json.loads(capsys.readouterr().out) == {"token": TOKEN, "welcome": LINK}


def test_no_link_where_there_is_none(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET welcome": Welcome("")}) as admin:
        assert main(["token", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr() == (f"{TOKEN}\n", "")


def test_no_token(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", *home(tmp_path, 1, token=None)]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"lull: there is no token at {tmp_path}/state/token: ")
    assert "Give its --state" in err
