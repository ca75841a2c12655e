"""`lull lists`: which requests it makes, and what it does with the answers."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.cli import main
from tests.commands.listed import state
from tests.commands.played import HOSTILE, Admin, done, home

STATES = [state("pro"), state("mine", rules=0, skipped=0, fetched=0.0, error=f"404 {HOSTILE}", state="waiting")]


def test_all_of_them(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET lists": STATES}) as admin:
        assert main(["lists", *home(tmp_path, admin)]) == 0
        out = capsys.readouterr().out.splitlines()
        assert main(["lists", "--json", *home(tmp_path, admin)]) == 0
    assert out[0].startswith("ID    KIND   STATE")
    assert out[-1] == "more about one: lull lists ID; others to choose from: lull lists catalogue"
    assert json.loads(capsys.readouterr().out)[0]["samples"] == [[3, "||||", "no name"]]


def test_one_in_full(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET lists/pro": STATES[0], "GET lists/mine": STATES[1]}) as admin:
        assert main(["lists", "pro", *home(tmp_path, admin)]) == 0
        one = capsys.readouterr().out.splitlines()
        assert main(["lists", "pro", "mine", "pro", *home(tmp_path, admin)]) == 0
        both = capsys.readouterr().out.splitlines()
        assert main(["lists", "pro", "--json", *home(tmp_path, admin)]) == 0
    assert one[0] == "pro  Pro (block list, syntax adblock)"
    assert both[: len(one)] == one
    assert any(line.startswith("mine  Mine") for line in both)
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == ["pro"]


def test_skipped_lines(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = state("pro", samples=[(3, f"||{HOSTILE}", "no name")])
    with Admin({"GET lists": [some, state("none", skipped_by={}, samples=[])], "GET lists/pro": some}) as admin:
        assert main(["lists", "skipped", *home(tmp_path, admin)]) == 0
        whole = capsys.readouterr().out.splitlines()
        assert main(["lists", "skipped", "pro", *home(tmp_path, admin)]) == 0
        one = capsys.readouterr().out.splitlines()
        assert main(["lists", "skipped", "pro", "--json", *home(tmp_path, admin)]) == 0
        (parsed,) = json.loads(capsys.readouterr().out)
    assert one == [
        "pro: 1,000 not a name, 234 no name",
        "LINE  REASON   TEXT",
        r"3     no name  ||\x1b[2J\x07\n\u202eevil\x9b31m\x7f",
    ]
    assert whole == [*one, "none: nothing skipped"]
    assert parsed["skipped_by"] == {"not a name": 1000, "no name": 234}


@pytest.mark.parametrize(
    ("ids", "paths", "code"),
    [
        ([], ["lists/refresh", "lists"], 1),
        (["pro"], ["lists/pro/refresh", "lists"], 0),
        (["mine", "pro", "mine"], ["lists/mine/refresh", "lists/pro/refresh", "lists"], 1),
    ],
)
def test_refreshing(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], ids: list[str], paths: list[str], code: int
) -> None:
    bodies: dict[str, object] = {"GET lists": STATES, "POST lists/refresh": done(STATES)}
    bodies |= {f"POST lists/{one.id}/refresh": done([one]) for one in STATES}
    with Admin(bodies) as admin:
        assert main(["lists", "refresh", *ids, *home(tmp_path, admin)]) == code
        assert [asked.path for asked in admin.asked] == paths
        out = capsys.readouterr().out
        assert main(["lists", "refresh", "--json", *home(tmp_path, admin), *ids]) == code
    wanted = [one.id for one in STATES if not ids or one.id in ids]
    assert [line.split()[0] for line in out.splitlines() if " block " in line] == wanted
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == wanted


@pytest.mark.parametrize("action", ["accept", "rollback"])
def test_going_from_one_version_to_another(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    with Admin({"GET lists": STATES, f"POST lists/pro/{action}": STATES[0]}) as admin:
        assert main(["lists", action, "pro", *home(tmp_path, admin)]) == 0
        assert [(asked.method, asked.path) for asked in admin.asked] == [
            ("POST", f"lists/pro/{action}"),
            ("GET", "lists"),
        ]
        assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["ID", "pro"]
        admin.raw[f"POST lists/pro/{action}"] = (
            409,
            b'{"error": {"code": "conflict", "message": "list pro: there is no version before the one in force"}}',
        )
        assert main(["lists", action, "pro", *home(tmp_path, admin)]) == 4
    assert capsys.readouterr().err == "lull: list pro: there is no version before the one in force\n"


def test_a_list_that_is_not_in_use(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin() as admin:
        assert main(["lists", "refresh", "../x", *home(tmp_path, admin)]) == 4
        assert admin.asked[0].path == "lists/..%2Fx/refresh"
        assert "there is nothing at" in capsys.readouterr().err
        assert main(["lists", "refesh", *home(tmp_path, admin)]) == 4
    assert "or did you mean one of list, refresh, skipped, try, accept, rollback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["list", "x"],
        ["\udcff"],
        ["accept"],
        ["rollback", "a", "b"],
        ["try"],
        ["try", "a.txt", "b.txt"],
        ["refresh", "--kind", "allow"],
        ["try", "a.txt", "--syntax", "x"],
        ["try", "a.txt", "--days", "0"],
        ["try", "a.txt", "--days", "900"],
    ],
)
def test_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lists", *words]) == 2
    assert capsys.readouterr().out == ""
