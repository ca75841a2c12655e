"""Rows of the log as lines: nothing but what a row can hold."""

from __future__ import annotations

import json

import pytest

from resolver.backup.loglines import DayCount, DayFacet, LogLine, lines, read
from resolver.errors import BackupError
from resolver.store.database import Database
from tests.store.making import NOON, row, store_all, waiting

LINE = {"at": NOON, "name": "a.example", "type": 1, "client": "192.0.2.1", "count": 3}


def test_what_a_line_leaves_out_is_empty() -> None:
    (found,) = read([json.dumps(LINE).encode()], LogLine, "log/rows/000001.jsonl")
    made = found.row()
    assert (made.client, made.group, made.count, made.took_us) == ("192.0.2.1", "", 3, 0)
    assert (made.exchange.name, made.exchange.type, made.exchange.verdict, made.exchange.own) == (
        "a.example",
        1,
        "",
        "",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"at": -1},
        {"at": "noon"},
        {"at": 1 << 62},
        {"type": None},
        {"type": 1 << 31},
        {"count": -1},
        {"took_us": 1.5},
        {"name": "a\0b"},
        {"name": "x" * 100_001},
        {"rule": ["x"]},
        {"own": "rule 1"},
    ],
)
def test_what_a_row_cannot_hold(change: dict[str, object]) -> None:
    given = [json.dumps(LINE).encode(), json.dumps({**LINE, **change}).encode()]
    with pytest.raises(BackupError, match=r"log/rows/000001\.jsonl:2: "):
        list(read(given, LogLine, "log/rows/000001.jsonl"))


@pytest.mark.parametrize("kind", [DayCount, DayFacet])
@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b'{"day": 1, "of": 2}', b"\xff"])
def test_sums_that_are_none(kind: type[DayCount], line: bytes) -> None:
    with pytest.raises(BackupError):
        list(read([line], kind, "x"))


def test_rows_that_come_later_are_left_out(database: Database) -> None:
    store_all(database, [waiting(1, [row(f"n{n}.example") for n in range(50)])])
    newest = 40
    store_all(database, [waiting(2, [row("later.example")])])
    found = [json.loads(line) for line in lines(database, newest)]
    assert [one["name"] for one in found] == [f"n{n}.example" for n in reversed(range(40))]
