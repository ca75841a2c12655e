"""`lull rules`: a table, many at once, deletion, what could go, and what was changed."""

from __future__ import annotations

import io
import json
import pathlib
import sys

import msgspec
import pytest
from msgspec.structs import replace

from resolver.admin.bodies import Done
from resolver.admin.rulebodies import BulkLine, BulkResult, ChangeInfo, ChangesPage, RuleInfo, Suggestion
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, Asked, home

UNTIL = 1_800_000_000.0
RULES = [
    RuleInfo(None, "deny", "ads.example", "", "", None, "", None, "config", hits=1200, last_hit=1_700_000_000.0),
    RuleInfo(12, "allow", "cdn.example", "tablet", "", UNTIL, f"why {HOSTILE}", 1.0, "api", exact=True, who="ada"),
    RuleInfo(13, "deny", "x", "", "old", None, "", 1.0, "api", text="||x^$dnstype=A", note="there is no group old"),
]
BULK = BulkResult(
    [
        BulkLine(1, "a.example", "added", id=12),
        BulkLine(2, "b.example", "holds", "it is what deny b.example says", 3),
        BulkLine(4, HOSTILE, "error", "is neither a name nor a line of a list"),
    ],
    added=1,
    holds=1,
    errors=1,
    effective=True,
    change=7,
)


def test_a_table(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET rules": RULES}) as admin:
        assert main(["rules", *home(tmp_path, admin)]) == 0
        out = capsys.readouterr().out
        assert main(["rules", "list", "--json", *home(tmp_path, admin)]) == 0
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert rows == [
        "ID ACTION RULE FOR UNTIL HITS LAST BY COMMENT",
        f"- deny ads.example everyone for good 1,200 {when(1_700_000_000)} config",
        rf"12 allow exact cdn.example tablet {when(UNTIL)} - - ada why \x1b[2J\x07\n\u202eevil\x9b31m\x7f",
        "13 deny ||x^$dnstype=A group old for good - - api (there is no group old)",
    ]
    assert [rule["id"] for rule in json.loads(capsys.readouterr().out)] == [None, 12, 13]


def test_no_rules(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET rules": []}) as admin:
        assert main(["rules", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out == "no rules yet; try: lull allow NAME\n"


@pytest.mark.parametrize(
    ("done", "code", "said"),
    [
        (Done(effective=True), 0, "rule 12 is gone; to take it back: lull undo\n"),
        (
            Done(effective=False, note="x"),
            1,
            "rule 12 is gone, but not everywhere yet: x; to take it back: lull undo\n",
        ),
    ],
)
def test_deletion(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], done: Done, code: int, said: str) -> None:
    with Admin({"DELETE rules/12": done}) as admin:
        assert main(["rules", "delete", *home(tmp_path, admin), "12"]) == code
        assert capsys.readouterr().out == said
        assert main(["rules", "delete", "12", "--json", *home(tmp_path, admin)]) == code
        assert admin.asked == [Asked("DELETE", "rules/12", None)] * 2
    assert json.loads(capsys.readouterr().out)["effective"] is done.effective


def test_several_are_deleted(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"DELETE rules/12": Done(effective=True), "DELETE rules/13": Done(effective=True)}) as admin:
        assert main(["rules", "delete", "12", "13", *home(tmp_path, admin)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_rule_that_is_not_there(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin() as admin:
        assert main(["rules", "delete", "5", *home(tmp_path, admin)]) == 4
    assert capsys.readouterr().err == "lull: id: there is nothing at DELETE rules/5\n"


def test_many_are_added_from_a_file(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("a.example\nb.example\n\nwhat is this\n")
    with Admin({"POST rules/bulk": BULK}) as admin:
        words = ["rules", "add", str(file), "--deny", "--group", "kids", "--for", "1d", "--comment", "ours"]
        assert main([*words, *home(tmp_path, admin)]) == 1, "not every line is a rule"
        body = {"action": "deny", "client": "", "group": "kids", "for": "1d", "comment": "ours"}
        assert admin.asked == [Asked("POST", "rules/bulk", {"text": file.read_text(), **body})]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "line 2: held already (it is what deny b.example says): b.example"
    assert lines[1].startswith("line 4: is neither a name nor a line of a list: ")
    assert lines[2:] == [
        "1 added, 1 held already, 1 are no rules",
        "in force everywhere; to take all of them back: lull undo 7",
    ]
    assert all(line.isprintable() for line in lines)


def test_many_are_added_from_standard_input(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    well = msgspec.structs.replace(BULK, lines=[], errors=0)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("allow bücher.example\n".encode())))
    with Admin({"POST rules/bulk": well}) as admin:
        assert main(["rules", "add", "-", "--json", *home(tmp_path, admin)]) == 0
        body = admin.asked[0].body
        assert isinstance(body, dict)
        assert (body["text"], body["action"]) == ("allow bücher.example\n", "")


@pytest.mark.parametrize(("count", "said"), [(1, "1 other rule gave way"), (4, "4 other rules gave way")])
def test_what_gave_way_is_counted(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], count: int, said: str
) -> None:
    (tmp_path / "mine.txt").write_text("a.example\n")
    with Admin({"POST rules/bulk": replace(BULK, replaced=count)}) as admin:
        assert main(["rules", "add", str(tmp_path / "mine.txt"), *home(tmp_path, admin)]) == 1
    assert f"1 added, {said}, 1 held already, 1 are no rules" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["list", "--allow"], "--allow"),
        (["--for", "1h"], "--for"),
        (["delete", "1", "--client", "tv"], "--client"),
        (["changes", "--all"], "--all"),
        (["suggest", "--group", "kids"], "--group"),
    ],
)
def test_options_that_say_nothing_there(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], option: str
) -> None:
    with Admin() as admin:
        assert main(["rules", *words, *home(tmp_path, admin)]) == 2
    assert f"{option} is for rules add" in capsys.readouterr().err
    assert admin.asked == []


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\n", "is not UTF-8"), (b"x" * (1 << 20) + b"x", "use a list"), (b"\n" * 5001, "at most 5,000")],
)
def test_files_that_are_no_rules(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    with Admin() as admin:
        assert main(["rules", "add", str(tmp_path / "file"), *home(tmp_path, admin)]) == 2
        assert said in capsys.readouterr().err
        assert main(["rules", "add", str(tmp_path / "none"), *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert "No such file" in capsys.readouterr().err


def test_what_could_go(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = [Suggestion(RULES[1], "not used for 90 days")]
    with Admin({"GET rules/suggestions": found}) as admin:
        assert main(["rules", "suggest", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out.splitlines() == [
            "ID  ALLOWS             FOR     WHY NOT",
            "12  exact cdn.example  tablet  not used for 90 days",
            "to delete some: lull rules delete ID ...",
        ]
        admin.bodies["GET rules/suggestions"] = []
        assert main(["rules", "suggest", *home(tmp_path, admin)]) == 0
    assert "has been of use" in capsys.readouterr().out


def test_what_was_changed(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = [ChangeInfo(2, UNTIL, "api (127.0.0.1)", "take back: allow x"), ChangeInfo(1, UNTIL, "ada", "allow x", 2)]
    with Admin({"GET changes": ChangesPage(found, None)}) as admin:
        assert main(["rules", "changes", *home(tmp_path, admin)]) == 0
        assert admin.asked == [Asked("GET", "changes?limit=50", None)]
        assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
            "ID WHEN WHO WHAT TAKEN BACK",
            f"2 {when(UNTIL)} api (127.0.0.1) take back: allow x",
            f"1 {when(UNTIL)} ada allow x by change 2",
            "to take one back: lull undo ID",
        ]
        admin.bodies["GET changes"] = ChangesPage([], None)
        assert main(["rules", "changes", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out == "nothing was changed yet\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["delete"], "takes the IDs"),
        (["list", "5"], "takes nothing more"),
        (["delete", "x"], "takes the IDs"),
        (["delete", "5", "\u0665"], "takes the IDs"),
        (["add"], "takes a FILE"),
        (["add", "a", "b"], "takes a FILE"),
        (["x"], "invalid choice"),
    ],
)
def test_usage(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    with Admin() as admin:
        assert main(["rules", *words, *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert said in capsys.readouterr().err
