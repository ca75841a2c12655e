"""`lull tokens`: what is sent, and what is said."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.admin.accountbodies import TokenInfo, TokenMade
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import Admin, home

AT = 1_700_000_000.0
INFO = TokenInfo(7, "home automation", ["read", "log"], "", AT, AT, None)
MADE = TokenMade("lull_secret", INFO)


def test_tokens(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET tokens": [INFO]}) as admin:
        assert main(["tokens", *home(tmp_path, admin)]) == 0
    time = when(AT)
    assert capsys.readouterr().out.splitlines() == [
        f"ID  FOR{' ' * 14}MAY        MADE{' ' * 17}BY       EXPIRES{' ' * 14}LAST USED",
        f"7   home automation  read, log  {time}  command  {time}  never",
    ]


def test_none_yet(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET tokens": []}) as admin:
        assert main(["tokens", *home(tmp_path, admin)]) == 0
    assert "lull tokens make NAME --scope read" in capsys.readouterr().out


def test_the_token_alone_is_on_standard_output(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"POST tokens": MADE}) as admin:
        words = ["tokens", "make", "home automation", "--scope", "log,read", "--for", "90d", *home(tmp_path, admin)]
        assert main(words) == 0
        assert admin.asked[0].body == {"name": "home automation", "scopes": ["read", "log"], "for": "90d"}
        out, err = capsys.readouterr()
        assert out == "lull_secret\n"
        assert "shown this once" in err
        assert main([*words, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["token"] == "lull_secret"
        assert main(["tokens", "make", "x", *home(tmp_path, admin)]) == 0
        assert admin.asked[-1].body == {"name": "x", "scopes": ["read"], "for": None}


def test_revoking(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"DELETE tokens/7": None}) as admin:
        assert main(["tokens", "revoke", "7", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out == "token 7 is revoked\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["list", "x"], "tokens list takes nothing more"),
        (["make"], "takes the NAME"),
        (["make", "x", "--scope", "root"], "there is no scope 'root': a token may read, log, write, admin"),
        (["revoke"], "takes the ID of a token"),
        (["revoke", "x"], "takes the ID of a token"),
        (["revoke", "7", "--scope", "read"], "say nothing to tokens revoke"),
    ],
)
def test_what_is_not_understood(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    with Admin() as admin:
        assert main(["tokens", *words, *home(tmp_path, admin)]) == 2
    assert why in capsys.readouterr().err
    assert admin.asked == []
