"""Texts of many rules: what each line means, and what is told of it."""

from __future__ import annotations

import pytest

from resolver.admin.bulk import Bulk
from resolver.admin.rulebodies import BULK_LINES
from resolver.errors import ApiError
from resolver.store.rules import Added, NewRule, Rule

KIDS = NewRule("", "", group="kids", until=900.0, comment="of old", who="me")
TEXT = """# a comment

allow cdn.example.com
deny exact one.example   # with a reason
||ads.example^$dnstype=AAAA
@@||good.example^
0.0.0.0 a.example b.example
what is this
example.net##.ad
"""


def stored(new: NewRule, id: int) -> Rule:
    return Rule(new.action, new.name, exact=new.exact, text=new.text, id=id, created=1.0)


def test_every_line_means_what_it_says() -> None:
    bulk = Bulk(TEXT, "", KIDS)
    assert [(one.action, one.name, one.exact, one.text) for one in bulk.wanted] == [
        ("allow", "cdn.example.com", False, ""),
        ("deny", "one.example", True, ""),
        ("deny", "ads.example", False, "||ads.example^$dnstype=AAAA"),
        ("allow", "good.example", False, ""),
        ("deny", "a.example", True, ""),
        ("deny", "b.example", True, ""),
    ]
    assert {(one.group, one.until, one.comment, one.who) for one in bulk.wanted} == {("kids", 900.0, "of old", "me")}


def test_what_became_of_each_line() -> None:
    bulk = Bulk(TEXT, "", KIDS)
    added = [Added(stored(new, place), created=place not in {2, 5}) for place, new in enumerate(bulk.wanted, 1)]
    result = bulk.result(added, "", 7)
    assert [(line.line, line.outcome, line.id) for line in result.lines] == [
        (3, "added", 1),
        (4, "holds", 2),
        (5, "added", 3),
        (6, "added", 4),
        (7, "added", 6),
        (8, "error", None),
        (9, "error", None),
    ]
    assert result.lines[1].reason == "it is what deny exact one.example says"
    assert all(line.reason for line in result.lines if line.outcome == "error")
    assert (result.added, result.holds, result.errors, result.effective, result.change) == (4, 1, 2, True, 7)
    late = bulk.result(added, "worker 1 is away", 7)
    assert (late.effective, late.note) == (False, "worker 1 is away")


def test_names_need_no_action_of_their_own_when_one_is_given() -> None:
    allowed = Bulk("a.example\n||b.example^\ndeny c.example", "allow", KIDS).wanted
    assert [(one.action, one.name) for one in allowed] == [
        ("allow", "a.example"),
        ("allow", "b.example"),
        ("deny", "c.example"),
    ]


def test_lines_are_counted_as_editors_do() -> None:
    bulk = Bulk("a.example\r\n\u2028\x0c\r\nwhat is this", "deny", KIDS)
    assert [one.name for one in bulk.wanted] == ["a.example"]
    assert [line.line for line in bulk.result([Added(stored(bulk.wanted[0], 1), created=True)], "", 1).lines][-1] == 3


def test_there_is_an_end_to_it() -> None:
    assert len(Bulk("a.example\n" * BULK_LINES, "deny", KIDS).wanted) == BULK_LINES
    with pytest.raises(ApiError, match="5,001 lines; at most 5,000 go at once"):
        Bulk("a.example\n" * (BULK_LINES + 1), "deny", KIDS)


def test_long_and_hostile_lines_are_told_in_short() -> None:
    (line,) = Bulk("\x1b[2J" + "x" * 5000, "", KIDS).result([], "", None).lines
    assert len(line.text) == 200
    assert line.reason.isprintable()
