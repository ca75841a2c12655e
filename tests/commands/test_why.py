"""`lull why`: the verdict first, in words a person reads in ten seconds."""

from __future__ import annotations

import json
import pathlib
import time
from collections.abc import Iterator

import msgspec
import pytest

from resolver.admin.whybodies import Cached, Edge, Link, MatchedRule, Why, Window
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, Asked, home

UNTIL = 1_800_000_000.0
NOTHING = Why(
    name="ads.example",
    type="A",
    client="",
    group="default",
    verdict="pass",
    tier=7,
    word="the group's default",
    decided_by="",
    until=None,
    matched=[],
    advice="",
    at=1_700_000_000.0,
)
BLOCKED = msgspec.structs.replace(
    NOTHING,
    client="192.0.2.20",
    group="kids",
    device="tablet",
    identified="MAC 02:00:5e:10:00:01",
    verdict="block",
    decided_by="pro: ||ads.example^",
    until=UNTIL,
    matched=[
        MatchedRule("pro: ||ads.example^", 6, "lists", "everyone", "", "pro", 12345, "||ads.example^$all"),
        MatchedRule("rules: allow example", 3, "own rules", "phone", "it has ended", id=7),
        MatchedRule("huge: ||example^", 6, "lists", "everyone", "unused", "huge", 3, "||example^"),
    ],
    chain=[Link("cdn.example"), Link("t.example", "pro: ||t.example^")],
    cached=Cached("NOERROR", 12.0, 288.0),
    finished=8.0,
    windows=[Window("on news.example allow x.example", UNTIL)],
    edges=[Edge("bedtime", False, UNTIL, "30 more minutes", bears=True), Edge("homework", True, UNTIL)],
    answer="0.0.0.0",
    advice="to allow it for tablet: lull allow ads.example --client tablet",
    command="lull allow ads.example --client tablet",
)


def test_the_verdict_comes_first(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET why": BLOCKED}) as admin:
        assert main(["why", "ADS.example.", "--client", "tablet", "--type", "a", *home(tmp_path, admin)]) == 0
        assert admin.asked == [Asked("GET", "why?name=ads.example&client=tablet&type=A", None)]
    assert capsys.readouterr().out.splitlines() == [
        "BLOCKED  ads.example A, for tablet (192.0.2.20, group kids, known by MAC 02:00:5e:10:00:01)",
        "  by     pro: ||ads.example^  (lists, line 12,345: ||ads.example^$all; tier 6)",
        "  answer 0.0.0.0",
        f"  until  {when(UNTIL)}",
        "  also   rules: allow example  (own rules, for phone, rule 7; tier 3): it has ended",
        "  also   huge: ||example^  (lists, line 3; tier 6): unused",
        "  alias  cdn.example > t.example (pro: ||t.example^)",
        "  cached answered from memory for 8s more",
        "  cached what the upstream says (NOERROR, asked 12s ago) is kept for 4m48s more",
        f"  window on news.example allow x.example, open until {when(UNTIL)}",
        f"  hours  bedtime is off until {when(UNTIL)} (30 more minutes)",
        "to allow it for tablet: lull allow ads.example --client tablet",
    ]


@pytest.mark.parametrize(
    ("verdict", "head"), [("allow", "ALLOWED"), ("pass", "PASSES"), ("rewrite", "ANSWERED BY LULL"), ("new", "new")]
)
def test_every_verdict_has_words(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], verdict: str, head: str
) -> None:
    with Admin({"GET why": msgspec.structs.replace(NOTHING, verdict=verdict)}) as admin:
        assert main(["why", "ads.example", *home(tmp_path, admin)]) == 0
        assert admin.asked[0].path == "why?name=ads.example"
    assert capsys.readouterr().out.splitlines() == [
        f"{head}  ads.example A, for any device of group default",
        "  by     no rule: nothing has an opinion on it",
    ]


def test_an_alias_that_decided(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = msgspec.structs.replace(
        BLOCKED, via="t.example", cached=Cached("NXDOMAIN", 90.0, -30.0), finished=None, device="", identified=""
    )
    with Admin({"GET why": found}) as admin:
        assert main(["why", "ads.example", *home(tmp_path, admin)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "BLOCKED  ads.example A, for 192.0.2.20 (group kids)"
    assert lines[1] == "  via    it is an alias of t.example"
    assert "  cached what the upstream said (NXDOMAIN, asked 1m30s ago) is too old: it is asked again" in lines


def test_an_answer_from_memory(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = msgspec.structs.replace(NOTHING, cached=Cached("NOERROR", 12.0, 7020.0), finished=8.0)
    with Admin({"GET why": known}) as admin:
        assert main(["why", "ads.example", *home(tmp_path, admin)]) == 0
    cached = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  cached")]
    assert cached == ["  cached answered from memory for 1h57m more (NOERROR, asked 12s ago)"]


@pytest.fixture
def _new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_new_york")
def test_at_another_time_by_the_clocks_here(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET why": NOTHING}) as admin:
        assert main(["why", "ads.example", "--at", "2026-11-23 21:30", *home(tmp_path, admin)]) == 0
        assert admin.asked[0].path == "why?name=ads.example&at=2026-11-23T21%3A30%3A00-05%3A00"
        assert main(["why", "ads.example", "--at", "teatime", *home(tmp_path, admin)]) == 2
    out, err = capsys.readouterr()
    assert out.splitlines()[0].endswith(f", at {when(NOTHING.at)}")
    assert "is not a moment" in err


def test_it_is_read_in_ten_seconds(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = msgspec.structs.replace(BLOCKED, matched=[BLOCKED.matched[0]] * 30)
    with Admin({"GET why": many}) as admin:
        assert main(["why", "ads.example", *home(tmp_path, admin)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  also   21 more: --json shows all" in lines
    assert len(lines) < 20


def test_json_and_hostile_text(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = MatchedRule(HOSTILE, 6, "lists", HOSTILE, HOSTILE, HOSTILE, 1, HOSTILE)
    hostile = msgspec.structs.replace(
        BLOCKED, decided_by=HOSTILE, matched=[rule, rule], name=HOSTILE, group=HOSTILE, chain=[Link(HOSTILE, HOSTILE)]
    )
    with Admin({"GET why": hostile}) as admin:
        options = home(tmp_path, admin)
        assert main(["why", "ads.example", *options]) == 0
        assert all(line.isprintable() for line in capsys.readouterr().out.splitlines())
        assert main(["why", "ads.example", "--json", *options]) == 0
    assert msgspec.convert(json.loads(capsys.readouterr().out), Why) == hostile
