"""What people read: lines, tables, times, colour. Everything from outside goes through `safe` on its way out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

RED, GREEN, YELLOW = 31, 32, 33
_COLOURS = {"block": RED, "refused": RED, "allow": GREEN, "pass": GREEN, "rewrite": YELLOW}


def safe(text: str) -> str:
    """The text on one line, with nothing that a terminal would act on: what is not printable stands as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def line(text: str = "", *, head: str = "", colour: int = 0) -> None:
    """Print a line, safely; `head` comes before it, in colour where that is wanted."""
    print(painted(safe(head), colour) + safe(text))


def note(text: str) -> None:
    """Print a line, safely, on standard error."""
    print(safe(text), file=sys.stderr)


def painted(text: str, colour: int) -> str:
    """The text in an ANSI colour, if standard output is a terminal and NO_COLOR is not set (no-color.org)."""
    if not colour or not text or os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def colour_of(verdict: str) -> int:
    """The colour of a verdict's word; 0 for none."""
    return _COLOURS.get(verdict, 0)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their heads, columns aligned."""
    cells = [[safe(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def as_json(value: object) -> None:
    """Print JSON in plain ASCII, so that no text in it can reach the terminal as it is. `value` may be JSON already."""
    tree = msgspec.json.decode(value) if isinstance(value, bytes) else msgspec.to_builtins(value)
    print(_ascii(json.dumps(tree, indent=2)))


def json_line(value: object) -> None:
    """The same on one line, for output that has no end."""
    print(_ascii(json.dumps(msgspec.to_builtins(value))))


def _ascii(text: str) -> str:
    return text.replace("\x7f", "\\u007f")


def when(at: float) -> str:
    """Unix time as local ISO 8601 date and time, to the second."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def day_or(at: float, otherwise: str) -> str:
    """Unix time as a date, or a word where there is no time (0)."""
    return when(at)[:10] if at else otherwise


def size(count: int) -> str:
    """Bytes, as people say how large something is."""
    for unit, limit in (("bytes", 1e3), ("kB", 1e6), ("MB", 1e9)):
        if count < limit:
            return f"{count:,} bytes" if unit == "bytes" else f"{count / limit * 1e3:.1f} {unit}"
    return f"{count / 1e9:.1f} GB"


def field(title: str, text: str, width: int = 10) -> None:
    """Print what something is, below a head; titles get so many columns."""
    line(f"  {title:<{width}} {text}")


def when_or(at: float | None, otherwise: str) -> str:
    """The same, or a word where there is no time (None, or 0)."""
    return when(at) if at else otherwise


def whom(client: str, group: str) -> str:
    """Whom a rule or a pause is for."""
    return client or (f"group {group}" if group else "everyone")
