"""`lull requests`: what members ask for, and deciding it."""

from __future__ import annotations

import pathlib

import pytest
from msgspec.structs import replace

from resolver.admin.accountbodies import Decided, Wanted
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import Admin, home

AT = 1_700_000_000.0
NAME = Wanted(3, AT, "kim", "Tablet", "x.example", 1800, "waiting", None, "")
TIME = replace(NAME, id=4, name="", state="refused", decided=AT, who="anna (192.0.2.1)")


def test_requests(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET requests": [TIME, NAME]}) as admin:
        assert main(["requests", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"ID  TIME{' ' * 17}USER  DEVICE  WHAT{' ' * 13}STATE    DECIDED BY",
        f"4   {when(AT)}  kim   Tablet  more time (30m)  refused  anna (192.0.2.1)",
        f"3   {when(AT)}  kim   Tablet  x.example (30m)  waiting",
    ]


def test_deciding(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    granted = Decided(replace(NAME, state="granted", seconds=600))
    refused = Decided(replace(NAME, state="refused"))
    with Admin({"POST requests/3/grant": granted, "POST requests/3/refuse": refused}) as admin:
        assert main(["requests", "grant", "3", "--for", "10m", *home(tmp_path, admin)]) == 0
        assert admin.asked[-1].body == {"for": "10m"}
        assert capsys.readouterr().out == "granted: x.example (10m) for kim\n"
        assert main(["requests", "refuse", "3", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out == "refused: x.example (30m) for kim\n"


def test_a_device_at_which_nobody_is_signed_in(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = replace(NAME, user="")
    with Admin({"GET requests": [asked], "POST requests/3/refuse": Decided(replace(asked, state="refused"))}) as admin:
        assert main(["requests", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out.splitlines()[1].split()[-4:] == ["Tablet", "x.example", "(30m)", "waiting"]
        assert main(["requests", "refuse", "3", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out == "refused: x.example (30m) for Tablet\n"


def test_what_is_not_in_force_everywhere(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = Decided(replace(TIME, state="granted"), effective=False, note="no worker")
    with Admin({"POST requests/4/grant": late}) as admin:
        assert main(["requests", "grant", "4", *home(tmp_path, admin)]) == 1
    assert capsys.readouterr().out == "granted: more time (30m) for kim, but not everywhere yet: no worker\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["grant"], "requests grant takes the ID"),
        (["list", "3"], "requests list takes nothing more"),
        (["refuse", "3", "--for", "5m"], "--for is for requests grant"),
    ],
)
def test_what_is_not_understood(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    with Admin() as admin:
        assert main(["requests", *words, *home(tmp_path, admin)]) == 2
    assert why in capsys.readouterr().err
