from __future__ import annotations

import json
import pathlib

import pytest

from resolver.admin.choicebodies import ChoiceInfo, Chosen
from resolver.cli import main
from resolver.commands.output import when
from resolver.commands.settings import value
from resolver.errors import TextError
from tests.commands.played import HOSTILE, Admin, Asked, home

AT = 1_800_000_000.0
KEEP = ChoiceInfo("log.keep", "7d", chosen=True, who="anna (192.0.2.7)", at=AT, file="/etc/lull/lull.yaml", line=12)
GONE = ChoiceInfo("log.keep", "30d", chosen=False, who="", at=None, file="/etc/lull/lull.yaml", line=0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7d", "7d"),
        ("[quad9, 'udp://192.0.2.1']", ["quad9", "udp://192.0.2.1"]),
        ("{mode: nxdomain}", {"mode": "nxdomain"}),
        ('[ads, {"id": "mine", "file": "a.txt"}]', ["ads", {"id": "mine", "file": "a.txt"}]),
        ("null", None),
        ("[]", []),
        ("off", "off"),
        ("21:00", "21:00"),
        ("2026-11-23", "2026-11-23"),
    ],
)
def test_a_value_is_read_as_a_config_file_would_have_it(text: str, found: object) -> None:
    assert value(text) == found


@pytest.mark.parametrize("text", ["", " ", "[", "*x", "'", "# nothing"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(TextError, match=r"^VALUE: "):
        value(text)


def test_what_was_chosen_is_shown(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = ChoiceInfo("groups.kids", {"lists": ["x"]}, True, HOSTILE, AT, "/etc/lull/lull.yaml", 0, "no list x")
    with Admin({"GET choices": [left, KEEP], "GET choices/log.keep": KEEP, "GET choices/log.size": GONE}) as admin:
        assert main(["settings", *home(tmp_path, admin)]) == 0
        head, first, second, hint = capsys.readouterr().out.splitlines()
        assert main(["settings", "show", "log.keep", *home(tmp_path, admin)]) == 0
        one = capsys.readouterr().out
        assert main(["settings", "show", "log.size", *home(tmp_path, admin)]) == 0
        assert "the default: the config file says nothing" in capsys.readouterr().out
        assert main(["settings", "--json", *home(tmp_path, admin)]) == 0
        assert json.loads(capsys.readouterr().out)[1]["path"] == "log.keep"
    assert head.split() == ["PATH", "VALUE", "WHO", "SINCE", "INSTEAD", "OF"]
    assert first.endswith("the default (no list x)")
    assert second.split() == ["log.keep", "7d", "anna", "(192.0.2.7)", *when(AT).split(), "/etc/lull/lull.yaml:12"]
    assert hint == "to take one back: lull settings unset PATH"
    assert one.splitlines() == [
        "log.keep: 7d",
        f"  chosen by anna (192.0.2.7) on {when(AT)}, instead of /etc/lull/lull.yaml:12",
    ]


def test_nothing_is_chosen(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET choices": []}) as admin:
        assert main(["settings", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out == "nothing is chosen: everything is as the config file says\n"


def test_one_is_chosen_and_taken_back(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    done, same = Chosen(True, "", True, KEEP), Chosen(True, "", False, KEEP)
    late = Chosen(False, "worker 1: is late", True, GONE)
    path, quoted = "groups.living room.lists", "groups.living%20room.lists"
    with Admin({"PUT choices/log.keep": done, "DELETE choices/log.keep": late, f"PUT choices/{quoted}": same}) as admin:
        assert main(["settings", "set", "log.keep", "7d", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out.splitlines() == [
            "log.keep is 7d from now on, in force everywhere",
            "  to take that back: lull settings unset log.keep, or lull undo",
        ]
        assert main(["settings", "unset", "log.keep", *home(tmp_path, admin)]) == 1
        assert capsys.readouterr().out == (
            "log.keep is as the config file says: 30d, not in force everywhere yet: worker 1: is late\n"
        )
        assert main(["settings", "set", path, "[ads]", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out == "log.keep is 7d already: nothing was changed\n"
        assert admin.asked == [
            Asked("PUT", "choices/log.keep", {"value": "7d"}),
            Asked("DELETE", "choices/log.keep", None),
            Asked("PUT", f"choices/{quoted}", {"value": ["ads"]}),
        ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["choose"], "there is no 'choose' here: list, show, set, unset"),
        (["set", "log.keep"], "write: lull settings set PATH VALUE"),
        (["set", "log.keep", "7", "d"], "write: lull settings set PATH VALUE"),
        (["show"], "write: lull settings show PATH"),
        (["unset"], "write: lull settings unset PATH"),
        (["list", "log.keep"], "write: lull settings list"),
    ],
)
def test_usage(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    with Admin() as admin:
        assert main(["settings", *words, *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert said in capsys.readouterr().err
