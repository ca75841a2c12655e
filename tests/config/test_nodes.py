"""Nodes as messages speak of them."""

from __future__ import annotations

import pytest
import yaml

from resolver.config import nodes


def _node(text: str) -> yaml.Node:
    found = yaml.compose(text, Loader=yaml.SafeLoader)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a]", "a list"),
        ("{a: b}", "a mapping"),
        ("~", "nothing"),
        ("word", 'text "word"'),
        ('"1"', 'text "1"'),
        ("no", "a yes/no value no"),
        ("12:30", "a number 12:30"),
        ("1.5", "a number 1.5"),
        ("2026-01-01", "a date 2026-01-01"),
        ("!x y", "the value y"),
    ],
)
def test_given(text: str, said: str) -> None:
    assert nodes.given(_node(text)) == said


def test_tags_of_a_kind_of_their_own() -> None:
    assert [nodes.foreign(_node(text)) for text in ("!!set {a}", "!x y", "a", "1", "~", "[]", "{}")] == [
        True,
        True,
        False,
        False,
        False,
        False,
        False,
    ]


def test_lines_and_paths() -> None:
    assert nodes.line(_node("\n\na")) == 3
    assert nodes.line(yaml.ScalarNode(nodes.STR, "typed")) == 0
    assert nodes.joined("", "dns") == "dns"
    assert nodes.joined("groups", "a\x1b") == "groups.a\\x1b"
