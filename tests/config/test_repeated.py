"""What is given twice is told with both of its places."""

from __future__ import annotations

from resolver.config.repeated import place, twice
from resolver.config.report import Place, Report


def test_places() -> None:
    report = Report("f")
    report.place("a[0]", Place("f", 3, "a[0]"))
    assert (place("a[0]", report), place("b", report)) == ("a[0] (line 3)", "b")


def test_each_more_is_told_of_the_first() -> None:
    report = Report("f")
    report.place("a", Place("f", 1, "a"))
    twice([("a", 1, "one"), ("b", 2, "two"), ("c", 1, "uno"), ("d", 1, "un")], report, "keep it")
    assert [problem.message for problem in report.problems] == [
        "uno is already at a (line 1); keep it",
        "un is already at a (line 1); keep it",
    ]
