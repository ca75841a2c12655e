"""Who wins among rules that match."""

import pytest

from resolver.model import Nodata, NullAddress, Nxdomain
from resolver.rules.fact import Fact
from resolver.rules.rule import Action, Datum, Form, Saying
from resolver.rules.settle import Match, says, settle
from tests.rules.sets import CNAME, A

ALL = 0b1111
ONE, TWO, ALIAS = Datum(A, b"1111"), Datum(A, b"2222"), Datum(CNAME, b"\1x\0")


def match(action: Action, owner: str, index: int = 0, said: Saying | None = None, form: Form = Form.SUBTREE) -> Match:
    return Match(Fact(index, action, form), owner, len(owner), 0, f"{action.name} {owner}", said)


def texts(*matches: Match, mask: int = ALL) -> tuple[list[str], list[str]]:
    """What has an effect and what has none, as text, whatever the order they come in."""
    settled = settle(matches, mask)
    assert settle(reversed(matches), mask) == settled
    return [one.text for one in settled.effective], [one.text for one in settled.void]


def test_the_stronger_action_then_the_longer_name_then_the_lower_list() -> None:
    matches = [
        match(Action.TRUST, "a", 3),
        match(Action.REWRITE, "a", 3),
        match(Action.ALLOW_IMPORTANT, "a"),
        match(Action.BLOCK_IMPORTANT, "a"),
        match(Action.ALLOW, "bb.a", 2),
        match(Action.ALLOW, "a", 0),
        match(Action.ALLOW, "a", 1),
        match(Action.BLOCK, "c.bb.a"),
    ]
    assert settle(matches[::-1], ALL).effective == matches


@pytest.mark.parametrize(
    ("exception", "remaining"),
    [(None, []), (ONE, ["REWRITE b"]), (TWO, ["REWRITE a"]), (ALIAS, ["REWRITE b", "REWRITE a"][::-1])],
)
def test_an_exception_takes_rewrites_away(exception: Saying | None, remaining: list[str]) -> None:
    rewrites = [match(Action.REWRITE, "a", 0, ONE), match(Action.REWRITE, "b", 1, TWO)]
    effective, void = texts(*rewrites, match(Action.EXCEPT, "x", 2, exception))
    assert effective == sorted(remaining)
    assert set(void) == {"REWRITE a", "REWRITE b", "EXCEPT x"} - set(remaining)


def test_an_exception_of_a_list_that_is_not_used_takes_nothing_away() -> None:
    matches = [match(Action.REWRITE, "a", 0, ONE), match(Action.EXCEPT, "x", 2)]
    assert texts(*matches, mask=0b0011) == (["REWRITE a"], ["EXCEPT x"])
    assert texts(*matches, mask=0b0100) == ([], ["REWRITE a", "EXCEPT x"])


def test_an_exception_leaves_what_is_no_rewrite() -> None:
    effective, _ = texts(match(Action.EXCEPT, "a"), match(Action.BLOCK, "a"), match(Action.ALLOW, "a"))
    assert effective == ["ALLOW a", "BLOCK a"]


@pytest.mark.parametrize(
    ("exempt", "block", "effective"),
    [
        ("a", "b.a", ["BLOCK b.a"]),
        ("b.a", "a", ["EXEMPT b.a"]),
        ("b.a", "b.a", ["EXEMPT b.a"]),
    ],
)
def test_in_one_list_the_longer_name_counts(exempt: str, block: str, effective: list[str]) -> None:
    assert texts(match(Action.EXEMPT, exempt), match(Action.BLOCK, block))[0] == effective


def test_an_exemption_stands_above_the_blocks_of_other_lists() -> None:
    effective, void = texts(match(Action.EXEMPT, "a", 1), match(Action.BLOCK, "b.a", 0), match(Action.BLOCK, "a", 2))
    assert (effective, void) == (["EXEMPT a", "BLOCK b.a", "BLOCK a"], [])


def test_the_longest_of_several_in_one_list_counts() -> None:
    effective, void = texts(match(Action.EXEMPT, "a"), match(Action.BLOCK, "b.a"), match(Action.EXEMPT, "c.b.a"))
    assert (effective, void) == (["EXEMPT c.b.a"], ["EXEMPT a", "BLOCK b.a"])
    effective, void = texts(match(Action.BLOCK, "a"), match(Action.EXEMPT, "b.a"), match(Action.BLOCK, "c.b.a"))
    assert (effective, void) == (["BLOCK c.b.a"], ["EXEMPT b.a", "BLOCK a"])


def test_an_exemption_says_nothing_of_important_blocks() -> None:
    assert texts(match(Action.EXEMPT, "b.a"), match(Action.BLOCK_IMPORTANT, "a"))[1] == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([ONE, TWO], (ONE, TWO)),
        ([ONE, ONE, TWO], (ONE, TWO)),
        ([ONE, ALIAS, TWO], (ONE, ALIAS)),
        ([ALIAS, ONE], (ALIAS,)),
        ([ONE, Nxdomain(), TWO], (ONE, Nxdomain())),
        ([Nodata(), ONE], (ONE,)),
        ([ONE, Nodata(), ALIAS, TWO], (ONE, ALIAS)),
        ([Nodata(), Nxdomain(), ONE], (Nxdomain(),)),
        ([Nodata()], (Nodata(),)),
        ([NullAddress(), ONE], (NullAddress(),)),
        ([None, ONE], (ONE,)),
        ([None], ()),
    ],
)
def test_rewrites_add_up_until_one_ends_it(said: list[Saying | None], expected: tuple[Saying, ...]) -> None:
    rewrites = [match(Action.REWRITE, "a" * (9 - place), place, saying) for place, saying in enumerate(said)]
    effective = settle([match(Action.BLOCK, "zz", 0, Nxdomain()), *rewrites], ALL).effective
    assert says(effective) == expected


def test_records_of_one_list_and_name_add_up() -> None:
    first = match(Action.BLOCK, "a", 0, ONE)
    for other, added in (
        (match(Action.BLOCK, "a", 0, TWO, Form.WILDCARD), True),
        (match(Action.BLOCK, "a", 1, TWO), False),
        (match(Action.BLOCK, "b", 0, TWO), False),
        (match(Action.ALLOW, "a", 0, TWO), False),
    ):
        assert says([first, other]) == ((ONE, TWO) if added else (ONE,))


def test_a_plain_block_is_answered_in_the_households_way() -> None:
    assert says([match(Action.BLOCK, "a"), match(Action.BLOCK, "a", 0, ONE)]) == ()
