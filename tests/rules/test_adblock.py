"""Adblock syntax, row by row."""

import pytest

from resolver.rules import adblock
from resolver.rules.rule import Action, Form, Reason, Rule, Skip


@pytest.mark.parametrize(
    ("line", "name", "action", "form"),
    [
        ("||a.example^", "a.example", Action.BLOCK, Form.SUBTREE),
        ("||A.Example.^", "a.example", Action.BLOCK, Form.SUBTREE),
        ("||zip^", "zip", Action.BLOCK, Form.SUBTREE),
        ("||bücher.example^", "xn--bcher-kva.example", Action.BLOCK, Form.SUBTREE),
        ("@@||a.example^", "a.example", Action.ALLOW, Form.SUBTREE),
        ("foo_bar.example.com", "foo_bar.example.com", Action.BLOCK, Form.EXACT),
    ],
)
def test_names(line: str, name: str, action: Action, form: Form) -> None:
    assert adblock.parse(line) == (Rule(name, action, form),)


@pytest.mark.parametrize(
    "line",
    ["", "! x", "!||a.example^", "# x", "## A title", "#", "#####", "[Adblock Plus 2.0]", "localhost.localdomain"],
)
def test_comments_say_nothing(line: str) -> None:
    assert adblock.parse(line) == ()


@pytest.mark.parametrize(
    ("reason", "lines"),
    [
        (Reason.ADDRESS, ["||192.0.2.1^", "||[2001:db8::1]^", "192.0.2.1"]),
        (Reason.NOT_A_NAME, ["||a..example^", "||💩.example^", f"||{'a' * 300}^", "||a\0.example^", "||192.168.1^"]),
        (Reason.REGEX, ["/ads[0-9]+/", "@@/ads/", "/banner/", "/a$/", "/ads/$important", "/a/b/"]),
        (
            Reason.MODIFIER,
            [
                "||a.example^$important",
                "||a.example^$",
                "@@||a.example^$client=x",
                "a.example$third-party",
                "||x/ads$image",
            ],
        ),
        (
            Reason.NOT_DNS,
            [
                "##.ad",
                "###ad",
                "#@#.ad",
                "#?#.ad",
                "#%#//scriptlet('x')",
                "#$#body { }",
                "a.example##.ad",
                "a.example,~b.example#@#.ad",
                "a.example#?#.ad:has(x)",
                "a.example$$script[x]",
                "a.example$@$script[x]",
                "[$domain=a.example]##.ad",
                "://a.example^",
                "|http://a.example^",
                "||a.example/ads/*",
                "||a.example/",
                "||a.example/?",
            ],
        ),
        (
            Reason.PATTERN,
            [
                "||a.example^|",
                "||a.example|",
                "||a.example/*",
                "||a.example",
                "a.example^",
                "*.a.example^",
                "||*.a.example^",
                ".a.example^",
                ".a.example",
                "|a.example^",
                "||a.*^",
                "||ad*.a.example^",
                "||*^",
                "||^",
                "||",
                "|",
                "*",
                "@@",
                "@@a.example",
                "/ads.",
                "-ad-banner",
                "||a.example^ # x",
                "0.0.0.0 a.example",
            ],
        ),
    ],
)
def test_the_rest_is_skipped_with_a_reason(reason: Reason, lines: list[str]) -> None:
    assert {line: adblock.parse(line) for line in lines} == dict.fromkeys(lines, (Skip(reason),))
