"""`lull rules`: a table, and deletion."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.admin.bodies import Done, RuleInfo
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, Asked, home

RULES = [
    RuleInfo(None, "deny", "ads.example", "", "", None, "", None, "config"),
    RuleInfo(12, "allow", "cdn.example", "192.0.2.20", "", 1_800_000_000.0, f"why {HOSTILE}", 1_700_000_000.0, "api"),
]


def test_a_table(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET rules": RULES}) as admin:
        assert main(["rules", *home(tmp_path, admin)]) == 0
        out = capsys.readouterr().out
        assert main(["rules", "list", "--json", *home(tmp_path, admin)]) == 0
    until = when(1_800_000_000)
    assert out.splitlines() == [
        "ID  ACTION  NAME         FOR         UNTIL                FROM    COMMENT",
        "-   deny    ads.example  everyone    for good             config",
        rf"12  allow   cdn.example  192.0.2.20  {until}  api     why \x1b[2J\x07\n\u202eevil\x9b31m\x7f",
    ]
    assert [rule["id"] for rule in json.loads(capsys.readouterr().out)] == [None, 12]


def test_no_rules(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET rules": []}) as admin:
        assert main(["rules", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out == "no rules yet; try: lull allow NAME\n"


@pytest.mark.parametrize(
    ("done", "code", "said"),
    [
        (Done(effective=True), 0, "rule 12 is gone\n"),
        (Done(effective=False, note="x"), 1, "rule 12 is gone, but not everywhere yet: x\n"),
    ],
)
def test_deletion(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], done: Done, code: int, said: str) -> None:
    with Admin({"DELETE rules/12": done}) as admin:
        assert main(["rules", "delete", *home(tmp_path, admin), "12"]) == code
        assert capsys.readouterr().out == said
        assert main(["rules", "delete", "12", "--json", *home(tmp_path, admin)]) == code
        assert admin.asked == [Asked("DELETE", "rules/12", None)] * 2
    assert json.loads(capsys.readouterr().out)["effective"] is done.effective


def test_a_rule_that_is_not_there(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin() as admin:
        assert main(["rules", "delete", "5", *home(tmp_path, admin)]) == 4
    assert capsys.readouterr().err == "lull: id: there is nothing at DELETE rules/5\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["delete"], "needs the ID"),
        (["list", "5"], "takes no ID"),
        (["delete", "x"], "invalid int"),
        (["x"], "invalid choice"),
    ],
)
def test_usage(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    with Admin() as admin:
        assert main(["rules", *words, *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert said in capsys.readouterr().err
