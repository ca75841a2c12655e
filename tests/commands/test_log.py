"""`lull log`: pages put together, hostile names, and files."""

from __future__ import annotations

import json
import pathlib
import sys
import urllib.parse
from datetime import datetime

import msgspec
import pytest

from resolver.admin.bodies import LogEntry, LogPage
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, Asked, home

AT = 1_700_000_000
ENTRY = LogEntry(
    id=1,
    at=AT,
    client="192.0.2.10",
    group="default",
    name="shop.example",
    type="A",
    rcode="NOERROR",
    origin="upstream",
    verdict="pass",
    list="",
    rule="",
    via="",
    upstream="udp://192.0.2.53",
    count=1,
    took_us=900,
)


def entry(id: int, **other: object) -> LogEntry:
    return msgspec.structs.replace(ENTRY, id=id, **other)


class Kept(Admin):
    """An admin whose log is these entries, oldest first: it turns pages as the real one does."""

    def __init__(self, entries: list[LogEntry]) -> None:
        super().__init__()
        self.entries = entries
        self.down = False

    def play(self, asked: Asked, authorization: str) -> tuple[int, bytes]:
        self.asked.append(asked)
        if self.down:
            return 503, msgspec.json.encode({"error": {"code": "store", "message": "the database cannot be used now"}})
        given = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(asked.path).query))
        limit, cursor = int(given["limit"]), int(given.get("cursor", sys.maxsize))
        assert 1 <= limit <= 1000
        rows = [one for one in reversed(self.entries) if one.id < cursor]
        next = rows[limit - 1].id if len(rows) > limit else None
        return 200, msgspec.json.encode(LogPage(rows[:limit], next))


def test_oldest_first_with_the_reason(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = [
        entry(1),
        entry(
            2, verdict="block", origin="local", upstream="", list="ads", rule="||t.example^", via="t.example", count=3
        ),
        entry(3, verdict="refused", rcode="REFUSED", origin="local", upstream="", name="", client="", type=""),
    ]
    with Kept(entries) as admin:
        assert main(["log", *home(tmp_path, admin)]) == 0
    at = when(AT)
    assert capsys.readouterr().out.splitlines() == [
        f"{at}  192.0.2.10       pass     NOERROR   A      shop.example  udp://192.0.2.53",
        f"{at}  192.0.2.10       block    NOERROR   A      shop.example  ads: ||t.example^  via t.example  (3 times)",
        f"{at}  -                refused  REFUSED          -  local",
    ]


def test_devices_are_called_by_their_names(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Kept([entry(1), entry(2, device="Living Room TV 2"), entry(3, device="L" * 64)]) as admin:
        assert main(["log", *home(tmp_path, admin)]) == 0
        out = capsys.readouterr().out.splitlines()
        assert main(["log", "--json", *home(tmp_path, admin)]) == 0
    at = when(AT)
    rest = "pass     NOERROR   A      shop.example  udp://192.0.2.53"
    assert out == [
        f"{at}  {'192.0.2.10':<30}  {rest}",
        f"{at}  {'Living Room TV 2':<30}  {rest}",
        f"{at}  {'L' * 64}  {rest}",
    ]
    shown = json.loads(capsys.readouterr().out)["entries"][1]
    assert (shown["client"], shown["device"]) == ("192.0.2.10", "Living Room TV 2")


def test_what_a_shadow_list_would_have_blocked(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Kept([entry(1, shadow="trial: ||shop.example^")]) as admin:
        assert main(["log", "--shadow", *home(tmp_path, admin)]) == 0
        assert admin.asked[-1].path == "log?limit=50&shadow=%2A"
        assert main(["log", "--shadow", "trial", *home(tmp_path, admin)]) == 0
        assert admin.asked[-1].path == "log?limit=50&shadow=trial"
    row = f"{when(AT)}  192.0.2.10       pass     NOERROR   A      shop.example  udp://192.0.2.53"
    assert capsys.readouterr().out.splitlines() == [f"{row}  would have been blocked by trial: ||shop.example^"] * 2


def test_filters_are_sent(tmp_path: pathlib.Path) -> None:
    with Admin({"GET log": LogPage([], None)}) as admin:
        words = [
            "--client",
            "192.0.2.1",
            "--name",
            "X.example",
            "--verdict",
            "block",
            "--since",
            "3600",
            "--limit",
            "7",
        ]
        assert main(["log", *words, *home(tmp_path, admin)]) == 0
        assert admin.asked[0].path == "log?limit=7&client=192.0.2.1&name=x.example&verdict=block&since=1h"


def test_every_filter_is_sent(tmp_path: pathlib.Path) -> None:
    given = {
        "client": "~0123456789ab",
        "group": "kids",
        "name": "example",
        "exact": "x.example",
        "part": "ads",
        "type": "aaaa",
        "verdict": "pass",
        "list": "hagezi-pro",
        "rule": "||x.example^",
        "origin": "stale",
        "upstream": "udp://192.0.2.53",
        "rcode": "nxdomain",
        "slower": "1.5s",
        "shadow": "trial",
        "since": "2026-11-22 07:00",
        "until": "2d",
    }
    words = [word for key, value in given.items() for word in (f"--{key}", value)]
    with Admin({"GET log": LogPage([], None)}) as admin:
        assert main(["log", *words, *home(tmp_path, admin)]) == 0
        sent = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(admin.asked[0].path).query))
    assert datetime.fromisoformat(sent.pop("since")) == datetime(2026, 11, 22, 7).astimezone()
    same = {key: value for key, value in given.items() if key not in {"type", "rcode", "slower", "since"}}
    assert sent == {"limit": "50", "type": "AAAA", "rcode": "NXDOMAIN", "slower": "1500.0", **same}


def test_a_page_that_holds_nothing_yet_is_not_the_end(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Slow(Kept):
        def play(self, asked: Asked, authorization: str) -> tuple[int, bytes]:
            status, body = super().play(asked, authorization)
            page = msgspec.json.decode(body, type=LogPage)
            return status, msgspec.json.encode(LogPage([], 9, AT) if len(self.asked) == 1 else page)

    with Slow([entry(1)]) as admin:
        assert main(["log", *home(tmp_path, admin)]) == 0
        assert [asked.path for asked in admin.asked] == ["log?limit=50", "log?cursor=9&limit=50"]
    assert "shop.example" in capsys.readouterr().out


def test_pages_are_put_together(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Kept([entry(id) for id in range(1, 2501)]) as admin:
        assert main(["log", "--limit", "2100", "--json", *home(tmp_path, admin)]) == 0
        assert [asked.path for asked in admin.asked] == [
            "log?limit=1000",
            "log?cursor=1501&limit=1000",
            "log?cursor=501&limit=100",
        ]
    page = msgspec.convert(json.loads(capsys.readouterr().out), LogPage)
    assert [one.id for one in page.entries] == list(range(2500, 400, -1))
    assert page.next == 401


def test_an_empty_log(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Kept([]) as admin:
        assert main(["log", *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out == "nothing in the log matches\n"
        assert main(["log", "--json", *home(tmp_path, admin)]) == 0
    assert json.loads(capsys.readouterr().out) == {"entries": [], "next": None, "reached": 0}


def test_hostile_entries(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = {field.name: HOSTILE for field in msgspec.structs.fields(LogEntry) if field.type is str}
    assert len(texts) == 13
    with Kept([entry(1, **texts)]) as admin:
        assert main(["log", *home(tmp_path, admin)]) == 0
        out = capsys.readouterr().out
        assert main(["log", "--json", *home(tmp_path, admin)]) == 0
    (line,) = out.splitlines()
    assert line.isprintable()
    assert json.loads(capsys.readouterr().out)["entries"][0]["name"] == HOSTILE


@pytest.mark.parametrize(
    "words",
    [
        ["--limit", "0"],
        ["--verdict", "x"],
        ["--since", "x"],
        ["--until", "+1h"],
        ["--client", ""],
        ["--type", "X"],
        ["--rcode", "X"],
        ["--slower", "1h"],
        ["--export", "xml"],
        ["x"],
    ],
)
def test_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", *words]) == 2
    assert capsys.readouterr().err.startswith("usage: lull log ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--yes"], "--yes is for lull log forget"),
        (["--before", "1d"], "--before is for lull log forget"),
        (["--export", "csv", "--follow"], "--export writes all of it"),
        (["--export", "csv", "--limit", "5"], "--export writes all of it"),
        (["--follow", "--until", "1h"], "--follow has no end"),
        (["forget"], "say what to forget"),
        (["forget", "--verdict", "block"], "not by --verdict"),
        (["forget", "--name", "x.example", "--since", "1d"], "not by --since"),
    ],
)
def test_what_says_nothing_together(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with Admin() as admin:
        assert main(["log", *words, *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert said in capsys.readouterr().err


def test_an_export_is_written_as_it_comes(tmp_path: pathlib.Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    body = b'time,id\r\n"\xff\x00",1\r\n' * 20_000
    with Admin() as admin:
        admin.raw["GET log/export"] = (200, body)
        assert main(["log", "--export", "csv", "--name", "x.example", "--since", "2d", *home(tmp_path, admin)]) == 0
        assert admin.asked[0].path == "log/export?format=csv&name=x.example&since=2d"
    assert capfdbinary.readouterr().out == body


def test_an_export_that_is_cut_short_is_no_success(
    tmp_path: pathlib.Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with Admin() as admin:
        admin.streams["GET log/export"] = [lambda write: write(b"half\r\n")]
        assert main(["log", "--export", "jsonl", *home(tmp_path, admin)]) == 3
    out, err = capfdbinary.readouterr()
    assert out == b"half\r\n"
    assert b"was lost" in err


def test_an_export_that_is_refused(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin() as admin:
        body = msgspec.json.encode({"error": {"code": "busy", "message": "3 exports are under way"}})
        admin.raw["GET log/export"] = (503, body)
        assert main(["log", "--export", "csv", *home(tmp_path, admin)]) == 4
    assert "3 exports are under way" in capsys.readouterr().err


def test_an_export_is_not_for_terminals(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with Admin() as admin:
        assert main(["log", "--export", "csv", *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert "lull log --export csv > FILE" in capsys.readouterr().err
