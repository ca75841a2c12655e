"""Adblock lines that nobody means well: whatever is in them, they give rules that hold together, and soon."""

from __future__ import annotations

import itertools
import time

import pytest
import re2
from hypothesis import example, given
from hypothesis import strategies as st

from resolver.rules import adblock
from resolver.rules.normal import normal
from resolver.rules.rule import Action, Cancel, Pattern, Rule, Skip

PIECES = [
    *["||", "|", "@@", "^", "*", ".", "/", "$", ",", "=", "~", "'", '"', "\\", "#", "##", "$$", "[", "]"],
    *["a.example", "bücher", "192.0.2.1", "2001:db8::1", "🎉", "important", "badfilter", "dnsrewrite"],
    *["client=", "dnstype=A", "denyallow=", "NOERROR;TXT;"],
]
TEXTS = st.text() | st.text(st.sampled_from("|*^./$a=,1:@#[]é"))


@given(TEXTS | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("\ud800")
@example("/\ud800/")
@example("||a^$client=\ud800")
@example("||a^$dnsrewrite=NOERROR;TXT;\ud800")
def test_whatever_a_line_holds_it_is_parsed(line: str) -> None:
    for one in adblock.parse(line):
        found = one.rule if isinstance(one, Cancel) else one
        if isinstance(found, Rule):
            assert normal(found.name) == found.name
        if isinstance(found, Pattern):
            re2.compile(found.regex)
        if not isinstance(found, Skip) and found.options is not None:
            assert (found.action in (Action.REWRITE, Action.EXCEPT)) or found.options.says is None


@pytest.mark.parametrize(
    "sign", ["|", "*", "$", ",", "/", "^", "#", "@", "'", "\\", "é", "a.", "$#", "#$", "$a,", "/$", "(a*)*", "0:"]
)
def test_hostile_lines_take_no_time(sign: str) -> None:
    long = sign * (65536 // len(sign))
    started = time.process_time()
    for before, after in itertools.product(["", "||", "@@", "/", "||a^$client=", "[", "# "], ["", "^", "/", "]"]):
        adblock.parse(before + long + after)
    assert time.process_time() - started < 2.0  # 28 lines of 64 KiB
