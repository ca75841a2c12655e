"""The compiled set against a reference that is slow and obviously right."""

import ipaddress
import itertools
from collections import Counter
from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.model import Client
from resolver.rules.fact import Fact
from resolver.rules.rule import Action, Form, Network, Options, Rule
from resolver.rules.ruleset import RuleSet, Winner
from tests.rules import reference
from tests.rules.sets import AAAA, ALL, CNAME, LISTS, A, Listed, rule_set
from tests.rules.strategies import (
    ABOUT_NAMES,
    ABOUT_NETWORKS,
    ADDRESSES,
    CLIENTS,
    CLOSE,
    CLOSE_NAMES,
    CONDITION,
    NAMES,
    ODD,
    PATTERNS,
    TYPES,
    of_lists,
)


def shown(winner: Winner) -> reference.Found:
    assert winner.list == LISTS[winner.index]
    return reference.Found(winner.action, winner.index, winner.owner, winner.text, winner.says, winner.void)


def agree(tested: RuleSet, listed: list[Listed], labels: tuple[str, ...], mask: int, type: int, client: Client) -> None:
    """Look one name up in all ways. Rules of one list that are equally strong may come in any order."""
    name = ".".join(labels)
    found = [shown(one) for one in tested.matches(name, mask, type, client)]
    expected = reference.matches(listed, labels, mask, type, client)
    assert {*found} == {*expected}
    order = [(one.void, one.rank) for one in found]
    assert order == sorted(order)
    won = tested.winner(name, mask, type, client)
    effective = [one for one in found if mask >> one.source & 1 and not one.void]
    assert (None if won is None else shown(won)) == decided(effective)


def decided(effective: Sequence[reference.Found]) -> reference.Found | None:
    return effective[0]._replace(says=reference.says(effective)) if effective else None


@settings(deadline=None)
@given(of_lists(ABOUT_NAMES | PATTERNS), st.lists(NAMES, min_size=1), st.integers(0, ALL), TYPES, CLIENTS)
def test_it_agrees_with_the_reference(
    listed: list[Listed], asked: list[str], mask: int, types: list[int], client: Client
) -> None:
    tested = rule_set(listed)
    for name, type in itertools.product([*asked, *(name for name, _ in tested.items())], types or [A]):
        agree(tested, listed, tuple(name.split(".")), mask, type, client)


@settings(deadline=None, max_examples=300)
@given(of_lists(CLOSE))
def test_rules_that_speak_of_each_other_agree_with_the_reference(listed: list[Listed]) -> None:
    tested = rule_set(listed)
    for name, mask in itertools.product(("example", "a.example", "b!.a.example"), range(ALL + 1)):
        agree(tested, listed, tuple(name.split(".")), mask, A, Client("", "default"))


@settings(deadline=None)
@given(
    of_lists(
        st.builds(Rule, CLOSE_NAMES, st.sampled_from([Action.BLOCK, Action.ALLOW]), st.just(Form.SUBTREE), CONDITION)
    ),
    st.sampled_from([A, AAAA, CNAME]),
    CLIENTS,
)
def test_conditions_agree_with_the_reference(listed: list[Listed], type: int, client: Client) -> None:
    tested = rule_set(listed)
    for name, mask in itertools.product(("example", "a.example", "c.b.a.example"), (0b0001, 0b0110, ALL)):
        agree(tested, listed, tuple(name.split(".")), mask, type, client)


@settings(deadline=None)
@given(of_lists(ABOUT_NAMES | PATTERNS), ODD.map(tuple), st.integers(0, ALL))
def test_labels_of_any_bytes_agree_with_the_reference(listed: list[Listed], labels: tuple[str, ...], mask: int) -> None:
    name = ".".join(label.replace("\\", "\\\\").replace(".", "\\.").replace("\0", "\\000") for label in labels)
    client = Client("", "default")
    tested = rule_set(listed)
    found = [shown(one) for one in tested.matches(name, mask, A, client)]
    assert {*found} == {*reference.matches(listed, labels, mask, A, client)}
    won = tested.winner(name, mask, A, client)
    assert (None if won is None else shown(won)) == decided(
        [one for one in found if mask >> one.source & 1 and not one.void]
    )


@settings(deadline=None)
@given(
    of_lists(ABOUT_NETWORKS), st.lists(ADDRESSES, min_size=1), st.integers(0, ALL), st.sampled_from([A, AAAA]), CLIENTS
)
def test_addresses_agree_with_the_reference(
    listed: list[Listed], asked: list[str], mask: int, type: int, client: Client
) -> None:
    tested = rule_set(listed)
    for packed in (ipaddress.ip_address(text).packed for text in asked):
        found = reference.matches(listed, packed, mask, type, client)
        effective = [one for one in found if mask >> one.source & 1 and not one.void]
        won = tested.address(packed, mask, type, client)
        first = [one for one in effective if one.rank == effective[0].rank]
        assert (won is None) == (not first)
        if won is not None and won.action is not Action.REWRITE:
            # Of several that are equally strong any may win, and what they say adds up in any order.
            assert any(shown(won)[:4] == one[:4] for one in first)
            assert {*won.says} <= {saying for one in first for saying in one.says}
        elif won is not None:
            assert shown(won)[:4] in [one[:4] for one in first]
            assert {*won.says} <= {saying for one in effective for saying in one.says}
    assert len(tested) == 0
    assert list(tested.items()) == []


@settings(deadline=None)
@given(of_lists(ABOUT_NAMES | PATTERNS | ABOUT_NETWORKS))
def test_its_items_are_what_was_put_in(listed: list[Listed]) -> None:
    tested = rule_set(listed)
    names: dict[str, set[int]] = {}
    expected = set()
    for source, rule, trust in listed:
        if isinstance(rule, Rule):
            names.setdefault(rule.name, set()).add(source)
            action, options = rule.action, rule.options or Options()
            if trust:
                action, options = Action.TRUST, msgspec.structs.replace(options, says=None)
            expected.add((rule.name, source, action, rule.form, options))
    found = {
        (name, fact.index, fact.action, fact.form, tested.options(fact) or Options())
        for name, facts in tested.items()
        for fact in facts
    }
    assert found == expected
    assert len(tested) == len(names)
    assert all(list(facts) == sorted(facts) and facts for _, facts in tested.items())
    assert tested.counts() == dict(Counter(frozenset(sources) for sources in names.values()))
    assert tested.has_networks is any(isinstance(one.rule, Network) for one in listed)


@settings(deadline=None)
@given(of_lists(ABOUT_NAMES | PATTERNS), st.lists(CLIENTS, min_size=2, max_size=6), NAMES)
def test_clients_of_equal_signatures_are_treated_alike(listed: list[Listed], clients: list[Client], name: str) -> None:
    tested = rule_set(listed)
    answers: dict[int, list[Winner]] = {}
    for client in clients:
        found = tested.matches(name, ALL, A, client)
        assert answers.setdefault(tested.signature(client), found) == found


@settings(deadline=None)
@given(of_lists(ABOUT_NAMES | PATTERNS), st.text(max_size=1200))
def test_any_text_may_be_asked(listed: list[Listed], name: str) -> None:
    tested = rule_set(listed)
    client = Client("", "default")
    first = next((one for one in tested.matches(name, ALL, A, client) if not one.void), None)
    won = tested.winner(name, ALL, A, client)
    assert (won and won.text) == (first and first.text)


def test_the_facts_of_items_are_plain_for_plain_rules() -> None:
    tested = rule_set([Listed(1, Rule("a.example", Action.BLOCK, Form.EXACT))])
    assert dict(tested.items()) == {"a.example": (Fact(1, Action.BLOCK, Form.EXACT),)}
