"""Lists of names, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules import domains
from resolver.rules.rule import Action, Form, Reason, Rule, Skip


@pytest.mark.parametrize(
    ("line", "name", "form"),
    [
        ("a.example", "a.example", Form.EXACT),
        ("A.Example. # x", "a.example", Form.EXACT),
        ("foo_bar.example.com", "foo_bar.example.com", Form.EXACT),
        ("bücher.example", "xn--bcher-kva.example", Form.EXACT),
        ("zip", "zip", Form.EXACT),
        ("*.a.example", "a.example", Form.WILDCARD),
        ("*.zip\t#", "zip", Form.WILDCARD),
        ("*.A.Example. # x", "a.example", Form.WILDCARD),
        ("ip6-ads.example", "ip6-ads.example", Form.EXACT),
    ],
)
def test_names_are_blocked(line: str, name: str, form: Form) -> None:
    assert domains.parse(line) == (Rule(name, Action.BLOCK, form),)


def test_a_source_may_mean_subtrees() -> None:
    assert domains.parse("a.example", Form.SUBTREE) == (Rule("a.example", Action.BLOCK, Form.SUBTREE),)
    assert domains.parse("*.a.example", Form.SUBTREE) == (Rule("a.example", Action.BLOCK, Form.WILDCARD),)


@pytest.mark.parametrize(
    "line", ["", "# a.example", "#a.example", "! x", " # x", "localhost", "LocalHost. # x", "0.0.0.0", "ip6-allnodes"]
)
def test_comments_and_the_machine_itself_say_nothing(line: str) -> None:
    assert domains.parse(line) == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("192.0.2.1", Reason.ADDRESS),
        ("2001:db8::1", Reason.ADDRESS),
        ("a.example b.example", Reason.NOT_A_NAME),
        ("a.example#x", Reason.NOT_A_NAME),
        ("||a.example^", Reason.NOT_A_NAME),
        (".a.example", Reason.NOT_A_NAME),
        ("*.", Reason.NOT_A_NAME),
        ("*", Reason.NOT_A_NAME),
        ("*.*.example", Reason.NOT_A_NAME),
        ("a.*.example", Reason.NOT_A_NAME),
        ("https://a.example/", Reason.NOT_A_NAME),
        ("<html>", Reason.NOT_A_NAME),
        ("a" * 300, Reason.NOT_A_NAME),
    ],
)
def test_the_rest_is_skipped_with_a_reason(line: str, reason: Reason) -> None:
    assert domains.parse(line) == (Skip(reason),)


@given(st.one_of(st.text(), st.text("a.*# \0é")))
def test_no_line_makes_it_raise(line: str) -> None:
    for found in domains.parse(line):
        assert isinstance(found, Rule | Skip)
