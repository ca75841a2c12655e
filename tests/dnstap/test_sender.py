"""The thread that tells: nothing is told twice, what is not told is counted, and nobody waits for it."""

from __future__ import annotations

import logging
import pathlib
import time
from collections.abc import Iterator

import pytest

from resolver.dnstap import outlets, sender
from resolver.dnstap.messages import Messages
from resolver.dnstap.sender import Sender, Told
from resolver.journal.frames import Batch, Row
from resolver.model import Exchange
from tests.dnstap.receiver import STOP, Receiver, payloads, seen, wait_for

AT = 1_767_268_800


def batch(*names: str, count: int = 1) -> Batch:
    rows = [Row("192.0.2.7", "kids", Exchange(name, 1, 0, "cache", "pass"), count, 90) for name in names]
    return Batch("feed", 1, AT, rows, {})


def names(got: list[bytes]) -> list[str]:
    return [str(seen(one).query.question[0].name).rstrip(".") for one in got]


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "tap"


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    monkeypatch.setattr(sender, "_PAUSES", (0.02,))
    monkeypatch.setattr(outlets, "_PATIENCE", 0.2)
    made = Sender(Messages("house", "lull"))
    yield made
    made.close()


def test_to_nobody_nothing_is_told(telling: Sender) -> None:
    telling.take(batch("a.example"))
    telling.move("")
    assert telling.told() == Told()


def test_to_a_file(telling: Sender, path: pathlib.Path) -> None:
    telling.move(f"file:{path}")
    telling.take(batch("a.example", "b.example"))
    telling.take(batch())
    telling.take(batch("c.example", count=3))
    telling.close()
    assert names(payloads(path.read_bytes())) == ["a.example", "b.example", *["c.example"] * 3]
    assert telling.told() == Told(answers=5)


def test_to_a_socket_that_comes_late_goes_and_comes_again(
    telling: Sender, path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    telling.move(str(path))
    telling.take(batch("a.example"))
    wait_for(lambda: "No such file" in telling.told().trouble)
    assert telling.told().waiting == 1
    first = Receiver(path)
    wait_for(lambda: names(first.got) == ["a.example"])
    wait_for(lambda: telling.told() == Told(str(path), answers=1))
    first.close()

    def noticed() -> bool:
        telling.take(batch("lost.example"))
        return bool(telling.told().trouble)

    wait_for(noticed)
    second = Receiver(path)
    telling.take(batch("b.example"))
    wait_for(lambda: "b.example" in names(second.got))
    wait_for(lambda: not telling.told().trouble)
    telling.close()
    wait_for(lambda: STOP in second.controls)
    assert f"dnstap is told to {path} again" in caplog.text
    second.close()


def test_a_receiver_that_hangs_costs_messages_that_are_counted(
    telling: Sender, path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "MOST_ROWS", 2_000)
    receiver = Receiver(path)
    telling.move(str(path))
    telling.take(batch("a.example"))
    wait_for(lambda: receiver.got)
    receiver.reads = False
    many = batch(*(f"{'n' * 60}{n}.example" for n in range(500)))
    given, slowest = 1, 0.0
    for _ in range(100):
        began = time.monotonic()
        telling.take(many)
        slowest = max(slowest, time.monotonic() - began)
        given += 500
    assert slowest < 0.1
    wait_for(lambda: telling.told().trouble)
    assert telling.told().waiting <= 2_000
    telling.move("")
    wait_for(lambda: telling.told().answers + telling.told().dropped == given)
    assert telling.told().dropped > 0
    receiver.close()


def test_it_moves_to_another_place(telling: Sender, path: pathlib.Path) -> None:
    other = path.with_name("other")
    telling.move(f"file:{path}")
    telling.take(batch("a.example"))
    telling.move(f"file:{path}")
    telling.move(f"file:{other}")
    telling.take(batch("b.example"))
    telling.move("")
    telling.take(batch("c.example"))
    wait_for(lambda: telling.told().answers == 2)
    wait_for(lambda: path.read_bytes()[-4:] == other.read_bytes()[-4:] == b"\0\0\0\3")
    assert [names(payloads(one.read_bytes())) for one in (path, other)] == [["a.example"], ["b.example"]]


def test_what_waits_when_it_ends_is_counted(telling: Sender, path: pathlib.Path) -> None:
    telling.move(str(path))
    telling.take(batch("a.example", count=7))
    telling.close()
    assert telling.told() == Told(dropped=7)


def test_a_fault_of_ours_costs_one_batch(
    telling: Sender, path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = Messages.of

    def faulty(self: Messages, row: Row, second: int) -> Iterator[bytes]:
        if row.exchange.name == "secret.example":
            raise ZeroDivisionError(row.exchange.name)
        return whole(self, row, second)

    monkeypatch.setattr(Messages, "of", faulty)
    telling.move(f"file:{path}")
    telling.take(batch("a.example", "secret.example", "b.example"))
    telling.take(batch("c.example"))
    wait_for(lambda: telling.told().answers == 1)
    telling.close()
    assert telling.told() == Told(answers=1, dropped=3)
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text
