"""Entries of the log as files: CSV (RFC 4180, UTF-8) and JSON Lines. Pure.

Names and rules are made by strangers, and a spreadsheet takes a cell that begins with = + - @ for a formula, to be
worked out on the machine of whoever opens the file. So in CSV a ' stands before what could be one: at the beginning of
a cell, and after a ; or a tab in it, where spreadsheets of some languages begin the next; and before a ' at these
places, so that `undefused` gives back every character.
"""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec.structs import astuple

from resolver.admin.bodies import LogEntry

COLUMNS = ("time", *LogEntry.__struct_fields__)
"""The columns of the CSV: the moment for people (UTC), then the fields of an entry."""

_FIRST = "=+-@\t\r\n'\uff0b\uff0d\uff1d\uff20"  # the last four are their full-width forms
_DANGEROUS = re.compile(rf"(?:\A|(?<=[;\t]))(?=[{re.escape(_FIRST)}])")
_DEFUSED = re.compile(rf"(?:\A|(?<=[;\t]))'(?=[{re.escape(_FIRST)}])")

_encoder = msgspec.json.Encoder()


def csv_head() -> bytes:
    """The first line."""
    return _written([COLUMNS])


def csv_of(entries: Iterable[LogEntry]) -> bytes:
    """A line for each."""
    return _written([_moment(one.at), *map(_cell, astuple(one))] for one in entries)


def jsonl_of(entries: Iterable[LogEntry]) -> bytes:
    """A line for each: the JSON that the API gives."""
    return b"".join(_encoder.encode(one) + b"\n" for one in entries)


def defused(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    harmless = text[:1] not in _FIRST and ";" not in text and "\t" not in text
    return text if harmless or not text else _DANGEROUS.sub("'", text)


def undefused(text: str) -> str:
    """What a cell of the CSV says: the text as it was."""
    return _DEFUSED.sub("", text)


def _cell(value: object) -> object:
    return defused(value) if isinstance(value, str) else value


@functools.lru_cache(maxsize=8)
def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
