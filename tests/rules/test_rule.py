"""The values that parsers, compiler and set share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules.rule import Action, Fact, Form

FACTS = st.builds(Fact, st.integers(0, 5000), st.sampled_from(Action), st.sampled_from(Form))


@given(FACTS)
def test_a_fact_survives_packing(fact: Fact) -> None:
    assert Fact.unpack(fact.pack()) == fact


@given(FACTS, FACTS)
def test_packed_facts_differ_and_sort_as_facts_do(one: Fact, other: Fact) -> None:
    assert (one.pack() < other.pack()) == (one < other)


@pytest.mark.parametrize("packed", [0x30, 0xF0, 0x04, 0x0F])
def test_an_unknown_action_or_form_is_refused(packed: int) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        Fact.unpack(packed)


@pytest.mark.parametrize(
    ("action", "form", "text"),
    [
        (Action.BLOCK, Form.EXACT, "a.example"),
        (Action.BLOCK, Form.SUBTREE, "||a.example^"),
        (Action.BLOCK, Form.WILDCARD, "*.a.example"),
        (Action.BLOCK, Form.SUBDOMAINS, "*.a.example^"),
        (Action.ALLOW, Form.EXACT, "@@a.example"),
        (Action.ALLOW, Form.SUBTREE, "@@||a.example^"),
        (Action.TRUST, Form.SUBTREE, "||a.example^"),
    ],
)
def test_a_rule_is_shown_as_a_person_would_write_it(action: Action, form: Form, text: str) -> None:
    assert Fact(0, action, form).show("a.example") == text


def test_actions_sort_strongest_first() -> None:
    assert sorted(Action) == [Action.TRUST, Action.ALLOW, Action.BLOCK]


def test_forms_say_what_they_mean() -> None:
    assert [form for form in Form if not form.at] == [Form.SUBDOMAINS]
    assert [form for form in Form if not form.below] == [Form.EXACT]
