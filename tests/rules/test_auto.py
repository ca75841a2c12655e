"""The choice of syntax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules import auto
from resolver.rules.normal import normal
from resolver.rules.rule import Action, Form, Outcome, Reason, Rule, Skip

EXACT = (Rule("a.example", Action.BLOCK, Form.EXACT),)
PIECES = [
    *("0.0.0.0", "127.0.0.1", "::1", "192.0.2.1", "a.example", "*.a.example", "localhost", "bücher.example", "💩"),
    *("||", "@@", "^", "|", "$", "important", "/", "//", "*", "#", "##", "#@#", "!", "[", "]", "[$", "\0", "\ufeff"),
    *(" ", "\t", ".", "\\", "address=/", "CNAME", "rpz-passthru.", "\ud800", "\ufffd", "a" * 300, "$ORIGIN"),
]


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("a.example", EXACT),
        ("a.example # x", EXACT),
        ("a.example ## x || y", EXACT),
        ("zip", (Rule("zip", Action.BLOCK, Form.EXACT),)),
        ("0.0.0.0 a.example # ||x^", EXACT),
        (":: a.example", EXACT),
        ("*.a.example", (Rule("a.example", Action.BLOCK, Form.WILDCARD),)),
        ("||a.example^", (Rule("a.example", Action.BLOCK, Form.SUBTREE),)),
        ("@@||a.example^", (Rule("a.example", Action.ALLOW, Form.SUBTREE),)),
        ("", ()),
        ("# A list of names", ()),
        ("! a CNAME list", ()),
        ("[Adblock Plus 2.0]", ()),
        ("127.0.0.1 localhost", ()),
        ("localhost", ()),
        ("0.0.0.0", ()),
        ("192.0.2.1", (Skip(Reason.ADDRESS),)),
        ("192.0.2.1 a.example", (Skip(Reason.RECORD),)),
        ("##.ad", (Skip(Reason.NOT_DNS),)),
        ("a.example##.ad", (Skip(Reason.NOT_DNS),)),
        ("https://a.example/x", (Skip(Reason.NOT_DNS),)),
        ("||a.example^$important", (Skip(Reason.MODIFIER),)),
        ("/ads[0-9]/", (Skip(Reason.REGEX),)),
        ("*.a.example^", (Skip(Reason.PATTERN),)),
        ("a.*.example", (Skip(Reason.PATTERN),)),
        ("address=/a.example/", (Skip(Reason.DNSMASQ),)),
        ("address=/a.example/0.0.0.0", (Skip(Reason.DNSMASQ),)),
        ("server=/a.example/", (Skip(Reason.DNSMASQ),)),
        ("local=/a.example/", (Skip(Reason.DNSMASQ),)),
        ("$ORIGIN rpz.example.", (Skip(Reason.RPZ),)),
        ("$TTL 300", (Skip(Reason.RPZ),)),
        ("a.example CNAME .", (Skip(Reason.RPZ),)),
        ("*.a.example 300 IN CNAME *.", (Skip(Reason.RPZ),)),
        ("a.example IN A 192.0.2.1", (Skip(Reason.RPZ),)),
        ("two words", (Skip(Reason.NOT_A_NAME),)),
        ("<html>", (Skip(Reason.NOT_A_NAME),)),
    ],
)
def test_each_line_chooses_its_syntax(line: str, outcome: Outcome) -> None:
    assert auto.parse(line) == outcome


@pytest.mark.parametrize("syntax", ["auto", "domains"])
def test_subdomains_is_about_bare_names(syntax: str) -> None:
    parse = auto.parser(syntax, subdomains=True)
    assert parse is not None
    assert parse("a.example") == (Rule("a.example", Action.BLOCK, Form.SUBTREE),)


def test_subdomains_leaves_hosts_lines_exact() -> None:
    parse = auto.parser("auto", subdomains=True)
    assert parse is not None
    assert parse("0.0.0.0 a.example") == EXACT


@pytest.mark.parametrize(
    ("syntax", "line", "reason"),
    [("dnsmasq", "address=/a.example/", Reason.DNSMASQ), ("rpz", "a.example CNAME .", Reason.RPZ)],
)
def test_a_syntax_that_is_not_read_skips_all_but_comments(syntax: str, line: str, reason: Reason) -> None:
    parse = auto.parser(syntax)
    assert parse is not None
    assert [parse(text) for text in (line, "", "# x", "; x")] == [(Skip(reason),), (), (), ()]


def test_an_unknown_syntax_has_no_parser() -> None:
    assert auto.parser("yaml") is None


@pytest.mark.parametrize("syntax", auto.SYNTAXES)
@given(line=st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=6).map("".join)))
def test_no_line_makes_a_parser_raise(syntax: str, line: str) -> None:
    parse = auto.parser(syntax)
    assert parse is not None
    for found in parse(line):
        if isinstance(found, Rule):
            assert normal(found.name) == found.name
        else:
            assert found.reason in Reason
