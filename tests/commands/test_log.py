"""`lull log`: pages put together, hostile names, and following."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import sys
import urllib.parse

import msgspec
import pytest

from resolver.admin.bodies import LogEntry, LogPage
from resolver.cli import main
from resolver.commands import log
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, Asked, closed_port, home

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
    assert json.loads(capsys.readouterr().out) == {"entries": [], "next": None}


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


@pytest.mark.parametrize("words", [["--limit", "0"], ["--verdict", "x"], ["--since", "x"], ["--client", ""], ["x"]])
def test_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", *words]) == 2
    assert capsys.readouterr().err.startswith("usage: lull log ")


class Interrupted:
    """Stands for the second between two looks: each time something happens, and then Ctrl-C."""

    def __init__(self, *happenings: object) -> None:
        self._happenings = list(happenings)

    def sleep(self, seconds: float) -> None:
        assert seconds == 1.0
        if not self._happenings:
            raise KeyboardInterrupt
        happening = self._happenings.pop(0)
        assert callable(happening)
        happening()


def follow(
    admin: Kept,
    directory: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    *happenings: object,
    words: tuple[str, ...] = (),
) -> int:
    monkeypatch.setattr(log, "time", Interrupted(*happenings))
    return main(["log", "--follow", *words, *home(directory, admin)])


def ids(out: str) -> list[int]:
    return [json.loads(line)["id"] for line in out.splitlines()]


def test_following(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with Kept([entry(id) for id in range(1, 6)]) as admin:
        more = [entry(id) for id in range(6, 1508)]
        words = ("--json", "--limit", "2")
        happenings = (lambda: None, lambda: admin.entries.extend(more), lambda: admin.entries.append(entry(1508)))
        assert follow(admin, tmp_path, monkeypatch, *happenings, words=words) == 130
    assert ids(capsys.readouterr().out) == list(range(4, 1509))


def test_following_a_log_that_is_empty_at_first(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Kept([]) as admin:
        assert follow(admin, tmp_path, monkeypatch, lambda: None, lambda: admin.entries.append(entry(1))) == 130
    assert capsys.readouterr().out.count("shop.example") == 1


def test_following_into_a_log_that_was_begun_anew(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Kept([entry(70), entry(71)]) as admin:

        def anew() -> None:
            admin.entries[:] = [entry(1), entry(2)]

        assert follow(admin, tmp_path, monkeypatch, anew, lambda: None, words=("--json",)) == 130
    assert ids(capsys.readouterr().out) == [70, 71, 1, 2]


def test_following_survives_a_database_that_is_away(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Kept([entry(1)]) as admin:

        def down() -> None:
            admin.down = True

        def up() -> None:
            admin.down = False
            admin.entries.append(entry(2))

        assert follow(admin, tmp_path, monkeypatch, down, lambda: None, up, words=("--json",)) == 130
    out, err = capsys.readouterr()
    assert ids(out) == [1, 2]
    assert err == "the database cannot be used now; waiting\n"


def test_following_needs_a_daemon_to_begin_with(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "--follow", *home(tmp_path, closed_port())]) == 3
    assert "is `lull serve` running?" in capsys.readouterr().err


def test_following_for_real_ends_quietly_with_ctrl_c(tmp_path: pathlib.Path) -> None:
    with Kept([entry(1)]) as admin:
        command = [sys.executable, "-m", "resolver", "log", "-f", *home(tmp_path, admin)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert "shop.example" in process.stdout.readline()
            admin.entries.append(entry(2, name="next.example"))
            assert "next.example" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=5)
    assert (process.returncode, out, err) == (130, "", "")
