"""`lull token`: the word, or where it should have been."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.cli import main
from tests.commands.played import TOKEN, home


def test_the_token(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", *home(tmp_path, 1)]) == 0
    assert capsys.readouterr().out == f"{TOKEN}\n"
    assert main(["token", "--json", *home(tmp_path, 1)]) == 0
    assert json.loads(capsys.readouterr().out) == {"token": TOKEN}


def test_no_token(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", *home(tmp_path, 1, token=None)]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"lull: there is no token at {tmp_path}/state/token: ")
    assert "Give its --state" in err
