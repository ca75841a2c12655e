"""What is printed: nothing that a terminal would act on, whatever it is made of."""

from __future__ import annotations

import json
import os
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.commands import output
from tests.commands.played import HOSTILE


@given(st.text() | st.text(alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_safe_text_is_printable_and_printable_text_is_safe(text: str) -> None:
    shown = output.safe(text)
    assert shown.isprintable()
    assert output.safe(shown) == shown
    assert (shown == text) is text.isprintable()


def test_hostile_text_stands_as_escapes() -> None:
    assert output.safe(HOSTILE) == r"\x1b[2J\x07\n\u202eevil\x9b31m\x7f"
    assert output.safe("\udcff") == r"\udcff"


def test_lines_notes_and_tables_are_safe(capsys: pytest.CaptureFixture[str]) -> None:
    output.line(HOSTILE, head=HOSTILE)
    output.note(HOSTILE)
    output.table((HOSTILE, "B"), [(HOSTILE, "b")])
    out, err = capsys.readouterr()
    assert [text.isprintable() for text in (out + err).splitlines()] == [True] * 4


def test_a_table_is_aligned_and_has_no_trailing_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("NAME", "N", "LAST"), [("a", "1,000", ""), ("a-long-name", "2", "z")])
    assert capsys.readouterr().out.splitlines() == [
        "NAME         N      LAST",
        "a            1,000",
        "a-long-name  2      z",
    ]


def test_a_table_without_rows_is_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("A", "B"), [])
    assert capsys.readouterr().out == "A  B\n"


@pytest.mark.parametrize("as_bytes", [True, False])
def test_json_is_ascii_and_says_the_same(capsys: pytest.CaptureFixture[str], *, as_bytes: bool) -> None:
    value = {"name": HOSTILE, "n": [1, None, 2.5]}
    output.as_json(json.dumps(value).encode() if as_bytes else value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert all(" " <= c <= "~" or c == "\n" for c in printed)


def test_a_json_line_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.json_line({"name": HOSTILE})
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert json.loads(printed) == {"name": HOSTILE}


@pytest.mark.parametrize(
    ("no_color", "terminal", "shown"),
    [
        (None, True, "\x1b[31mBLOCKED\x1b[0m x"),
        ("", True, "\x1b[31mBLOCKED\x1b[0m x"),
        ("1", True, "BLOCKED x"),
        (None, False, "BLOCKED x"),
    ],
)
def test_colour_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, no_color: str | None, shown: str, *, terminal: bool
) -> None:
    if no_color is None:
        monkeypatch.delenv("NO_COLOR", raising=False)
    else:
        monkeypatch.setenv("NO_COLOR", no_color)
    reader, writer = os.openpty() if terminal else os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as out, os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        output.line(" x", head="BLOCKED", colour=output.colour_of("block"))
        monkeypatch.undo()
        stream.flush()
        printed = out.read(100).decode()
    assert printed.rstrip("\r\n") == shown


def test_times_are_local_iso(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert output.when(1_700_000_000) == "2023-11-14 23:13:20"
        assert output.day_or(1_700_000_000, "never") == "2023-11-14"
        assert output.day_or(0.0, "never") == "never"
        assert output.when_or(0, "never") == output.when_or(None, "never") == "never"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (3_210_000, "3.2 MB"),
        (999_000_000, "999.0 MB"),
        (12_345_678_901, "12.3 GB"),
    ],
)
def test_sizes(count: int, shown: str) -> None:
    assert output.size(count) == shown


def test_a_field_is_below_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    output.field("state", f"ok {HOSTILE}")
    assert capsys.readouterr().out == "  state      ok \\x1b[2J\\x07\\n\\u202eevil\\x9b31m\\x7f\n"


def test_whom_a_rule_is_for() -> None:
    assert [output.whom("", ""), output.whom("192.0.2.1", ""), output.whom("", "kids")] == [
        "everyone",
        "192.0.2.1",
        "group kids",
    ]
