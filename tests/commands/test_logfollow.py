"""`lull log --follow`: what was there, what comes, and a connection that is lost."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator

import msgspec
import pytest

from resolver.admin.bodies import LogEntry, LogPage
from resolver.cli import main
from resolver.commands import logfollow
from tests.commands.played import HOSTILE, Admin, closed_port, home
from tests.commands.test_log import entry

Write = Callable[[bytes], None]
NOW = int(time.time())


def message(*entries: LogEntry) -> bytes:
    return b"".join(b"id: life-1\ndata: %b\n\n" % msgspec.json.encode(one) for one in entries)


def at(second: int, name: str, id: int = 0, **other: object) -> LogEntry:
    return entry(id, at=NOW + second, name=name, **other)


class Live(Admin):
    """An admin with these entries in its database, whose streams are played one after the other; after the last of them
    somebody presses Ctrl-C."""

    def __init__(self, stored: list[LogEntry], *streams: bytes, more: int | None = None) -> None:
        super().__init__({"GET log": LogPage(stored[::-1], more)})
        self.streams["GET log/stream"] = [*map(self._plays, streams), self._interrupt]

    def _plays(self, body: bytes) -> Callable[[Write], None]:
        return lambda write: write(b"retry: 2000\n\n" + body)

    def _interrupt(self, write: Write) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        time.sleep(5)

    @property
    def since(self) -> list[str]:
        """Where each stream was asked to begin."""
        queries = [urllib.parse.urlsplit(one.path) for one in self.asked if one.path.startswith("log/stream")]
        return [dict(urllib.parse.parse_qsl(one.query))["since"] for one in queries]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(logfollow, "PAUSE", 0.01)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def follow(admin: Admin, directory: pathlib.Path, *words: str) -> int:
    return main(["log", "--follow", *words, *home(directory, admin)])


def names(out: str) -> list[str]:
    return [json.loads(line)["name"] for line in out.splitlines()]


def test_what_was_there_and_what_comes(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Some of what is in the database is told by the stream again, and is not shown again: the same as often as it was
    there."""
    stored = [at(-90, "old", 1), at(-2, "a", 2), at(-1, "b", 3), at(-1, "b", 4)]
    told = [at(-2, "a"), at(-1, "b"), at(-1, "b"), at(-1, "b"), at(0, "c")]
    with Live(stored, message(*told)) as admin:
        assert follow(admin, tmp_path, "--json", "--name", "example") == 130
        assert admin.asked[0].path.startswith("log/stream?since=15s&name=example")
        assert admin.asked[1].path == "log?limit=50&name=example"
    assert names(capsys.readouterr().out) == ["old", "a", "b", "b", "b", "c"]


def test_as_people_read_it(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Live([], message(at(0, HOSTILE, verdict="block", list="ads", rule="||x^"))) as admin:
        assert follow(admin, tmp_path) == 130
    (line,) = capsys.readouterr().out.splitlines()
    assert line.isprintable()
    assert line.endswith("ads: ||x^")


def test_a_connection_that_is_lost_is_made_again(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = message(at(0, "a"), at(0, "a")), message(at(0, "a"), at(0, "a"), at(0, "a"), at(1, "b"))
    with Live([], first, second) as admin:
        assert follow(admin, tmp_path, "--json") == 130
        assert admin.since[:2] == ["15s", str(NOW - 15)]
    out, err = capsys.readouterr()
    assert names(out) == ["a", "a", "a", "b"]
    lost, again = err.splitlines()[:2]
    assert "ended the connection; waiting" in lost
    assert again == "connected again"


def test_a_daemon_that_is_away_is_waited_for(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Live([], message(at(0, "a")), message(at(1, "b"))) as admin:
        later, body = (
            admin.streams["GET log/stream"],
            msgspec.json.encode({"error": {"code": "store", "message": "no"}}),
        )

        def away(write: Write) -> None:
            write(message(at(0, "a")))
            del admin.streams["GET log/stream"]
            admin.raw["GET log/stream"] = (503, body)
            threading.Timer(0.2, lambda: admin.streams.update({"GET log/stream": later[1:]})).start()

        later[0] = away
        admin.streams["GET log/stream"] = [away]
        assert follow(admin, tmp_path, "--json") == 130
    out, err = capsys.readouterr()
    assert names(out) == ["a", "b"]
    assert err.count("waiting") <= 2, "it is said once for each reason"


def test_what_was_missed_is_said(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = b'event: missed\ndata: {"rows":1234}\n\n:\n\nevent: missed\ndata: {"rows":null}\n\nevent: x\ndata: 1\n\n'
    with Live([], events) as admin:
        assert follow(admin, tmp_path) == 130
    err = capsys.readouterr().err
    assert "1,234 entries came faster" in err
    assert "some entries came faster" in err


def test_a_session_that_ends(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Live([], b'event: ended\ndata: {"reason":"the session is over"}\n\n') as admin:
        assert follow(admin, tmp_path) == 1
    assert "the session is over" in capsys.readouterr().err


def test_it_needs_a_daemon_to_begin_with(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "--follow", *home(tmp_path, closed_port())]) == 3
    assert "is `lull serve` running?" in capsys.readouterr().err


def test_too_many_readers_is_a_refusal(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin() as admin:
        body = msgspec.json.encode({"error": {"code": "busy", "message": "20 look at the log"}})
        admin.raw["GET log/stream"] = (503, body)
        assert follow(admin, tmp_path) == 4
    assert "20 look at the log" in capsys.readouterr().err


def test_only_the_last_of_much_is_shown_at_first(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The stream begins some seconds before, and may have much that --limit leaves out."""
    stored = [at(-3, "c", 3), at(-2, "d", 4)]
    told = [at(-9, "a"), at(-8, "b"), at(-3, "c"), at(-2, "d"), at(-1, "e")]
    with Live(stored, message(*told), more=3) as admin:
        assert follow(admin, tmp_path, "--json", "--limit", "2") == 130
    assert names(capsys.readouterr().out) == ["c", "d", "e"]


def test_for_real_it_ends_quietly_with_ctrl_c(tmp_path: pathlib.Path) -> None:
    def forever(write: Write) -> None:
        for number in range(100):
            write(message(at(0, f"n{number}.example")))
            time.sleep(0.05)

    with Admin({"GET log": LogPage([entry(1)], None)}) as admin:
        admin.streams["GET log/stream"] = [forever]
        command = [sys.executable, "-m", "resolver", "log", "-f", *home(tmp_path, admin)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert "shop.example" in process.stdout.readline()
            assert "n0.example" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=5)
    assert (process.returncode, err) == (130, "")
