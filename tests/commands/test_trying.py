"""`lull lists try`: what is meant by its argument, and what is said of the list."""

from __future__ import annotations

import json
import pathlib

import msgspec
import pytest

from resolver.admin.bodies import Count
from resolver.admin.listbodies import Affected, Effect, Overlap, Tried
from resolver.cli import main
from resolver.commands.output import when
from resolver.rules.report import Sample
from tests.commands.played import HOSTILE, Admin, done, home

SINCE = 1_700_000_000.0
DEVICES = [Count("192.0.2.7", 9), Count("192.0.2.8", 5), Count("", 3), Count("192.0.2.9", 1)]
TRIED = Tried(
    url="https://example.org/list.txt",
    kind="block",
    syntax="auto",
    bytes=3_210_000,
    lines=130_000,
    rules=123_456,
    names=120_000,
    patterns=12,
    networks=0,
    skipped=7,
    skipped_by={"not a name": 2, "unknown modifier": 5},
    samples=[Sample(4, "||x^$foo", "unknown modifier")],
    refused="",
    new=20_000,
    overlaps=[Overlap("pro", 100_000), Overlap("mine", 3)],
    since=SINCE,
    blocks=Effect(
        2, 20, [Affected("a.example", "||a.example^", 19, DEVICES, 2), Affected("b.example", "b.example", 1, [])]
    ),
    allows=Effect(0, 0, []),
)


def tried(capsys: pytest.CaptureFixture[str], directory: pathlib.Path, body: Tried, *words: str) -> list[str]:
    with Admin({"POST lists/try": done(body)}) as admin:
        assert main(["lists", "try", *(words or ("https://example.org/list.txt",)), *home(directory, admin)]) == 0
    return capsys.readouterr().out.splitlines()


def test_what_a_list_would_do(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tried(capsys, tmp_path, TRIED) == [
        "https://example.org/list.txt",
        "  size       3.2 MB, 130,000 lines, read as auto",
        "  rules      123,456: 120,000 names, 12 patterns",
        "  skipped    5 unknown modifier, 2 not a name",
        "             line 4, unknown modifier: ||x^$foo",
        "the update guard would take it",
        "  new        20,000 of its 120,000 names are on no list in use",
        "  others     pro has 100,000 (83 %); mine has 3 (0 %)",
        "",
        f"by the log since {when(SINCE)} it would newly block 2 names, 20 queries",
        "NAME       QUERIES  RULE          DEVICES",
        "a.example  19       ||a.example^  192.0.2.7 (9), 192.0.2.8 (5), not kept (3) and 3 more",
        "b.example  1        b.example",
    ]


def test_a_list_that_would_be_refused_and_changes_nothing(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none = msgspec.structs.replace(
        TRIED, refused=f"it would block google.com {HOSTILE}", blocks=Effect(0, 0, []), overlaps=[], skipped_by={}
    )
    out = tried(capsys, tmp_path, none)
    assert r"the update guard would refuse it: it would block google.com \x1b[2J\x07\n\u202eevil\x9b31m\x7f" in out
    assert out[-1].endswith("it would newly block 0 names, 0 queries")
    assert "  others     none" in out
    assert "  skipped    nothing" in out


def test_an_allow_list(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    allow = msgspec.structs.replace(TRIED, kind="allow", allows=TRIED.blocks, blocks=Effect(0, 0, []))
    out = tried(capsys, tmp_path, allow)
    assert any(line.endswith("it would newly allow 2 names, 20 queries") for line in out)
    assert not any("newly block" in line for line in out)


def test_a_log_that_says_nothing(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tried(capsys, tmp_path, msgspec.structs.replace(TRIED, blocks=None, allows=None, unknown="it keeps no names"))
    assert out[-1] == "what it would change here is not known: it keeps no names"


def test_many_names(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = [Affected(f"n{number}.example", "||x^", 5, []) for number in range(200)]
    many = msgspec.structs.replace(TRIED, blocks=Effect(2000, 99_999, shown, left_out=1234))
    out = tried(capsys, tmp_path, many)
    assert sum("  ||x^" in line for line in out) == 30
    assert out[-2:] == [
        "and 1,970 names more; --json shows 200 of them",
        "1,234 names that were asked for less often were not looked into",
    ]


def test_hostile_text(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = msgspec.structs.replace(
        TRIED,
        url=HOSTILE,
        skipped_by={HOSTILE: 1},
        samples=[(1, HOSTILE, HOSTILE)],
        overlaps=[Overlap(HOSTILE, 1)],
        blocks=Effect(1, 1, [Affected(HOSTILE, HOSTILE, 1, [Count(HOSTILE, 1)])]),
        unknown=HOSTILE,
    )
    assert all(line.isprintable() for line in tried(capsys, tmp_path, bad))


def test_what_is_meant(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("||a.example^\n")
    plain = {"url": "", "file": "", "id": "", "syntax": None, "kind": None, "subdomains": None, "days": 7}
    with Admin({"POST lists/try": done(TRIED)}) as admin:
        options = home(tmp_path, admin)
        for words, meant in (
            (["https://example.org/x"], {"url": "https://example.org/x"}),
            (["hagezi-pro"], {"id": "hagezi-pro"}),
            (["mine"], {"file": str(tmp_path / "mine")}),
            (["away/list.txt", "--days", "30"], {"file": str(tmp_path / "away/list.txt"), "days": 30}),
            (["a.txt", "--kind", "allow"], {"file": str(tmp_path / "a.txt"), "kind": "allow"}),
            (["a.txt", "--syntax", "rpz", "--subdomains"], {"syntax": "rpz", "subdomains": True}),
        ):
            assert main(["lists", "try", *words, "--json", *options]) == 0
            body = admin.asked[-1].body
            assert isinstance(body, dict)
            assert body == plain | {"file": body["file"]} | meant
        assert main(["lists", "try", "nonsense", *options]) == 2
        assert len(admin.asked) == 6


def test_json_is_what_the_api_says(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = "\n".join(tried(capsys, tmp_path, TRIED, "https://example.org/list.txt", "--json"))
    assert msgspec.convert(json.loads(out), Tried) == TRIED
