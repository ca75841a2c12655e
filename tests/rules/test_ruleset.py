"""Look-ups, against a reference that is slow and obviously right."""

import pathlib
import tempfile
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.rules.rule import Action, Fact, Form
from resolver.rules.ruleset import RuleSet, Winner
from resolver.rules.table import Table

LISTS = ["zero", "one", "two", "three"]
ALL = 0b1111


class Listed(NamedTuple):
    """One rule of one list."""

    labels: tuple[str, ...]
    fact: Fact


def rule_set(listed: Iterable[Listed]) -> RuleSet:
    table = Table()
    for labels, fact in listed:
        table.add(".".join(labels), fact.pack())
    with tempfile.TemporaryDirectory() as directory:  # mapped files outlive their names
        table.write(pathlib.Path(directory))
        return RuleSet.open(pathlib.Path(directory), LISTS)


def rules(*texts: str, index: int = 0, action: Action = Action.BLOCK) -> list[Listed]:
    """Rules by their text: `x`, `||x^`, `*.x`, `*.x^`."""
    forms = {("||", "^"): Form.SUBTREE, ("*.", "^"): Form.SUBDOMAINS, ("*.", ""): Form.WILDCARD}
    found = []
    for text in texts:
        ends = (text[:2], "^" if text.endswith("^") else "")
        name = text[2:].removesuffix("^") if ends in forms else text
        found.append(Listed(tuple(name.split(".")), Fact(index, action, forms.get(ends, Form.EXACT))))
    return found


def reference(listed: Iterable[Listed], labels: tuple[str, ...], mask: int) -> list[Winner]:
    """Every rule that matches, strongest first: each rule is looked at, label by label."""

    def matches(rule: Listed) -> bool:
        if rule.labels == labels:
            return rule.fact.form in (Form.EXACT, Form.SUBTREE, Form.WILDCARD)
        is_below = len(labels) > len(rule.labels) and labels[len(labels) - len(rule.labels) :] == rule.labels
        return is_below and rule.fact.form in (Form.SUBTREE, Form.WILDCARD, Form.SUBDOMAINS)

    def strength(rule: Listed) -> tuple[int, int, int, int]:
        return rule.fact.action, -len(".".join(rule.labels)), rule.fact.index, rule.fact.form

    chosen = [rule for rule in {*listed} if mask >> rule.fact.index & 1 and matches(rule)]
    return [winner(rule) for rule in sorted(chosen, key=strength)]


def winner(rule: Listed) -> Winner:
    owner = ".".join(rule.labels)
    return Winner(rule.fact.action, LISTS[rule.fact.index], rule.fact.index, owner, rule.fact.show(owner))


@pytest.mark.parametrize(
    ("rule", "yes", "no"),
    [
        ("a.example", ["a.example"], ["x.a.example", "xa.example", "example", "a.example.x", "a.exampl", ""]),
        (
            "||a.example^",
            ["a.example", "x.a.example", "y.x.a.example"],
            ["xa.example", "a.example.evil", "example", "."],
        ),
        ("*.a.example", ["a.example", "x.a.example"], ["xa.example", "example"]),
        ("*.a.example^", ["x.a.example", "y.x.a.example"], ["a.example", "xa.example"]),
        ("||zip^", ["zip", "x.zip"], ["gzip", "zip.x"]),
        ("||foo_bar.example^", ["foo_bar.example", "_x.foo_bar.example"], ["bar.example"]),
    ],
)
def test_forms(rule: str, yes: list[str], no: list[str]) -> None:
    tested = rule_set(rules(rule))
    for name in yes:
        found = tested.winner(name, ALL)
        assert found is not None, name
        assert (found.text, found.owner) == (rule, rule.strip("|*^").removeprefix(".")), name
    assert [name for name in no if tested.winner(name, ALL)] == []


def test_a_stronger_action_wins_over_a_longer_name() -> None:
    tested = rule_set(
        [
            *rules("||x.a.example^"),
            *rules("||a.example^", index=1, action=Action.ALLOW),
            *rules("||example^", index=2, action=Action.TRUST),
        ]
    )
    assert tested.winner("x.a.example", 0b111) == Winner(Action.TRUST, "two", 2, "example", "||example^")
    assert tested.winner("x.a.example", 0b011) == Winner(Action.ALLOW, "one", 1, "a.example", "@@||a.example^")
    assert tested.winner("x.a.example", 0b001) == Winner(Action.BLOCK, "zero", 0, "x.a.example", "||x.a.example^")
    assert tested.winner("x.a.example", 0b000) is None
    assert tested.winner("x.a.example", 0b1000) is None
    assert [found.list for found in tested.matches("x.a.example")] == ["two", "one", "zero"]


def test_in_one_action_the_longest_name_wins_then_the_first_list() -> None:
    tested = rule_set([*rules("||example^"), *rules("||a.example^", index=1), *rules("||a.example^", index=2)])
    assert [tested.winner("x.a.example", mask) for mask in (0b111, 0b101, 0b001)] == [
        Winner(Action.BLOCK, "one", 1, "a.example", "||a.example^"),
        Winner(Action.BLOCK, "two", 2, "a.example", "||a.example^"),
        Winner(Action.BLOCK, "zero", 0, "example", "||example^"),
    ]


def test_a_list_that_says_it_twice_shows_the_plainer_rule() -> None:
    tested = rule_set(rules("||a.example^", "a.example", "*.a.example"))
    assert [found.text for found in tested.matches("a.example")] == ["a.example", "||a.example^", "*.a.example"]
    found = tested.winner("x.a.example", ALL)
    assert found is not None
    assert found.text == "||a.example^"


def test_many_lists_fit_a_mask() -> None:
    table = Table()
    for index in range(200):
        table.add("a.example", Fact(index, Action.BLOCK, Form.EXACT).pack())
    with tempfile.TemporaryDirectory() as directory:
        table.write(pathlib.Path(directory))
        tested = RuleSet.open(pathlib.Path(directory), [str(index) for index in range(200)])
    found = tested.winner("a.example", 1 << 199 | 1 << 130)
    assert found is not None
    assert found.list == "130"


def test_after_closing_nothing_is_found() -> None:
    tested = rule_set(rules("||example^"))
    tested.close()
    assert tested.winner("a.example", ALL) is None
    assert tested.matches("a.example") == []
    assert len(tested) == 0
    tested.close()


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        (r"x\.ads.example", "example"),
        (r"ads\.example", None),
        (r"ads\046example", None),
        (r"x\\.ads.example", "ads.example"),
        (r"\\\.ads.example", "example"),
        (r"ads\032.example", "example"),
        (r"a\100s.example", "example"),
        ("x\0.ads.example", "ads.example"),
        ("\0ads.example", "example"),
        ("é.ads.example", "ads.example"),
        ("ad\u017f.example", "example"),
        ("\ud800.ads.example", "ads.example"),
        (r"\000" * 240 + ".ads.example", "ads.example"),
        ("ads.example\\", None),
        ("ads.example.", None),
        (".ads.example", "ads.example"),
    ],
)
def test_hostile_names_match_nothing_wrongly(name: str, owner: str | None) -> None:
    tested = rule_set(rules("||ads.example^", "*.example^"))
    found = tested.winner(name, ALL)
    assert (found and found.owner) == owner
    assert [match.owner for match in tested.matches(name)][:1] == ([owner] if owner else [])


LABELS = st.lists(st.sampled_from(["a", "b", "ab", "_", "example"]), min_size=1, max_size=4).map(tuple)
FACTS = st.builds(Fact, st.integers(0, 3), st.sampled_from(Action), st.sampled_from(Form))
LISTED = st.lists(st.builds(Listed, LABELS, FACTS), max_size=30)
ODD = st.lists(st.text("ab.\\ \0é", min_size=1, max_size=3) | st.sampled_from(["a", "example"]), min_size=1, max_size=4)


@settings(deadline=None)
@given(listed=LISTED, asked=st.lists(LABELS, min_size=1), mask=st.integers(0, ALL))
def test_it_agrees_with_the_reference(listed: list[Listed], asked: Sequence[tuple[str, ...]], mask: int) -> None:
    tested = rule_set(listed)
    for labels in [*asked, *(rule.labels for rule in listed)]:
        name = ".".join(labels)
        expected = reference(listed, labels, mask)
        assert tested.winner(name, mask) == (expected[0] if expected else None)
        assert tested.matches(name) == reference(listed, labels, ALL)


@settings(deadline=None)
@given(listed=LISTED)
def test_its_items_are_what_was_put_in(listed: list[Listed]) -> None:
    tested = rule_set(listed)
    assert {(name, fact) for name, facts in tested.items() for fact in facts} == {
        (".".join(labels), fact) for labels, fact in listed
    }
    assert len(tested) == len({labels for labels, _ in listed})
    assert all(list(facts) == sorted(facts) for _, facts in tested.items())


@settings(deadline=None)
@given(listed=LISTED, labels=ODD.map(tuple), mask=st.integers(0, ALL))
def test_labels_of_any_bytes_agree_with_the_reference(listed: list[Listed], labels: tuple[str, ...], mask: int) -> None:
    name = ".".join(label.replace("\\", "\\\\").replace(".", "\\.").replace("\0", "\\000") for label in labels)
    expected = reference(listed, labels, mask)
    assert rule_set(listed).winner(name, mask) == (expected[0] if expected else None)


@settings(deadline=None)
@given(name=st.text(max_size=1200))
def test_any_text_may_be_asked(name: str) -> None:
    tested = rule_set(rules("||a^", "b", "*.example"))
    first = next(iter(tested.matches(name)), None)
    assert tested.winner(name, ALL) == first
