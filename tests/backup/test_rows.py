"""Rows of tables as lines, and back."""

from __future__ import annotations

import json
import pathlib

import pytest
from sqlalchemy import create_engine, insert, select

from resolver.backup.rows import PEOPLES, SUMS, lines, rows
from resolver.errors import BackupError
from resolver.store import tables
from resolver.store.tables import metadata

RULE = {
    "id": 7,
    "action": "deny",
    "name": "x.example",
    "client": "",
    "group": "",
    "until": 1.5,
    "comment": 'quotes " and \\ and ünïcödé \n 😀',
    "created": 1_767_268_800.25,
    "origin": "api",
    "exact": True,
    "text": "",
    "who": "me",
}


def test_rows_come_back_as_they_were(tmp_path: pathlib.Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'one.db'}")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for number in (3, 1, 2):
            connection.execute(insert(tables.rules).values({**RULE, "id": number, "until": None}))
        connection.execute(insert(tables.rules).values(RULE))
        stored = [dict(row) for row in connection.execute(select(tables.rules).order_by("id")).mappings()]
        written = list(lines(connection, tables.rules))
    assert [json.loads(line)["id"] for line in written] == [1, 2, 3, 7]
    assert list(rows(tables.rules, written, "x")) == stored
    assert stored[-1] == RULE
    engine.dispose()


def test_every_table_of_peoples_is_there() -> None:
    kept = {table.name for table in (*PEOPLES, *SUMS)}
    assert {table.name for table in tables.KEPT} <= kept
    derived = {"version", "alembic_version", "feeds", "clock", "sessions"}
    of_the_log = {"log", "names", "clients", "kinds", "facets", "blocks", "postings"}
    rolled_up = {name for name in metadata.tables if name.startswith(("hour_", "day_"))}
    assert set(metadata.tables) - kept - derived - of_the_log - rolled_up == set()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "7"}, "id cannot be '7'"),
        ({"id": 1.5}, "id cannot be"),
        ({"id": True}, "id cannot be"),
        ({"id": None}, "id cannot be"),
        ({"id": 1 << 63}, "id cannot be"),
        ({"action": 1}, "action cannot be"),
        ({"action": None}, "action cannot be"),
        ({"name": "a\0b"}, "name cannot be"),
        ({"exact": 1}, "exact cannot be"),
        ({"until": "soon"}, "until cannot be"),
        ({"until": True}, "until cannot be"),
        ({"nothing": 1}, "there is no column 'nothing'"),
    ],
)
def test_what_a_column_cannot_hold(change: dict[str, object], reason: str) -> None:
    line = json.dumps({**RULE, **change}).encode()
    with pytest.raises(BackupError, match=f"rows/rules/000001.jsonl:2: .*{reason}"):
        list(rows(tables.rules, [json.dumps(RULE).encode(), line], "rows/rules/000001.jsonl"))


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"1", b'{"id": NaN}', b"\xff", b'{"id":' * 10_000, b'{"name": "\\ud800"}']
)
def test_what_is_no_row(line: bytes) -> None:
    with pytest.raises(BackupError):
        list(rows(tables.rules, [line], "x"))


def test_columns_that_came_later_have_their_defaults() -> None:
    before = {key: value for key, value in RULE.items() if key not in {"exact", "text", "who", "until"}}
    (found,) = rows(tables.rules, [json.dumps(before).encode()], "x")
    assert found == {**RULE, "exact": False, "text": "", "who": "", "until": None}


def test_columns_without_a_default_are_missed() -> None:
    before = {key: value for key, value in RULE.items() if key != "name"}
    with pytest.raises(BackupError, match="name is missing"):
        list(rows(tables.rules, [json.dumps(before).encode()], "x"))
