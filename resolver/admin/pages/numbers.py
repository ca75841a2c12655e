"""Numbers as they stand in addresses and forms, where anything may stand."""

from __future__ import annotations

_LONGEST = 18  # digits: what every database has room for


def number(text: str) -> int:
    """A whole number from 0 on; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST else 0


def first(text: str, count: int, size: int) -> int:
    """Where the page begins that the number is on: of so many rows (`count`), so many (`size`) a page; the last page
    for a number beyond."""
    return min(number(text), max(0, count - 1)) // size * size
