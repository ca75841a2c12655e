"""`lull status`: the answer to "is it the DNS?" first."""

from __future__ import annotations

import json
import pathlib
import time

import msgspec
import pytest

from resolver.admin.accountbodies import Welcome
from resolver.admin.bodies import BundleStatus, PauseInfo, Status, StoreStatus, WorkerStatus
from resolver.cli import main
from resolver.commands.output import when
from resolver.model import UpstreamHealth
from tests.commands.played import HOSTILE, Admin, home

DOWN = 1_700_000_000.0
STATUS = Status(
    well=True,
    sentence="DNS is well; udp://192.0.2.2 does not answer (no route), the others do.",
    version="0.1.0",
    started=DOWN,
    workers=[WorkerStatus(0, 4242, "17", 1_234_567, 0, 5, 8_000, 900, 0, 0, "")],
    upstreams=[
        UpstreamHealth("udp://192.0.2.1", up=True, since=0.0, latency_ms=12.34, asked=1_000, failed=1, reason=""),
        UpstreamHealth("udp://192.0.2.2", up=False, since=DOWN, latency_ms=0.0, asked=3, failed=3, reason="no route"),
    ],
    bundle=BundleStatus("17", 804_633, ""),
    store=StoreStatus("ok", "", 0.0, 1_000_000, 2, 0, []),
    lists_failing=["mine"],
    pauses=[PauseInfo(1, DOWN, "", "kids")],
    troubles=["list mine: 404"],
    since=DOWN,
)


def test_a_status_that_is_well(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET status": msgspec.structs.replace(STATUS, started=time.time() - 7200)}) as admin:
        assert main(["status", *home(tmp_path, admin)]) == 0
    lines = capsys.readouterr().out.splitlines()
    running = lines.pop(4)
    assert running.startswith("lull 0.1.0, running since ")
    assert running.endswith(("(2h)", "(2h1s)", "(2h2s)"))
    assert lines == [
        f"{STATUS.sentence} (since {when(DOWN)})",
        "attention: list mine: 404",
        f"paused for group kids until {when(DOWN)}",
        "",
        "policy 17, 804,633 names on lists",
        "log database ok, 1,000,000 rows written, 2 waiting, 0 given up",
        "",
        f"UPSTREAM         STATE{' ' * 27}LATENCY  ASKED  FAILED  REASON",
        f"udp://192.0.2.1  up{' ' * 30}12.3 ms  1,000  1",
        f"udp://192.0.2.2  down since {when(DOWN)}  0.0 ms   3      3       no route",
        "",
        "WORKER  PID   POLICY  ANSWERED   WAITING  DROPPED  CACHED",
        "0       4242  17      1,234,567  0        5        8,000",
    ]


def test_where_an_upstream_is_that_is_given_by_name(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = msgspec.structs.replace(STATUS.upstreams[0], url="udp://dns.example", at=("192.0.2.1", "2001:db8::1"))
    with Admin({"GET status": msgspec.structs.replace(STATUS, upstreams=[named])}) as admin:
        main(["status", *home(tmp_path, admin)])
    assert "udp://dns.example (192.0.2.1)  up" in capsys.readouterr().out


def test_a_status_that_is_not_well(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    ill = msgspec.structs.replace(
        STATUS,
        well=False,
        sentence=f"No worker is connected {HOSTILE}",
        troubles=[f"No worker is connected {HOSTILE}", HOSTILE],
        workers=[],
        upstreams=[],
        bundle=BundleStatus("", 0, ""),
    )
    with Admin({"GET status": ill}) as admin:
        assert main(["status", *home(tmp_path, admin)]) == 1
        lines = capsys.readouterr().out.splitlines()
        assert main(["status", "--json", *home(tmp_path, admin)]) == 1
    assert all(line.isprintable() for line in lines)
    assert [line for line in lines if "No worker" in line] == lines[:1]
    assert "policy none yet, 0 names on lists" in lines
    assert msgspec.convert(json.loads(capsys.readouterr().out), Status) == ill


def test_what_waits_for_somebody(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = msgspec.structs.replace(STATUS, requests=2)
    link = "http://127.0.0.1:8080/welcome?key=secret"
    with Admin({"GET status": asked, "GET welcome": Welcome(link)}) as admin:
        assert main(["status", *home(tmp_path, admin)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].endswith(f"open: {link}")
    assert lines[3] == "asked for: 2 of members: lull requests"
