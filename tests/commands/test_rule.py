"""`lull allow` and `lull deny`: what is sent, and what then holds."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.admin.bodies import RuleInfo, RuleResult
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, Asked, home

RULE = RuleInfo(7, "allow", "cdn.example", "192.0.2.20", "", 1_800_000_000.0, "", 1_700_000_000.0, "api")
OLD = RuleInfo(3, "deny", "cdn.example", "", "kids", None, HOSTILE, 1_600_000_000.0, "api")


def test_a_new_rule(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"POST rules": RuleResult(RULE, created=True, replaced=[OLD], effective=True)}) as admin:
        words = ["allow", "CDN.example.", "--for", "600", "--client", "192.0.2.20", "--comment", "it broke"]
        assert main([*words, *home(tmp_path, admin)]) == 0
        assert admin.asked == [
            Asked(
                "POST",
                "rules",
                {
                    "action": "allow",
                    "name": "cdn.example",
                    "client": "192.0.2.20",
                    "group": "",
                    "for": "10m",
                    "comment": "it broke",
                },
            )
        ]
    assert capsys.readouterr().out.splitlines() == [
        f"allow cdn.example for 192.0.2.20, until {when(1_800_000_000)}",
        "  instead of deny cdn.example for group kids",
        "  in force everywhere; undo: lull rules delete 7",
    ]


def test_a_rule_that_held_already(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"POST rules": RuleResult(OLD, created=False, replaced=[], effective=True)}) as admin:
        assert main(["deny", "cdn.example", "--group", "kids", *home(tmp_path, admin)]) == 0
        body = admin.asked[0].body
        assert isinstance(body, dict)
        assert (body["action"], body["group"], body["for"]) == ("deny", "kids", None)
    assert capsys.readouterr().out.splitlines() == [
        "deny cdn.example for group kids",
        "  it already held",
        "  in force everywhere",
    ]


def test_a_rule_that_is_not_in_force_everywhere(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = RuleResult(RULE, created=True, replaced=[], effective=False, note=f"worker 1 is away {HOSTILE}")
    with Admin({"POST rules": result}) as admin:
        assert main(["allow", "cdn.example", *home(tmp_path, admin)]) == 1
        out = capsys.readouterr().out
        assert main(["allow", "cdn.example", "--json", *home(tmp_path, admin)]) == 1
    assert "  not in force everywhere yet: worker 1 is away" in out
    assert all(line.isprintable() for line in out.splitlines())
    assert json.loads(capsys.readouterr().out)["note"] == result.note


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["allow", "||ads.example^"], 'did you mean "allow ads.example"?'),
        (["deny", "https://ads.example/x"], 'did you mean "deny ads.example"?'),
        (["deny", "a..b"], "empty label"),
        (["deny", "192.0.2.1"], "is an address"),
        (["allow", "a b"], "is not a rule"),
        (["allow", "x.example", "--for", "ever"], "is not a duration"),
        (["allow", "x.example", "--client", "ipad"], "is not an IP address"),
        (["allow", "x.example", "--client", "192.0.2.1", "--group", "kids"], "not allowed with"),
        (["allow", "x.example", "--comment", "\udcff"], "is not UTF-8"),
        (["allow", "\udcff"], "is not UTF-8"),
        (["allow"], "required: NAME"),
    ],
)
def test_mistakes_are_said_before_anything_is_sent(
    words: list[str], said: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Admin() as admin:
        assert main([*words, *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert said in capsys.readouterr().err
