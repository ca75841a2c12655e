"""Patterns, matched: RE2's answers, and the limits of one expression."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules.entries import Reader
from resolver.rules.fact import Fact
from resolver.rules.files import Expression
from resolver.rules.matcher import NOTHING, build, is_broad, open_matcher, steps
from resolver.rules.rule import Action, Form
from tests.rules.sets import NOBODY, A

PIECES = st.sampled_from(
    ["a", "b", r"\.", ".*", "[ab]", "(a|b.)", "^", "$", "a?", "b{2,3}", "(?:^|\\.)", "[^a.]", "ex", "\\?"]
)
REGEXES = st.lists(PIECES, max_size=5).map("".join)
NAMES = st.text("abex.?_", max_size=20)


def expression(regex: str, *facts: Fact) -> Expression:
    return Expression(regex, [(fact.pack(), f"/{regex}/ {fact.index}") for fact in facts])


def block(index: int = 0, action: Action = Action.BLOCK) -> Fact:
    return Fact(index, action, Form.EXACT)


@given(st.lists(REGEXES, min_size=1, max_size=12), st.lists(NAMES, min_size=1), st.integers(1, 11))
def test_it_finds_what_each_expression_alone_would_find(regexes: list[str], names: list[str], cut: int) -> None:
    first = min(cut, len(regexes))
    sizes = [size for size in (first, len(regexes) - first) if size]
    actions = [Action.BLOCK if place % 3 else Action.ALLOW for place in range(len(regexes))]
    expressions = [expression(regex, block(0, action)) for regex, action in zip(regexes, actions, strict=True)]
    matcher = open_matcher(expressions, sizes, Reader(1, []))
    for name in names:
        expected = [place for place, regex in enumerate(regexes) if re.search(regex, name)]
        assert matcher.find(name) == expected
        assert matcher.find(name, strong=True) == [place for place in expected if place % 3 == 0]


def test_what_no_rule_can_name_is_a_question_mark() -> None:
    matcher = open_matcher([expression(r"a\?b", block()), expression("!", block())], [2], Reader(1, []))
    for name in ("a!b", "a b", "a?b", "aAb", "a\0b"):
        assert matcher.find(name) == [0], name
    assert matcher.find("a_b") == []


def test_the_strongest_pattern_of_the_first_list_is_the_best() -> None:
    expressions = [
        expression("a", block(2), block(1)),
        expression("a.", block(0), block(3, Action.ALLOW)),
        expression("b", block(0, Action.BLOCK_IMPORTANT)),
    ]
    matcher = open_matcher(expressions, [3], Reader(4, []))
    best = [matcher.best(matcher.find("ax"), "ax", mask, A, NOBODY) for mask in (0b1111, 0b0111, 0b0110, 0b0100, 0)]
    assert best == [
        (block(3, Action.ALLOW), "/a./ 3"),
        (block(0), "/a./ 0"),
        (block(1), "/a/ 1"),
        (block(2), "/a/ 2"),
        (None, ""),
    ]
    assert {(number, fact.index) for number, fact, _ in matcher.matches("ax", 0, A, NOBODY)} == {
        (0, 1),
        (0, 2),
        (1, 0),
        (1, 3),
    }


def test_it_knows_which_lists_have_stronger_patterns() -> None:
    matcher = open_matcher(
        [expression("a", block(0), block(2, Action.ALLOW), block(3, Action.REWRITE))], [1], Reader(4, [])
    )
    assert matcher.stronger == (0, 0, 0b1000, 0b1000, 0b1000, 0b1000, 0b1100, 0b1100, 0b1101)
    assert NOTHING.stronger == (0,) * 9
    assert NOTHING.find("a") == []


@pytest.mark.parametrize(
    "regex", ["(", "a(?=b)", r"(a)\1", "[b-a]", "a{1001}", "(?:abc){1000}", "\ud800", "(?P<n", "a" * 5000]
)
def test_an_expression_that_re2_does_not_take_is_told_of(regex: str) -> None:
    assert steps(regex) is None
    assert build(["a", regex]) is None


@pytest.mark.parametrize("regex", ["", "a", "[^.]{1,63}", r"^(.+[_.-])?adse?rv(er?|ice)?s?[0-9]*[_.-]", "(?i)Ads", "é"])
def test_an_expression_that_it_takes_is_usable(regex: str) -> None:
    assert steps(regex)
    assert build([regex]) is not None


def test_expressions_that_are_too_many_for_one_filter_do_not_compile() -> None:
    assert build([f"{number}x" * 40 for number in range(5000)]) is None


def test_hostile_expressions_are_slow_for_nobody() -> None:
    hostile = [f"(a|b|ab)*[a-m][^.]{{{12 + number % 9}}}[n-z]{'x?' * (number // 9)}" for number in range(200)]
    filter = build(hostile)
    assert filter is not None
    start = time.process_time()
    for number in range(100):
        filter.Match(f"ab{number}" + "abnz" * 50 + ".example")
    assert time.process_time() - start < 4.0  # seconds; it takes 0.3


@pytest.mark.parametrize(
    ("expressions", "sizes", "why"),
    [
        ([expression("(", block())], [1], "1 expressions do not compile"),
        ([expression("a", block(4))], [1], "it speaks of list 4 of 4"),
        ([expression("a", Fact(0, Action.BLOCK, Form.EXACT, 1))], [1], "it speaks of options 1 of 0"),
        ([Expression("a", [(15 << 29, "")])], [1], "is not a valid Action"),
    ],
)
def test_what_no_table_writes_is_refused(expressions: list[Expression], sizes: list[int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        open_matcher(expressions, sizes, Reader(4, []))


@pytest.mark.parametrize(
    "regex", ["^[a-z]+[0-9]", ".", "", "a.*z", r"(^|\.)[a-z0-9]{16}\.org$", "^[^.]+$", "go?ogle|x"]
)
def test_an_expression_without_a_rare_piece_is_broad(regex: str) -> None:
    assert is_broad(regex)


@pytest.mark.parametrize("regex", ["^adserv[0-9]+", "(?i)-ads[.]", "(track|analy)[a-z]*[.]"])
def test_an_expression_with_a_rare_piece_is_not_broad(regex: str) -> None:
    assert not is_broad(regex)
