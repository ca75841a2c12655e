"""`lull users`: what is sent, and what is said."""

from __future__ import annotations

import io
import json
import pathlib

import pytest

from resolver.admin.accountbodies import Ended, SessionInfo, UserInfo
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, home

AT = 1_700_000_000.0
ANNA = UserInfo("anna", "admin", "", grants=False, codes=True, created=AT, seen=AT, sessions=2)
KIM = UserInfo("kim", "member", "tablet", grants=True, codes=False, created=AT, seen=None, sessions=0)
PASSWORD = "correct horse battery"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\nmore\n"))


def test_users(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET users": [ANNA, KIM]}) as admin:
        assert main(["users", *home(tmp_path, admin)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert main(["users", "list", "--json", *home(tmp_path, admin)]) == 0
        assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["anna", "kim"]
    assert lines == [
        f"NAME  ROLE    DEVICE  GRANTS  CODES  LAST SIGN-IN{' ' * 9}SESSIONS",
        f"anna  admin                   on     {when(AT)}  2",
        f"kim   member  tablet  yes            never{' ' * 16}0",
    ]


def test_nobody_yet(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET users": []}) as admin:
        assert main(["users", *home(tmp_path, admin)]) == 0
    assert "lull users add NAME" in capsys.readouterr().out


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ([], {"role": "admin", "device": "", "grants": False}),
        (["--device", "tablet"], {"role": "member", "device": "tablet", "grants": False}),
        (
            ["--role", "member", "--device", "tablet", "--grants"],
            {"role": "member", "device": "tablet", "grants": True},
        ),
    ],
)
def test_adding(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], options: list[str], sent: dict[str, object]
) -> None:
    with Admin({"POST users": KIM}) as admin:
        assert main(["users", "add", "kim", *options, *home(tmp_path, admin)]) == 0
    assert admin.asked[0].body == {"name": "kim", "password": PASSWORD, **sent}
    assert capsys.readouterr().out == "kim can sign in now, as member with the device tablet\n"


@pytest.mark.usefixtures("typed")
def test_a_password_is_no_argument_and_is_not_printed(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Admin({"GET users/anna": ANNA, "PUT users/anna/password": ANNA}) as admin:
        assert main(["users", "password", "anna", *home(tmp_path, admin)]) == 0
    assert admin.asked[1].body == {"password": PASSWORD}
    out, err = capsys.readouterr()
    assert PASSWORD not in out + err
    assert out == "anna has another password; their sessions have ended\n"


def test_a_password_of_nobody_is_not_asked_for(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin() as admin:
        assert main(["users", "password", "eve", *home(tmp_path, admin)]) == 4
    assert [one.method for one in admin.asked] == ["GET"]


def test_a_password_is_typed_twice(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter([PASSWORD, "something else", PASSWORD, PASSWORD])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    with Admin({"POST users": ANNA}) as admin:
        assert main(["users", "add", "anna", *home(tmp_path, admin)]) == 2
        assert "the two differ" in capsys.readouterr().err
        assert admin.asked == []
        assert main(["users", "add", "anna", *home(tmp_path, admin)]) == 0


@pytest.mark.parametrize("words", [["anna", "off"], ["off", "anna"]])
def test_codes_off(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with Admin({"DELETE users/anna/codes": ANNA}) as admin:
        assert main(["users", "totp", *words, *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out == "anna signs in without codes now\n"


def test_changing_and_deleting(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"PUT users/kim": KIM, "DELETE users/a%2Fb": None}) as admin:
        assert main(["users", "change", "kim", "--no-grants", *home(tmp_path, admin)]) == 0
        assert admin.asked[-1].body == {"role": None, "device": None, "grants": False}
        assert capsys.readouterr().out == "kim is now member with the device tablet\n"
        assert main(["users", "delete", "a/b", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out == "a/b is deleted, with the tokens that they made\n"


def test_sessions(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = SessionInfo("00ff", "anna", "192.0.2.1", HOSTILE, AT, AT, AT, current=False)
    with Admin({"GET sessions": [one], "DELETE sessions/00ff": Ended(1)}) as admin:
        assert main(["users", "sessions", *home(tmp_path, admin)]) == 0
        assert admin.asked[-1].path == "sessions?all=true"
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert out.splitlines()[1].startswith("00ff  anna  192.0.2.1  ")
        assert main(["users", "end", "00ff", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out == "the session is ended\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["list", "anna"], "users list takes nothing more"),
        (["add"], "users add takes NAME"),
        (["delete"], "users delete takes NAME"),
        (["totp", "anna"], "users totp takes NAME off"),
        (["totp", "anna", "on"], "only whose codes they are can turn them on"),
        (["change", "anna"], "users change takes what to change"),
        (["delete", "anna", "--role", "admin"], "--role is for users add and users change"),
    ],
)
def test_what_is_not_understood(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    with Admin() as admin:
        assert main(["users", *words, *home(tmp_path, admin)]) == 2
    assert why in capsys.readouterr().err
    assert admin.asked == []
