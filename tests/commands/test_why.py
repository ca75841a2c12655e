"""`lull why`: the verdict first, in words a person reads in ten seconds."""

from __future__ import annotations

import json
import pathlib

import msgspec
import pytest

from resolver.admin.bodies import SourceLine, Why
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, Asked, home

BLOCKED = Why(
    name="ads.example",
    type="A",
    client="192.0.2.20",
    group="kids",
    verdict="block",
    tier=6,
    decided_by="pro: ||ads.example^",
    until=1_800_000_000.0,
    matched=["pro: ||ads.example^", "big: ||example^"],
    unused=["huge: ||example^"],
    shadow=["tried: ads.example"],
    lines=[
        SourceLine("pro: ||ads.example^", "pro", 12345, "||ads.example^$all"),
        SourceLine("tried: ads.example", "tried", 2, "0.0.0.0 ads.example"),
    ],
    advice="to allow it: lull allow ads.example",
)


def test_the_verdict_comes_first(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET why": BLOCKED}) as admin:
        assert main(["why", "ADS.example.", "--client", "192.0.2.20", "--type", "a", *home(tmp_path, admin)]) == 0
        assert admin.asked == [Asked("GET", "why?name=ads.example&client=192.0.2.20&type=A", None)]
    assert capsys.readouterr().out.splitlines() == [
        "BLOCKED  ads.example A, for 192.0.2.20 (group kids)",
        "  by     pro: ||ads.example^  (line 12,345: ||ads.example^$all)",
        f"  until  {when(1_800_000_000)}",
        "  also   big: ||example^",
        "  shadow tried: ads.example  (line 2: 0.0.0.0 ads.example) (that list is in shadow mode and blocks nothing)",
        "  unused huge: ||example^ (this group does not use that list)",
        "to allow it: lull allow ads.example",
    ]


@pytest.mark.parametrize(
    ("verdict", "head"), [("allow", "ALLOWED"), ("pass", "PASSES"), ("rewrite", "ANSWERED BY LULL"), ("new", "new")]
)
def test_every_verdict_has_words(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], verdict: str, head: str
) -> None:
    nothing = msgspec.structs.replace(
        BLOCKED,
        verdict=verdict,
        client="",
        group="default",
        decided_by="",
        until=None,
        matched=[],
        unused=[],
        shadow=[],
        lines=[],
        advice="",
    )
    with Admin({"GET why": nothing}) as admin:
        assert main(["why", "ads.example", *home(tmp_path, admin)]) == 0
        assert admin.asked[0].path == "why?name=ads.example"
    assert capsys.readouterr().out.splitlines() == [
        f"{head}  ads.example A, for any device of group default",
        "  by     no rule: nothing has an opinion on it",
    ]


def test_json_and_hostile_text(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = msgspec.structs.replace(BLOCKED, decided_by=HOSTILE, matched=[HOSTILE], name=HOSTILE, group=HOSTILE)
    with Admin({"GET why": hostile}) as admin:
        options = home(tmp_path, admin)
        assert main(["why", "ads.example", *options]) == 0
        assert all(line.isprintable() for line in capsys.readouterr().out.splitlines())
        assert main(["why", "ads.example", "--json", *options]) == 0
    assert msgspec.convert(json.loads(capsys.readouterr().out), Why) == hostile
