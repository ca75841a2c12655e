"""`$badfilter` among the facts beside one owner."""

import msgspec

from resolver.rules.cancel import resolve, unless
from resolver.rules.fact import Fact
from resolver.rules.rule import Action, Form

BLOCK = Fact(0, Action.BLOCK, Form.SUBTREE)


def cancelling(fact: Fact, index: int) -> Fact:
    return msgspec.structs.replace(fact, index=index, cancels=True)


def resolved(*facts: Fact) -> list[Fact]:
    """With the options 1 and 2 saying the same, and 3 another thing."""
    same = {0: 0, 1: 1, 2: 1, 3: 3}
    return [Fact.unpack(packed) for packed in resolve(tuple(fact.pack() for fact in facts), same.__getitem__)]


def test_one_that_takes_nothing_away_is_left_out() -> None:
    others = [
        msgspec.structs.replace(BLOCK, form=Form.EXACT),
        msgspec.structs.replace(BLOCK, action=Action.ALLOW),
        msgspec.structs.replace(BLOCK, options=3),
    ]
    assert resolved(BLOCK, *(cancelling(other, 1) for other in others)) == [BLOCK]
    assert resolved(cancelling(BLOCK, 1)) == []
    assert unless([BLOCK]) == {BLOCK: 0}


def test_a_rule_is_cancelled_by_every_list_that_says_so() -> None:
    in_two = msgspec.structs.replace(BLOCK, index=2)
    facts = resolved(BLOCK, in_two, cancelling(BLOCK, 1), cancelling(BLOCK, 2))
    assert unless(facts) == {BLOCK: 0b110, in_two: 0b110}


def test_options_that_say_the_same_are_equal_however_they_are_written() -> None:
    one, other, third = (msgspec.structs.replace(BLOCK, options=id) for id in (1, 2, 3))
    assert unless(resolved(one, other, third, cancelling(one, 5))) == {one: 1 << 5, other: 1 << 5, third: 0}
