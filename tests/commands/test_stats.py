"""`lull stats`: counts, shares, and what is on top."""

from __future__ import annotations

import json
import pathlib

import msgspec
import pytest

from resolver.admin.bodies import ClientCount, Count, Hour, Share, Stats, UpstreamLatency
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, home

SINCE = 1_700_000_000.0
STATS = Stats(
    since=SINCE,
    queries=2_000,
    verdicts={"block": 500, "pass": 1_500},
    origins={"cache": 2_000},
    hours=[Hour(1_699_999_200, {"block": 500, "pass": 1_500})],
    blocked=[Count(HOSTILE, 400), Count("ads.example", 100)],
    names=[],
    clients=[ClientCount("192.0.2.1", 1_500), ClientCount("192.0.2.2", 500, "Living Room TV")],
    until=SINCE + 7200,
    hit_ratio=0.8,
    blocked_share=0.25,
    upstreams=[UpstreamLatency("tls://9.9.9.9", 1_200, 13.2, 80.0, 1_250.4)],
    parts=[Share("A", 1_500, 500), Share(HOSTILE, 500, 0)],
)


def test_counts_and_shares(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET stats": STATS}) as admin:
        assert main(["stats", "--by", "type", *home(tmp_path, admin)]) == 0
        assert admin.asked[0].path == "stats?since=24h&by=type"
    assert capsys.readouterr().out.splitlines() == [
        f"2,000 queries since {when(SINCE)} until {when(SINCE + 7200)}",
        "25.0 % blocked; 80.0 % of what was for upstreams came from the cache",
        "",
        "VERDICT  QUERIES  SHARE",
        "pass     1,500    75.0 %",
        "block    500      25.0 %",
        "",
        "FROM   QUERIES  SHARE",
        "cache  2,000    100.0 %",
        "",
        "TYPE                                QUERIES  BLOCKED",
        "A                                   1,500    500",
        r"\x1b[2J\x07\n\u202eevil\x9b31m\x7f  500      0",
        "",
        "UPSTREAM       ANSWERS  HALF WITHIN  95 %   99 %",
        "tls://9.9.9.9  1,200    13 ms        80 ms  1,250 ms",
        "",
        "BLOCKED MOST                        QUERIES",
        r"\x1b[2J\x07\n\u202eevil\x9b31m\x7f  400",
        "ads.example                         100",
        "",
        "CLIENTS                     QUERIES",
        "192.0.2.1                   1,500",
        "Living Room TV (192.0.2.2)  500",
    ]


def test_json_and_another_time(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET stats": STATS}) as admin:
        options = ["--since", "90m", "--until", "5m", "--limit", "3", "--json"]
        assert main(["stats", *options, *home(tmp_path, admin)]) == 0
        assert admin.asked[0].path == "stats?since=1h30m&until=5m&limit=3"
    assert msgspec.convert(json.loads(capsys.readouterr().out), Stats) == STATS


def test_nothing_was_asked(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET stats": Stats(SINCE, 0, {}, {}, [], [], [], [])}) as admin:
        assert main(["stats", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out == f"0 queries since {when(SINCE)}\n"
