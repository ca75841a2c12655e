"""Facts and the integers that they are kept as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules.fact import MOST_OPTIONS, SPECIAL, Fact, index_of, pack
from resolver.rules.rule import Action, Form

FACTS = st.builds(
    Fact,
    st.integers(0, 5000),
    st.sampled_from(Action),
    st.sampled_from(Form),
    st.integers(0, MOST_OPTIONS),
    st.booleans(),
)


@given(FACTS)
def test_a_fact_survives_packing(fact: Fact) -> None:
    assert Fact.unpack(fact.pack()) == fact
    assert index_of(fact.pack()) == fact.index


@given(FACTS, FACTS)
def test_packed_facts_differ_and_sort_as_facts_do(one: Fact, other: Fact) -> None:
    assert (one.pack() < other.pack()) == (one < other)


@given(FACTS)
def test_plain_rules_are_told_by_their_bits(fact: Fact) -> None:
    assert (fact.pack() & SPECIAL == 0) == (fact.options == 0 and not fact.cancels)


def test_a_rule_is_packed_without_its_fact() -> None:
    assert pack(7, Action.ALLOW, Form.SUBTREE, 9) == Fact(7, Action.ALLOW, Form.SUBTREE, 9).pack()


@pytest.mark.parametrize("packed", [8 << 29, 15 << 29, 4 << 25, 15 << 25, -1])
def test_an_unknown_action_or_form_is_refused(packed: int) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        Fact.unpack(packed)
