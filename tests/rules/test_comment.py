"""Comments, and the names of the machine itself."""

import pytest

from resolver.rules.comment import is_comment, is_never_a_rule, without_tail


@pytest.mark.parametrize("line", ["", "#", "# x", "#x", "! x", "!", "[Adblock Plus 2.0]", "[uBlock Origin]", "####"])
def test_comments(line: str) -> None:
    assert is_comment(line)


@pytest.mark.parametrize("line", ["a.example", "[$domain=a.example]##.x]", "[::1", "a#b", "a!"])
def test_no_comments(line: str) -> None:
    assert not is_comment(line)


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("a.example # x", "a.example"),
        ("a.example\t#x # y", "a.example"),
        ("a.example  #", "a.example"),
        ("a#b.example", "a#b.example"),
        ("a.example#x", "a.example#x"),
        ("a.example", "a.example"),
        (" # x", ""),
    ],
)
def test_a_tail_begins_after_a_blank(line: str, rest: str) -> None:
    assert without_tail(line) == rest


@pytest.mark.parametrize(
    "name",
    ["localhost", "LocalHost.", "localhost.localdomain", "local", "broadcasthost", "ip6-allnodes", "0.0.0.0", "::1"],
)
def test_names_of_the_machine_are_never_a_rule(name: str) -> None:
    assert is_never_a_rule(name)


@pytest.mark.parametrize("name", ["localhost.example", "a.local", "ip6.example", "ip6-ads.example", "192.0.2.1"])
def test_other_names_may_be_one(name: str) -> None:
    assert not is_never_a_rule(name)
