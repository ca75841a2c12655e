"""Conditions in memory: what the database is held against in the tests of pages."""

from __future__ import annotations

from typing import Any

import pytest

from resolver.store.filters import ANY, LogFilter, LogRow, matches, of_shadow
from tests.store.making import NOON

ROW = LogRow(
    *(7, NOON, "192.0.2.1", "kids", "www.a.example", 28, 3, "upstream", "block", "ads", "||a.example^", "t.example"),
    *("udp://192.0.2.53", 2, 1500, "trial: ||x^"),
)


@pytest.mark.parametrize(
    ("condition", "holds", "not_this"),
    [
        ("clients", ("192.0.2.2", "192.0.2.1"), ()),
        ("group", "kids", "default"),
        ("name", "a.example", "w.a.example"),
        ("name", ".", "ww.a.example"),
        ("exact", "www.a.example", "a.example"),
        ("part", "W.A", "a.w"),
        ("type", 28, 1),
        ("verdict", "block", "pass"),
        ("source", "ads", "rules"),
        ("rule", "||a.example^", "a.example"),
        ("origin", "upstream", "cache"),
        ("upstream", "udp://192.0.2.53", ""),
        ("rcode", 3, 0),
        ("since", NOON, NOON + 0.5),
        ("until", NOON + 0.5, NOON),
        ("slower", 1.4, 1.5),
        ("shadow", "trial", "tria"),
        ("shadow", ANY, ""),
    ],
)
def test_each_condition(condition: str, holds: Any, not_this: Any) -> None:
    assert matches(LogFilter(**{condition: holds}), ROW)
    assert not matches(LogFilter(**{condition: not_this}), ROW)


def test_all_hold_at_once() -> None:
    assert matches(LogFilter(), ROW)
    assert matches(LogFilter(group="kids", verdict="block", rcode=3), ROW)
    assert not matches(LogFilter(group="kids", verdict="block", rcode=0), ROW)


@pytest.mark.parametrize(
    ("list", "shadow", "is_of"),
    [
        ("a", "a: ||x^", True),
        ("a", "a", True),
        ("a", "a-2: x", False),
        ("", "", False),
        (ANY, "", False),
        (ANY, "b", True),
    ],
)
def test_the_shadow_list_of_a_rule(list: str, shadow: str, is_of: bool) -> None:
    assert of_shadow(list, shadow) is is_of
