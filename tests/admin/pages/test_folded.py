"""A name that was blocked in several types is one row."""

from __future__ import annotations

from msgspec.structs import replace

from resolver.admin.bodies import LogEntry
from resolver.admin.pages.folded import folded

ONE = LogEntry(
    9,
    100,
    "192.0.2.1",
    "default",
    "t.example",
    "HTTPS",
    "NOERROR",
    "blocked",
    "block",
    "ads",
    "t.example",
    "",
    "",
    1,
    5,
)


def test_types_and_repeats_are_one_row_with_a_count() -> None:
    entries = [ONE, replace(ONE, id=8, type="AAAA"), replace(ONE, id=7, name="u.example"), replace(ONE, id=6, count=3)]
    assert [(one.id, one.name, one.count) for one in folded(entries, 5)] == [(9, "t.example", 5), (7, "u.example", 1)]
    assert [one.count for one in folded(entries, 1)] == [5], "what is left out is counted all the same"


def test_other_devices_rules_and_ways_are_rows_of_their_own() -> None:
    others = [replace(ONE, client="192.0.2.2"), replace(ONE, rule="||example^"), replace(ONE, via="x.example")]
    assert folded([ONE, *others], 9) == [ONE, *others]


def test_names_that_are_not_kept_are_not_one() -> None:
    unknown = [replace(ONE, id=id, name="", client="", rule="") for id in (3, 2, 1)]
    assert folded(unknown, 9) == unknown
