"""Patterns while they are gathered."""

import pytest

from resolver.rules import expressions
from resolver.rules.expressions import Expressions
from resolver.rules.fact import Fact
from resolver.rules.files import Expression
from resolver.rules.matcher import build, is_broad, steps
from resolver.rules.rule import Action, Form, Reason


def fact(index: int = 0, options: int = 0, *, cancels: bool = False) -> int:
    return Fact(index, Action.BLOCK, Form.EXACT, options, cancels).pack()


def test_equal_patterns_of_several_lists_share_an_expression() -> None:
    gathered = Expressions()
    for index, text in ((1, "/a/"), (0, "/(?:a)/"), (1, "/a/$again")):
        assert gathered.add("a", fact(index), text) is None
    assert gathered.add("b", fact(), "/b/") is None
    assert gathered.finish(int) == (
        [Expression("a", [(fact(0), "/(?:a)/"), (fact(1), "/a/")]), Expression("b", [(fact(), "/b/")])],
        [2],
        [],
    )


def test_nothing_makes_no_filter() -> None:
    gathered = Expressions()
    gathered.add("a", fact(1, cancels=True), "/a/$badfilter")
    assert gathered.finish(int) == ([], [], [])


def test_one_that_cancels_is_kept_where_it_does() -> None:
    gathered = Expressions()
    gathered.add("a", fact(1, cancels=True), "/a/$badfilter")
    gathered.add("a", fact(0), "/a/")
    assert gathered.finish(int).expressions == [Expression("a", [(fact(0), "/a/"), (fact(1, cancels=True), "")])]


@pytest.mark.parametrize("regex", ["(", "a(?!b)", r"\1", "(?:a{1,100}){1,100}"])
def test_what_cannot_be_used_is_refused(regex: str) -> None:
    gathered = Expressions()
    assert gathered.add(regex, fact(), regex) is Reason.REGEX
    assert gathered.finish(int).expressions == []


def test_a_list_may_have_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "MAX_PATTERNS", 3)
    monkeypatch.setattr(expressions, "MAX_EXPRESSIONS", 4)
    gathered = Expressions()
    assert [gathered.add(f"a{number}", fact(), "") for number in range(4)] == [None, None, None, Reason.TOO_MANY]
    assert gathered.add("a0", fact(), "again") is None
    assert [gathered.add(f"a{number}", fact(1), "") for number in (0, 7, 8, 1)] == [None, None, Reason.TOO_MANY, None]
    assert sum(gathered.finish(int).filters) == 4


def test_texts_may_take_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "MAX_TEXT", 10)
    gathered = Expressions()
    assert gathered.add("abc", fact(), "/abc/") is None
    assert gathered.add("d", fact(), "/d/") is Reason.TOO_MANY
    assert gathered.add("d", fact(), "d") is None


def test_expressions_that_every_name_is_tried_on_may_cost_so_much() -> None:
    gathered = Expressions()
    for index in range(4):
        hostile = [f"[ab].{{{number % 90 + 1}}}[cd].{{{number // 90}}}[j-{'klmn'[index]}]" for number in range(1000)]
        outcomes = [gathered.add(regex, fact(index), "") for regex in hostile]
        assert set(outcomes) <= {None, Reason.TOO_MANY}
        assert (outcomes.count(None) > 30) == (index < 2)  # what one list has leaves room for another's
    assert gathered.add("^ads[0-9]+[.]", fact(5), "a rare piece") is None
    made = gathered.finish(int).expressions
    assert sum(steps(one.regex) or 0 for one in made if is_broad(one.regex)) <= expressions.MAX_BROAD_STEPS


def test_all_together_may_cost_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "MAX_STEPS", 4 * (steps("somewhere1") or 0))
    gathered = Expressions()
    assert [gathered.add(f"somewhere{one}", fact(), "") for one in "1123"] == [None, None, None, Reason.TOO_MANY]
    assert [gathered.add(f"somewhere{one}", fact(1), "") for one in "134"] == [None, None, None]
    assert gathered.add("somewhere5", fact(2), "") is Reason.TOO_MANY
    assert gathered.add("somewhere1", fact(2), "") is None  # costs nothing more


def test_no_filter_takes_long_to_make() -> None:
    gathered = Expressions()
    for number in range(2 * expressions.FILTER + 1):
        assert gathered.add(f"^ads{number}[0-9]", fact(), "") is None
    assert gathered.finish(int).filters == [expressions.FILTER, expressions.FILTER, 1]


def test_what_fits_no_filter_is_cut_and_dropped_from_the_heaviest_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "MAX_FILTERS", 2)
    gathered = Expressions()
    for number in range(1000):
        assert gathered.add(f"[ab][cd]{f'{number:03}'[::-1]}{'x' * 60}[ef][gh]", fact(0), f"heavy {number}") is None
    for number in range(20):
        assert gathered.add(f"light{number}$", fact(1), f"light {number}") is None
    made, filters, dropped = gathered.finish(int)
    assert len(filters) == 2
    assert sum(filters) == len(made) > 20
    assert {one.regex for one in made} >= {f"light{number}$" for number in range(20)}
    assert len(dropped) == 1020 - len(made)
    assert {index for index, _ in dropped} == {0}
    start = 0
    for size in filters:
        assert build([one.regex for one in made[start : start + size]]) is not None
        start += size
    assert build([one.regex for one in made[: filters[0] + 1]]) is None
