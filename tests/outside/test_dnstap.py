"""The field's own dnstap tools take what we tell: fstrm_capture (fstrm-bin) and dnstap-ldns."""

from __future__ import annotations

import contextlib
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from resolver.dnstap import outlets, sender
from resolver.dnstap.messages import Messages
from resolver.dnstap.sender import Sender, Told
from resolver.journal.frames import Batch, Row
from resolver.model import Exchange
from tests.daemon.harness import running
from tests.dnstap.receiver import wait_for

AT = 1_767_268_800
HOSTILE = r"\000\027[2j\059\255.example"


def batch(*names: str, client: str = "192.0.2.7", count: int = 1) -> Batch:
    rows = [
        Row(client, "kids", Exchange(name, 28, 3, "local", "block", "ads", f"||{name}^"), count, 90) for name in names
    ]
    return Batch("feed", 1, AT, rows, {})


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    monkeypatch.setattr(sender, "_PAUSES", (0.05,))
    monkeypatch.setattr(outlets, "_PATIENCE", 0.5)
    made = Sender(Messages("house", "lull 1"))
    yield made
    made.close()


@contextlib.contextmanager
def capturing(path: pathlib.Path, out: pathlib.Path) -> Iterator[subprocess.Popen[bytes]]:
    """fstrm_capture, listening."""
    command = ["fstrm_capture", "-t", "protobuf:dnstap.Dnstap", "-u", str(path), "-w", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        wait_for(path.is_socket)
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.communicate(timeout=10)


def told(file: pathlib.Path, form: str = "-q") -> list[str]:
    """What dnstap-ldns says of a file."""
    done = subprocess.run(["dnstap-ldns", form, "-r", str(file)], capture_output=True, timeout=20, check=True)
    assert done.stderr == b""
    return done.stdout.decode("ascii").splitlines()


def test_over_a_socket(telling: Sender, tmp_path: pathlib.Path) -> None:
    path, out = tmp_path / "tap.sock", tmp_path / "out"
    with capturing(path, out):
        telling.move(str(path))
        telling.take(batch("a.example", HOSTILE))
        telling.take(batch("b.example", client="2001:db8::7", count=2))
        telling.take(batch("", client="~0123456789ab"))
        wait_for(lambda: telling.told().answers == 5)
        telling.close()
    lines = [line.split(" ", 2)[2] for line in told(out)]
    assert lines == [
        'CR 192.0.2.7 ? 27b "a.example." IN AAAA',
        r'CR 192.0.2.7 ? 33b "\000\027[2j\;\255.example." IN AAAA',
        'CR 2001:db8::7 ? 27b "b.example." IN AAAA',
        'CR 2001:db8::7 ? 27b "b.example." IN AAAA',
        "CR MISSING_ADDRESS ? 12b ? ? ?",
    ]


def test_in_full(telling: Sender, tmp_path: pathlib.Path) -> None:
    telling.move(f"file:{tmp_path / 'tap'}")
    telling.take(batch("a.example"))
    telling.close()
    lines = [line.strip() for line in told(tmp_path / "tap", "-y")]
    for wanted in (
        "type: CLIENT_RESPONSE",
        'identity: "house"',
        'version: "lull 1"',
        "query_time: !!timestamp 2026-01-01 12:00:00.000000",
        "response_time: !!timestamp 2026-01-01 12:00:00.000090",
        'query_address: "192.0.2.7"',
        ";; ->>HEADER<<- opcode: QUERY, rcode: NXDOMAIN, id: 0",
        ";; flags: qr rd ra ; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0",
    ):
        assert wanted in lines


def test_a_capture_that_is_stopped_and_killed(telling: Sender, tmp_path: pathlib.Path) -> None:
    """SIGSTOP, then SIGKILL, then another one: nobody waits, and what was not told is counted."""
    path, given = tmp_path / "tap.sock", 0
    many = batch(*(f"{'n' * 60}{n}.example" for n in range(1000)))
    with capturing(path, tmp_path / "first") as process:
        telling.move(str(path))
        telling.take(many)
        wait_for(lambda: telling.told().answers == 1000)
        process.send_signal(signal.SIGSTOP)
        for _ in range(100):
            began = time.monotonic()
            telling.take(many)
            assert time.monotonic() - began < 0.1
        given = 101_000
        wait_for(lambda: telling.told().trouble, 10)
        process.kill()
    path.unlink(missing_ok=True)
    with capturing(path, tmp_path / "second"):
        telling.take(batch("last.example"))
        wait_for(lambda: telling.told().answers + telling.told().dropped == given + 1, 20)
        assert telling.told() == Told(str(path), telling.told().answers, telling.told().dropped)
        telling.close()
    assert '"last.example."' in told(tmp_path / "second")[-1]


def test_from_the_daemon(tmp_path: pathlib.Path) -> None:
    path, out = tmp_path / "tap.sock", tmp_path / "out"
    with capturing(path, out), running(tmp_path, f"log: {{dnstap: {path}}}") as daemon:
        assert daemon.ask("www.example.org") is not None
        daemon.wait(lambda: daemon.api("GET", "log?exact=www.example.org")["entries"], 20)
        daemon.stop()
    lines = told(out)
    assert any('CR 127.0.0.1 ? 33b "www.example.org." IN A' in line for line in lines)
    assert any('"doubleclick.net."' in line for line in lines)
