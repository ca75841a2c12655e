"""`lull allow` and `lull deny`: what is sent, and what then holds."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.admin.rulebodies import RuleInfo, RuleResult
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, Asked, home

RULE = RuleInfo(7, "allow", "cdn.example", "192.0.2.20", "", 1_800_000_000.0, "", 1_700_000_000.0, "api")
OLD = RuleInfo(3, "deny", "cdn.example", "", "kids", None, HOSTILE, 1_600_000_000.0, "api", exact=True)
BODY = {
    "action": "allow",
    "name": "cdn.example",
    "client": "",
    "group": "",
    "for": None,
    "comment": "",
    "exact": False,
    "text": "",
}


def test_a_new_rule(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"POST rules": RuleResult(RULE, created=True, replaced=[OLD], effective=True)}) as admin:
        words = ["allow", "CDN.example.", "--for", "600", "--client", "192.0.2.20", "--comment", "it broke"]
        assert main([*words, *home(tmp_path, admin)]) == 0
        sent = {**BODY, "client": "192.0.2.20", "for": "10m", "comment": "it broke"}
        assert admin.asked == [Asked("POST", "rules", sent)]
    assert capsys.readouterr().out.splitlines() == [
        f"allow cdn.example for 192.0.2.20, until {when(1_800_000_000)}",
        "  instead of deny exact cdn.example for group kids",
        "  in force everywhere; to take it back: lull undo",
    ]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["cdn.example", "exact"], {"exact": True}),
        (["exact", "cdn.example"], {"exact": True}),
        (["cdn.example", "--exact"], {"exact": True}),
        (["cdn.example", "--client", "02:00:5E:10:00:01"], {"client": "02:00:5E:10:00:01"}),
        (["cdn.example", "--client", "2001:DB8:0::1"], {"client": "2001:db8::1"}),
        (["cdn.example", "--client", "Mum's phone"], {"client": "Mum's phone"}),
        (["||ads.example^$dnstype=AAAA"], {"name": "", "text": "||ads.example^$dnstype=AAAA"}),
        (["/^ads[0-9]/"], {"name": "", "text": "/^ads[0-9]/"}),
        (["0.0.0.0 ads.example"], {"name": "", "text": "0.0.0.0 ads.example"}),
    ],
)
def test_what_is_meant(tmp_path: pathlib.Path, words: list[str], meant: dict[str, object]) -> None:
    with Admin({"POST rules": RuleResult(RULE, created=True, replaced=[], effective=True)}) as admin:
        assert main(["allow", *words, *home(tmp_path, admin)]) == 0
        assert admin.asked == [Asked("POST", "rules", {**BODY, **meant})]


def test_several_names(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"POST rules": RuleResult(RULE, created=True, replaced=[], effective=True)}) as admin:
        assert main(["deny", "exact", "a.example", "b.example", *home(tmp_path, admin)]) == 0
        bodies = [asked.body for asked in admin.asked]
        sent = {**BODY, "action": "deny", "exact": True}
        assert bodies == [{**sent, "name": "a.example"}, {**sent, "name": "b.example"}]
        lines = capsys.readouterr().out.splitlines()
        assert lines.count("  in force everywhere") == 2
        assert lines[-1] == "to take them back: lull undo, 2 times"
        assert main(["deny", "a.example", "b.example", "--json", *home(tmp_path, admin)]) == 0
        assert [one["rule"]["id"] for one in json.loads(capsys.readouterr().out)] == [7, 7]
        asked = len(admin.asked)
        for words in (["0.0.0.0", "ads.example"], ["a.example", "||b.example^"]):
            assert main(["deny", *words, *home(tmp_path, admin)]) == 2
            assert f"is a line of a list meant, '{' '.join(words)}'?" in capsys.readouterr().err
        assert main(["deny", "a.example", "b..example", *home(tmp_path, admin)]) == 2
        assert len(admin.asked) == asked, "none was sent"


def test_a_rule_that_held_already(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = RuleResult(OLD, created=False, replaced=[], effective=True, hint=f"it is a part of {HOSTILE}")
    with Admin({"POST rules": held}) as admin:
        assert main(["deny", "cdn.example", "--group", "kids", *home(tmp_path, admin)]) == 0
        body = admin.asked[0].body
        assert isinstance(body, dict)
        assert (body["action"], body["group"], body["for"]) == ("deny", "kids", None)
    first, second, third, last = capsys.readouterr().out.splitlines()
    assert (first, second, last) == (
        "deny exact cdn.example for group kids",
        "  it already held",
        "  in force everywhere",
    )
    assert third.startswith("  it is a part of ")
    assert third.isprintable()


def test_what_else_is_to_be_known(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = RuleResult(
        RULE, created=True, replaced=[], effective=True, outranked_by=[OLD], hint="nothing blocks it now"
    )
    with Admin({"POST rules": result}) as admin:
        assert main(["allow", "cdn.example", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "  but group kids still has: deny exact cdn.example; to end that: lull rules delete 3",
        "  nothing blocks it now",
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


def test_a_rule_for_a_site_goes_to_the_site(tmp_path: pathlib.Path) -> None:
    with Admin() as admin:
        words = ["allow", "player.example", "--site", "News.example", "--client", "tv", "--for", "1h"]
        assert main([*words, *home(tmp_path, admin)]) == 4, "the played admin knows no sites"
        (asked,) = admin.asked
        assert (asked.method, asked.path) == ("POST", "sites/news.example/allow")
        assert isinstance(asked.body, dict)
        assert (asked.body["names"], asked.body["client"], asked.body["for"]) == (["player.example"], "tv", "1h")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["allow", "a..b"], "empty label"),
        (["deny", "exact"], 'Write "deny exact NAME"'),
        (["deny", "!why"], "begins as a comment does"),
        (["allow", "x.example", "--comment", "x" * 501], "a comment has 500 characters at most, not 501"),
        (["allow", "."], "every name"),
        (["allow", "exact", "||x.example^"], "is not a name"),
        (["allow", "x.example", "--for", "ever"], "is not a duration"),
        (["allow", "x.example", "--client", "a\tb"], "is neither an address nor a MAC address"),
        (["allow", "x.example", "--client", ""], "is neither an address nor a MAC address"),
        (["allow", "x.example", "--client", "192.0.2.1", "--group", "kids"], "not allowed with"),
        (["allow", "x.example", "--comment", "\udcff"], "is not UTF-8"),
        (["allow", "\udcff"], "is not UTF-8"),
        (["allow"], "required: NAME"),
        (["deny", "x.example", "--site", "news.example"], "--site is for allow"),
        (["allow", "exact", "x.example", "--site", "news.example"], "--site is for allow"),
        (["allow", "/x/", "--site", "news.example"], "takes a plain name"),
    ],
)
def test_mistakes_are_said_before_anything_is_sent(
    words: list[str], said: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Admin() as admin:
        assert main([*words, *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert said in capsys.readouterr().err
