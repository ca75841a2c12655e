"""People's own rules: plain names and every syntax of lists, and what can never be one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config.values import OwnRule
from resolver.errors import RuleError
from resolver.rules.ownrule import Does, each, made, meant, own_rule, read
from resolver.rules.rule import Action, Form, Network, Pattern, Rule


def parts(rule: OwnRule) -> tuple[str, str, bool, str]:
    return rule.action, rule.name, rule.exact, rule.line


@pytest.mark.parametrize(
    ("text", "name", "exact"),
    [
        ("a.example", "a.example", False),
        ("exact a.example", "a.example", True),
        ("||a.example^", "a.example", False),
        ("||Bücher.example^$important", "xn--bcher-kva.example", False),
        ("||a.example^$all", "a.example", False),
        ("*.a.example", "a.example", False),
        ("|a.example^", "a.example", True),
        ("0.0.0.0 a.example # x", "a.example", True),
        ("address=/a.example/", "a.example", False),
        ("server=/a.example/", "a.example", False),
    ],
)
@pytest.mark.parametrize("action", ["allow", "deny"])
def test_lines_that_say_no_more_than_a_name(text: str, name: str, exact: bool, action: Does) -> None:
    rule = own_rule(f"{action} {text}")
    assert parts(rule) == (action, name, exact, "")
    assert rule.text == f"{action} {text}"
    assert parts(made(action, text)) == parts(rule)


@pytest.mark.parametrize(
    ("text", "name", "exact"),
    [("@@||a.example^", "a.example", False), ("a.example CNAME rpz-passthru.", "a.example", True)],
)
def test_lines_that_allow_a_name(text: str, name: str, exact: bool) -> None:
    assert parts(made("allow", text)) == ("allow", name, exact, "")


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("||A.example^$dnstype=AAAA", "a.example", "||a.example^$dnstype=AAAA"),
        ("||a.example^$client=~tv", "a.example", "||a.example^$client=~tv"),
        ("||a.example^$denyallow=b.a.example", "a.example", "||a.example^$denyallow=b.a.example"),
        ("*.a.example^", "a.example", "*.a.example^"),
        ("*.a.example^$important", "a.example", "*.a.example^"),
        ("/ads[0-9]#x/", "", "/ads[0-9]#x/"),
        ("ad*.a.example", "", "ad*.a.example"),
        ("||*^", "", "||*^"),
        ("*.*$dnstype=AAAA", "", "*.*$dnstype=AAAA"),
        ("/.*/$client=tv", "", "/.*/$client=tv"),
        ("192.0.2.1", "", "192.0.2.1"),
        ("2001:db8::/32", "", "2001:db8::/32"),
    ],
)
@pytest.mark.parametrize("action", ["allow", "deny"])
def test_lines_that_say_more(text: str, name: str, line: str, action: Does) -> None:
    rule = made(action, text)
    assert parts(rule) == (action, name, False, line)
    assert parts(made(action, line)) == parts(rule)
    assert meant(action, line).action is (Action.ALLOW if action == "allow" else Action.BLOCK)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("@@/x/", "/x/"),
        ("@@-ads.", "@@-ads."),
        ("@@*.x.example", "@@*.x.example"),
        ("@@||a.example^$dnstype=A", "||a.example^$dnstype=A"),
        ("@@||a.example^$important,dnstype=A", "||a.example^$important,dnstype=A"),
    ],
)
def test_it_is_the_word_that_allows(text: str, line: str) -> None:
    rule = made("allow", text)
    assert rule.line == line
    assert meant("allow", rule.line).action is Action.ALLOW


def test_lines_with_an_answer_of_their_own() -> None:
    rewrite = meant("deny", made("deny", "||a.example^$dnsrewrite=192.0.2.1").line)
    assert isinstance(rewrite, Rule)
    assert (rewrite.action, rewrite.options is not None and rewrite.options.says is not None) == (Action.REWRITE, True)
    for text in ("a.example CNAME .", "192.0.2.1 a.example", "address=/a.example/192.0.2.1"):
        rule = made("deny", text)
        found = meant("deny", rule.line)
        assert isinstance(found, Rule)
        assert (rule.name, found.action) == ("a.example", Action.BLOCK)
        assert found.options is not None
        assert found.options.says is not None


def test_what_is_meant() -> None:
    assert meant("deny", "*.a.example^") == Rule("a.example", Action.BLOCK, Form.SUBDOMAINS)
    found = meant("deny", "/x/$important")
    assert isinstance(found, Pattern)
    assert found.action is Action.BLOCK
    assert meant("allow", "192.0.2.1") == Network("192.0.2.1/32", Action.ALLOW, "192.0.2.1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deny @@||a.example^", '"@@||a.example^" allows; write allow, or take the @@ away'),
        ("deny server=/a.example/#", '"server=/a.example/#" allows; write allow, or take the @@ away'),
        (
            "allow a.example##.ad",
            '"a.example##.ad" is for browsers; a resolver sees names alone, no pages and no paths; did you mean '
            '"a.example"?',
        ),
        (
            "deny https://a.example/x",
            '"https://a.example/x" is for browsers; a resolver sees names alone, no pages and no paths; did you mean '
            '"a.example"?',
        ),
        (
            "deny ||a.example^$third-party",
            '"||a.example^$third-party" is for browsers; a resolver sees names alone, no pages and no paths; did you '
            'mean "a.example"?',
        ),
        ("deny ||a.example^$x", '"||a.example^$x" has a modifier that nobody knows; did you mean "a.example"?'),
        (
            "deny ||a.example^$dnstype=Q",
            '"||a.example^$dnstype=Q" has a modifier with a wrong value; did you mean "a.example"?',
        ),
        (
            "deny /(?=a)/",
            '"/(?=a)/" is an expression that cannot be used: RE2 has no look-arounds',
        ),
        ("deny /[a/$important", '"/[a/$important" is an expression that cannot be used: a [ is never closed'),
        ("deny /.*/", '"/.*/" would match nearly every name; if that is meant, write ||*^'),
        ("allow *.*", '"*.*" would match nearly every name; if that is meant, write ||*^'),
        (r"deny ^ad\.", r'"^ad\." is an expression without its slashes: write /…/'),
        ("deny *", '"*" would match nearly every name; if that is meant, write ||*^'),
        ("deny a.example b.example", '"a.example b.example" is neither a name nor a line of a list'),
        (
            "deny 0.0.0.0 a.example b.example",
            '"0.0.0.0 a.example b.example" has 2 rules in one line; write one for each name',
        ),
        ("deny 0.0.0.0 localhost", '"0.0.0.0 localhost" says nothing: it is a comment, or for the machine itself'),
        ("deny # a.example", '"# a.example" says nothing: it is a comment, or for the machine itself'),
        (
            "deny ||a.example^$badfilter",
            '"||a.example^$badfilter" takes rules of lists away; people\'s own rules stand above lists: allow the name',
        ),
        (
            "allow @@||a.example^$dnsrewrite",
            '"@@||a.example^$dnsrewrite" takes rules of lists away; people\'s own rules stand above lists: allow the '
            "name",
        ),
        (
            "allow ||a.example^$dnsrewrite=192.0.2.1",
            '"||a.example^$dnsrewrite=192.0.2.1" answers with something of its own; that is done by deny',
        ),
        (
            "deny ||a.example^$dnstype=A|~A",
            '"||a.example^$dnstype=A|~A" can never match: it leaves out everything that it names',
        ),
        (
            "deny ||a.example^$client=tv|~TV",
            '"||a.example^$client=tv|~TV" can never match: it leaves out everything that it names',
        ),
        (
            "deny ||a.example^$denyallow=example",
            '"||a.example^$denyallow=example" can never match: denyallow leaves its own name out',
        ),
        (
            "deny server=/a.example/192.0.2.1",
            '"server=/a.example/192.0.2.1" names an upstream for a name; that is not a rule',
        ),
        ("permit a.example", '"permit a.example" is not a rule: write "allow NAME" or "deny NAME"'),
    ],
)
def test_what_is_no_rule(text: str, said: str) -> None:
    with pytest.raises(RuleError) as caught:
        own_rule(text)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("", []),
        ("  ", []),
        ("# a.example", []),
        ("! a.example", []),
        ("[Adblock Plus]", []),
        ("; a.example", []),
        ("localhost", []),
        ("a.example", ["deny a.example"]),
        ("exact a.example # why", ["deny exact a.example"]),
        ("allow a.example", ["allow a.example"]),
        ("||a.example^", ["deny a.example"]),
        ("@@||a.example^", ["allow a.example"]),
        ("@@/x/", ["allow /x/"]),
        ("127.0.0.1\ta.example b.example localhost", ["deny exact a.example", "deny exact b.example"]),
    ],
)
def test_lines_of_a_text(line: str, rules: list[str]) -> None:
    expected = [parts(own_rule(text)) for text in rules]
    assert [parts(rule) for rule in each(line)] == expected


def test_what_is_done_to_lines() -> None:
    assert [parts(rule) for rule in each("||a.example^", "allow")] == [("allow", "a.example", False, "")]
    assert [parts(rule) for rule in each("deny a.example", "allow")] == [("deny", "a.example", False, "")]
    assert [parts(rule) for rule in each("0.0.0.0 a.example", "allow")] == [("allow", "a.example", True, "")]
    with pytest.raises(RuleError, match="allows; write allow"):
        each("@@||a.example^", "deny")
    for wrong in ("/.*/", "*.*", "deny *.*", "exact", "deny !why"):
        with pytest.raises(RuleError):
            each(wrong)
    with pytest.raises(RuleError, match="is for browsers"):
        each("##.ad")


def test_reading_what_was_read_changes_nothing() -> None:
    for text in ("allow a.example", "deny ||a.example^$dnstype=A", "deny /x/"):
        rule = own_rule(text)
        assert read(rule) == rule


@given(
    st.sampled_from(["allow ", "deny ", ""]),
    st.text()
    | st.from_regex(r"(@@)?(\|\|)?[a-z0-9:/.*^|@$=,~ #\[\]\\-]{0,40}(\^\$(important|dnstype=A))?", fullmatch=True),
)
def test_any_text_gives_rules_or_a_sentence(word: str, text: str) -> None:
    try:
        found = each(word + text)
    except RuleError as error:
        assert str(error).isprintable()
        return
    for rule in found:
        assert bool(rule.name) or bool(rule.line)
        if rule.line:
            assert parts(made(rule.action, rule.line)) == parts(rule)
            assert meant(rule.action, rule.line).action in {Action.ALLOW, Action.BLOCK, Action.REWRITE}


@pytest.mark.parametrize("line", ["allow", "deny", " Deny ", "exact"])
def test_a_word_alone_among_many_lines_is_no_name(line: str) -> None:
    with pytest.raises(RuleError, match="a name is missing behind"):
        each(line)
    assert made("deny", "allow").name == "allow", "whoever means that name says so"
