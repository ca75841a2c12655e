"""`lull devices` and `lull groups`: who is there, and what they are called."""

from __future__ import annotations

import json
import pathlib

import pytest
from msgspec.structs import replace

from resolver.admin.bodies import Done
from resolver.admin.devicebodies import DeviceInfo, DeviceResult, GroupInfo
from resolver.cli import main
from resolver.commands.output import when
from resolver.config.offered import Offered
from tests.commands.played import HOSTILE, Admin, Asked, home

AT = 1_800_000_000.0
MAC = "02:00:5e:10:00:01"
ADDRESSES = ["192.0.2.10", "fd00::10", "fd00::11"]
TV = DeviceInfo(
    7,
    "TV",
    "kids",
    f"MAC {MAC}",
    MAC,
    f"tv {HOSTILE}",
    ADDRESSES,
    AT - 60,
    AT,
    1200,
    34,
    "api",
    "no-client",
    "device",
)
SEEN = DeviceInfo(8, "", "default", "", "", "", ["192.0.2.11"], AT, AT, None, None, "seen")
UNSEEN = DeviceInfo(None, "printer", "default", "", "", "", [], 0.0, 0.0, None, None, "config")
SHOWN = r"tv \x1b[2J\x07\n\u202eevil\x9b31m\x7f"


def lines(out: str) -> list[str]:
    return [" ".join(line.split()) for line in out.splitlines()]


def test_a_table(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET clients": [UNSEEN, TV, SEEN]}) as admin:
        assert main(["devices", *home(tmp_path, admin)]) == 0
        out = capsys.readouterr().out
        assert main(["devices", "list", "--json", *home(tmp_path, admin)]) == 0
    assert lines(out) == [
        "ID NAME GROUP ADDRESSES MAC CALLED LAST SEEN 24H BLOCKED",
        "- printer default - - - never - -",
        f"7 TV kids 192.0.2.10 fd00::10 and 1 {MAC} {SHOWN} {when(AT)} 1200 34",
        f"8 - default 192.0.2.11 - - {when(AT)} - -",
        "to name one: lull devices name ADDRESS|MAC NAME [--group G]",
    ]
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == [None, 7, 8]


def test_nobody_yet(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET clients": []}) as admin:
        assert main(["devices", *home(tmp_path, admin)]) == 0
    assert "no device was seen yet" in capsys.readouterr().out


def test_one_in_full(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET clients/fd00%3A%3A10": TV}) as admin:
        assert main(["devices", "fd00::10", *home(tmp_path, admin)]) == 0
    assert lines(capsys.readouterr().out) == [
        "TV (group kids)",
        f"known by MAC {MAC}",
        "named in the database",
        f"MAC {MAC}",
        f"called {SHOWN}",
        "addresses 192.0.2.10 fd00::10 fd00::11",
        f"first seen {when(AT - 60)}",
        f"last seen {when(AT)}",
        "24 hours 1200 queries, 34 of them blocked",
        "log keeps no-client (said of the device)",
    ]


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (["name", MAC, "Living TV"], "clients/02%3A00%3A5e%3A10%3A00%3A01", {"name": "Living TV"}),
        (["name", "192.0.2.10", "tv", "--group", "kids"], "clients/192.0.2.10", {"name": "tv", "group": "kids"}),
        (["group", "old tv", "kids"], "clients/old%20tv", {"group": "kids"}),
        (["group", "tv", ""], "clients/tv", {"group": ""}),
        (["privacy", "tv", "no-name"], "clients/tv", {"privacy": "no-name"}),
        (["privacy", "tv", "group"], "clients/tv", {"privacy": ""}),
    ],
)
def test_naming_and_grouping(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], path: str, body: dict[str, str | None]
) -> None:
    result = DeviceResult(TV, changed=True, effective=True)
    body = dict.fromkeys(("name", "group", "privacy")) | body
    with Admin({f"PUT {path}": result}) as admin:
        assert main(["devices", *words, *home(tmp_path, admin)]) == 0
        assert admin.asked == [Asked("PUT", path, body)]
    out = lines(capsys.readouterr().out)
    assert out[0] == "TV (group kids)"
    assert out[-1] == "in force everywhere; undo: lull undo"


def test_what_came_of_it(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = DeviceResult(TV, changed=True, effective=False, note="worker 1: no reply in 2 s")
    with Admin({"PUT clients/tv": late}) as admin:
        assert main(["devices", "name", "tv", "TV", *home(tmp_path, admin)]) == 1
        assert "not in force everywhere yet: worker 1: no reply in 2 s; undo" in capsys.readouterr().out
        admin.bodies["PUT clients/tv"] = replace(late, changed=False, effective=True, note="")
        assert main(["devices", "name", "tv", "TV", *home(tmp_path, admin)]) == 0
        assert "it was so already" in capsys.readouterr().out
        assert main(["devices", "name", "tv", "TV", "--json", *home(tmp_path, admin)]) == 0
        assert json.loads(capsys.readouterr().out)["changed"] is False


def test_forgetting(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"DELETE clients/tv": Done(effective=True)}) as admin:
        assert main(["devices", "forget", "tv", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out.splitlines() == [
            "tv is forgotten; to take it back: lull undo",
            "  if it asks again, it is there again, without a name",
        ]
        admin.bodies["DELETE clients/tv"] = Done(effective=True, hint="TV stands in the config and stays")
        assert main(["devices", "forget", "tv", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out.splitlines()[1:] == ["  TV stands in the config and stays"]
        assert main(["devices", "forget", "nobody", *home(tmp_path, admin)]) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["name", "tv"], "write: lull devices name ADDRESS|MAC|NAME NEWNAME [--group G]"),
        (["name", "tv", "a", "b"], "write: lull devices name"),
        (["group", "tv"], "write: lull devices group"),
        (["group", "tv", "kids", "--group", "kids"], "write: lull devices group"),
        (["privacy", "tv"], "write: lull devices privacy ADDRESS|MAC|NAME full | no-client | no-name | off | group"),
        (["privacy", "tv", "none"], "none is not something that the log can keep: full | no-client"),
        (["forget"], "write: lull devices forget"),
        (["list", "tv"], "write: lull devices list"),
        (["nmae", "tv", "x"], "nmae is not something to do with devices: list, name, group, privacy, forget"),
    ],
)
def test_what_is_not_understood(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with Admin({}) as admin:
        assert main(["devices", *words, *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert said in capsys.readouterr().err


def test_groups(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    everyone = GroupInfo("default", [], [], ["ads"], [], [], [], "full", "pass", 0)
    kids = GroupInfo("kids", ["192.0.2.0/24"], ["TV"], [], ["tiktok"], ["google"], ["bedtime"], "no-name", "deny", 2)
    with Admin({"GET groups": [everyone, kids]}) as admin:
        assert main(["groups", *home(tmp_path, admin)]) == 0
        out = capsys.readouterr().out
        assert main(["groups", "--json", *home(tmp_path, admin)]) == 0
    assert lines(out) == [
        "default:",
        "who whoever is in no other group",
        "lists ads",
        "log full",
        "default pass",
        "kids:",
        "who 192.0.2.0/24, TV",
        "lists none",
        "services tiktok",
        "safe search google",
        "schedules bedtime",
        "log no-name",
        "default deny",
        "rules 2 of its own",
    ]
    assert json.loads(capsys.readouterr().out)[1]["safe-search"] == ["google"]
    of_kids = out[out.index("kids:") :].splitlines()[1:]
    assert {line[13] == " " and line[14] != " " for line in of_kids} == {True}, "the texts are below one another"


def test_a_kind_of_services_is_one_word(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    games = [id for id, one in Offered.load().services.items() if one.kind == "games"]
    kids = GroupInfo("kids", [], [], [], ["tiktok", *games], [], [], "full", "pass", 0)
    with Admin({"GET groups": [kids]}) as admin:
        assert main(["groups", *home(tmp_path, admin)]) == 0
    assert "services games, tiktok" in lines(capsys.readouterr().out)
