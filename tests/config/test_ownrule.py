"""People's own rules as far as a config reads them alone."""

from __future__ import annotations

import pytest

from resolver.config.ownrule import LONGEST, made, own_rule, plain_only, said
from resolver.config.values import OwnRule
from resolver.errors import RuleError


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("allow cdn.example.com", OwnRule("allow", "cdn.example.com", "allow cdn.example.com")),
        ("deny Ads.Example.NET.", OwnRule("deny", "ads.example.net", "deny Ads.Example.NET.")),
        ("block  ads.example.net ", OwnRule("deny", "ads.example.net", "block  ads.example.net")),
        ("Deny\tbücher.example", OwnRule("deny", "xn--bcher-kva.example", "Deny\tbücher.example")),
        ("deny _dmarc.example", OwnRule("deny", "_dmarc.example", "deny _dmarc.example")),
        ("deny EXACT a.example # why", OwnRule("deny", "a.example", "deny EXACT a.example # why", exact=True)),
        ("deny ||a.example^ # why", OwnRule("deny", "", "deny ||a.example^ # why", line="||a.example^")),
        ("deny /a #b/", OwnRule("deny", "", "deny /a #b/", line="/a #b/")),
        ("allow 192.0.2.1", OwnRule("allow", "", "allow 192.0.2.1", line="192.0.2.1")),
    ],
)
def test_rules(text: str, rule: OwnRule) -> None:
    assert own_rule(text) == rule
    assert str(rule) == text.strip()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"" is not a rule: write "allow NAME" or "deny NAME"'),
        ("allow", '"allow" is not a rule: write "allow NAME" or "deny NAME"'),
        ("ads.example.net", '"ads.example.net" is not a rule: write "allow NAME" or "deny NAME"'),
        ("permit a.example", '"permit a.example" is not a rule: write "allow NAME" or "deny NAME"'),
        (
            "deny a.example\nallow b.example",
            '"deny a.example\\nallow b.example" is not a rule: write "allow NAME" or "deny NAME"',
        ),
        (
            "deny exact ||a.example^",
            '"||a.example^" is not a name; exact is for plain names; did you mean "deny exact a.example"?',
        ),
        ("deny exact", 'which name exactly? Write "deny exact NAME"'),
        ("deny !why", '"!why" says nothing: it begins as a comment does'),
        ("allow ;why", '";why" says nothing: it begins as a comment does'),
        ("deny [Adblock]", '"[Adblock]" says nothing: it begins as a comment does'),
        ("deny exact /a/", '"/a/" is not a name; exact is for plain names'),
        ("deny a..example", '"a..example" has an empty label'),
        ("deny .", '"." is every name there is; write the names that are meant'),
    ],
)
def test_what_is_no_rule(text: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        own_rule(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["a.example\x1b[2J", "/a\nb/", "/" + "a" * LONGEST, "/a\u202eb/"])
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(RuleError, match="is longer than 2000 characters, or holds what is no character of a rule"):
        made("deny", text)


def test_parts() -> None:
    assert made("allow", " a.example ", exact=True) == OwnRule(
        "allow", "a.example", "allow exact a.example", exact=True
    )
    assert made("allow", "exact a.example") == OwnRule("allow", "a.example", "allow exact a.example", exact=True)
    assert (said("block a b"), said(" a.example ")) == (("deny", "a b"), ("", "a.example"))


def test_plain_rules_alone() -> None:
    rule = own_rule("deny a.example")
    assert plain_only(rule) is rule
    with pytest.raises(RuleError, match="lines of lists are not read here"):
        plain_only(own_rule("deny /a/"))
