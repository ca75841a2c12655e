"""`lull lists`: as the lists' own state says it."""

from __future__ import annotations

import json
import pathlib

import msgspec
import pytest

from resolver.cli import main
from resolver.commands.output import when
from resolver.lists.catalogue import Catalogue
from resolver.lists.states import ListState
from resolver.rules.compile import Sample
from tests.commands.played import HOSTILE, Admin, home

FETCHED, NEXT = 1_700_000_000.0, 1_700_043_200.0


def state(id: str, **other: object) -> ListState:
    values: dict[str, object] = {
        "id": id,
        "title": id.title(),
        "kind": "block",
        "url": "https://example.org/list.txt",
        "file": "",
        "syntax": "adblock",
        "rules": 123_456,
        "lines": 130_000,
        "skipped": 1_234,
        "skipped_by": {"no name": 1_234},
        "samples": [Sample(3, "||||", "no name")],
        "bytes": 3_000_000,
        "fetched": FETCHED,
        "checked": FETCHED,
        "changed": FETCHED,
        "next_check": NEXT,
        "error": "",
        "state": "ok",
    }
    return msgspec.convert(values | other, ListState)


STATES = [state("pro"), state("mine", rules=0, skipped=0, fetched=0.0, error=f"404 {HOSTILE}", state="waiting")]


def test_a_table_and_what_went_wrong(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET lists": STATES}) as admin:
        assert main(["lists", *home(tmp_path, admin)]) == 0
        out = capsys.readouterr().out
        assert main(["lists", "--json", *home(tmp_path, admin)]) == 0
    assert out.splitlines() == [
        "ID    KIND   STATE    RULES    SKIPPED  FETCHED              NEXT CHECK           TITLE",
        f"pro   block  ok       123,456  1,234    {when(FETCHED)}  {when(NEXT)}  Pro",
        f"mine  block  waiting  0        0        never                {when(NEXT)}  Mine",
        r"mine: 404 \x1b[2J\x07\n\u202eevil\x9b31m\x7f",
        "until a waiting list has been received, the list that ships with Lull stands in for it",
        "others to choose from: lull lists catalogue",
    ]
    assert json.loads(capsys.readouterr().out)[0]["samples"] == [[3, "||||", "no name"]]


def test_skipped_lines(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = state("pro", samples=[Sample(3, f"||{HOSTILE}", "no name")])
    with Admin({"GET lists": [some, state("none", skipped_by={}, samples=[])], "GET lists/pro": some}) as admin:
        assert main(["lists", "skipped", *home(tmp_path, admin)]) == 0
        whole = capsys.readouterr().out.splitlines()
        assert main(["lists", "skipped", "pro", *home(tmp_path, admin)]) == 0
        one = capsys.readouterr().out.splitlines()
        assert main(["lists", "skipped", "pro", "--json", *home(tmp_path, admin)]) == 0
        (parsed,) = json.loads(capsys.readouterr().out)
    assert one == [
        "pro: 1,234 no name",
        "LINE  REASON   TEXT",
        r"3     no name  ||\x1b[2J\x07\n\u202eevil\x9b31m\x7f",
    ]
    assert whole == [*one, "none: nothing skipped"]
    assert parsed["skipped_by"] == {"no name": 1234}


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
    bodies: dict[str, object] = {"GET lists": STATES, "POST lists/refresh": STATES}
    bodies |= {f"POST lists/{one.id}/refresh": one for one in STATES}
    with Admin(bodies) as admin:
        assert main(["lists", "refresh", *ids, *home(tmp_path, admin)]) == code
        assert [asked.path for asked in admin.asked] == paths
        out = capsys.readouterr().out
        assert main(["lists", "refresh", "--json", *home(tmp_path, admin), *ids]) == code
    wanted = [one.id for one in STATES if not ids or one.id in ids]
    assert [line.split()[0] for line in out.splitlines() if " block " in line] == wanted
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == wanted


def test_a_list_that_is_not_in_use(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin() as admin:
        assert main(["lists", "refresh", "../x", *home(tmp_path, admin)]) == 4
        assert admin.asked[0].path == "lists/..%2Fx/refresh"
    assert "there is nothing at" in capsys.readouterr().err


def test_the_catalogue_needs_no_daemon(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lists", "catalogue"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["ID", "KIND"]
    assert [row.split()[0] for row in rows] == list(Catalogue.load().ids())
    assert main(["lists", "catalogue", "--json"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == list(Catalogue.load().ids())


@pytest.mark.parametrize("words", [["list", "x"], ["catalogue", "x"], ["x"]])
def test_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lists", *words]) == 2
    assert capsys.readouterr().out == ""
