"""CSV and JSON Lines: whole, whatever is in a name, and no formula for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.bodies import LogEntry
from resolver.admin.exported import COLUMNS, csv_head, csv_of, defused, jsonl_of, undefused

AT = 1_767_268_800
ENTRY = LogEntry(
    7, AT, "192.0.2.10", "kids", "www.example", "A", "NOERROR", "cache", "block", "ads", "||x^", "", "", 3, 90, "", "TV"
)
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "'",
    "'=1",
    "\uff1d1",
    "a;=b",
    'a"=b',
    "a,=b",
]


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def entry(**other: Any) -> LogEntry:
    return msgspec.structs.replace(ENTRY, **other)


def test_a_line_for_people_and_programs() -> None:
    head, line = rows(csv_head() + csv_of([ENTRY]))
    assert tuple(head) == COLUMNS
    found = dict(zip(head, line, strict=True))
    assert found["time"] == "2026-01-01T12:00:00Z"
    assert {key: found[key] for key in ("id", "at", "client", "device", "count", "rule")} == {
        "id": "7",
        "at": str(AT),
        "client": "192.0.2.10",
        "device": "TV",
        "count": "3",
        "rule": "||x^",
    }
    assert csv_of([ENTRY]).endswith(b"\r\n")


def test_json_lines() -> None:
    data = jsonl_of([ENTRY, entry(name="\u2028\n.example")])
    lines = data.split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line)["name"] for line in lines] == ["www.example", "\u2028\n.example"]
    assert msgspec.json.decode(lines[0], type=LogEntry) == ENTRY


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_spreadsheet_could_take_for_a_formula(text: str) -> None:
    (line,) = rows(csv_of([entry(name=text, rule=text, device=text)]))
    for cell in (line[COLUMNS.index(column)] for column in ("name", "rule", "device")):
        assert cell[0] not in "=+-@\t\r\n\uff1d"
        assert undefused(cell) == text


@given(st.text(alphabet=st.one_of(st.sampled_from("=+-@\t\r\n';,\"ax\\0\uff1d\uff0b"), st.characters(codec="utf-8"))))
def test_every_character_survives_and_no_cell_is_dangerous(text: str) -> None:
    (line,) = rows(csv_of([entry(name=text, rule=text)]))
    cell = line[COLUMNS.index("rule")]
    assert len(line) == len(COLUMNS)
    assert cell == defused(text)
    assert undefused(cell) == text
    for part in re.split("[;\t]", cell):
        assert not part.startswith(tuple("=+-@\r\n\uff1d\uff0b\uff0d\uff20"))


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8")), min_size=1, max_size=5))
def test_every_line_is_one_entry(names: list[str]) -> None:
    found = rows(csv_of([entry(name=name) for name in names]))
    assert [undefused(line[COLUMNS.index("name")]) for line in found] == names
    lines = jsonl_of([entry(name=name) for name in names]).split(b"\n")
    assert [msgspec.json.decode(line, type=LogEntry).name for line in lines[:-1]] == names
