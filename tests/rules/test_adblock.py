"""Adblock lines from end to end: rules, their actions, options and how they are shown."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import re2
from msgspec.structs import replace

from resolver.model import Nodata, NullAddress, Nxdomain, Refused
from resolver.rules import adblock
from resolver.rules.rule import (
    Action,
    Cancel,
    Datum,
    Form,
    Found,
    Network,
    Options,
    Pattern,
    Reason,
    Rule,
    Skip,
    show,
)


def meant(found: Found, question: str) -> bool:
    """Whether a rule is about a name, or about an address in an answer."""
    match found:
        case Rule(name, _, form):
            return (form.at and question == name) or (form.below and question.endswith("." + name))
        case Pattern(regex):
            return re2.search(regex, question) is not None
        case Network(network):
            return question[-1].isdigit() and ip_address(question) in ip_network(network)
    return False


@pytest.mark.parametrize(
    ("lines", "matches", "does_not"),
    [
        (
            "||example.org^ ||example.org^| ||example.org| ||example.org/*",
            "example.org www.example.org a.b.example.org",
            "testexample.org example.org.evil.com",
        ),
        ("||example.org", "example.org www.example.org example.org.evil.com example.organic", "testexample.org"),
        ("example.org^", "example.org www.example.org testexample.org", "example.org.evil.com"),
        ("*.example.org^ ||*.example.org^ .example.org^", "www.example.org a.b.example.org", "example.org"),
        ("|example.org^", "example.org", "www.example.org"),
        ("||example.*^", "example.com example.co.uk x.example.net", "testexample.com"),
        ("||ad*.example.org^", "ad1.example.org x.ads.example.org", "example.org"),
        ("foo_bar.example.com", "foo_bar.example.com", "x.foo_bar.example.com foo_bar.example.com.evil.com"),
        ("||example.org/ ||x/ads/* |http://x^", "", "example.org x http x.ads"),
        ("/ads.", "ads.x.com", "a.ads.x.com"),
        ("/banner/", "my-banner.com", "my-baner.com"),
        (":// * | || a ab", "", "example.org a ab"),
        ("||*^", "example.org a", ""),
        ("1.2.3.4 ||1.2.3.4^", "1.2.3.4", "11.2.3.45 1.2.3.45 1.2.3.4.example"),
    ],
)
@pytest.mark.parametrize("before", ["", "@@"])
@pytest.mark.parametrize("after", ["", "$important"])
def test_the_table_of_patterns(lines: str, matches: str, does_not: str, before: str, after: str) -> None:
    for line in lines.split():
        (found,) = adblock.parse(before + line + after)
        questions = (matches + " " + does_not).split()
        assert {question for question in questions if meant(found, question)} == set(matches.split())
        if not isinstance(found, Cancel | Skip):
            assert found.action.allows == bool(before)
            assert found.action.name.endswith("_IMPORTANT") == bool(after)


@pytest.mark.parametrize(
    ("line", "name", "action", "form"),
    [
        ("||a.example^", "a.example", Action.BLOCK, Form.SUBTREE),
        ("||A.Example.^", "a.example", Action.BLOCK, Form.SUBTREE),
        ("||bücher.example^", "xn--bcher-kva.example", Action.BLOCK, Form.SUBTREE),
        ("||a.example/*", "a.example", Action.BLOCK, Form.SUBTREE),
        ("@@||a.example^", "a.example", Action.ALLOW, Form.SUBTREE),
        ("|a.example^", "a.example", Action.BLOCK, Form.EXACT),
        ("*.a.example^", "a.example", Action.BLOCK, Form.SUBDOMAINS),
        ("@@.a.example^", "a.example", Action.ALLOW, Form.SUBDOMAINS),
        ("foo_bar.example.com", "foo_bar.example.com", Action.BLOCK, Form.EXACT),
        ("@@a.example", "a.example", Action.ALLOW, Form.EXACT),
        ("||a.example^$important", "a.example", Action.BLOCK_IMPORTANT, Form.SUBTREE),
        ("@@||a.example^$important", "a.example", Action.ALLOW_IMPORTANT, Form.SUBTREE),
        ("a.example$important", "a.example", Action.BLOCK_IMPORTANT, Form.EXACT),
        ("||a.example^$all", "a.example", Action.BLOCK, Form.SUBTREE),
        ("||a.example^$doc,important", "a.example", Action.BLOCK_IMPORTANT, Form.SUBTREE),
        ("@@||a.example^$document", "a.example", Action.ALLOW, Form.SUBTREE),
    ],
)
def test_names(line: str, name: str, action: Action, form: Form) -> None:
    assert adblock.parse(line) == (Rule(name, action, form),)


@pytest.mark.parametrize(
    ("line", "regex", "action"),
    [
        ("||a.example", r"(?:^|\.)a\.example", Action.BLOCK),
        ("a.example^", r"a\.example(?:\?|$)", Action.BLOCK),
        ("|Ads.", r"^ads\.", Action.BLOCK),
        ("/ads.", r"^ads\.", Action.BLOCK),
        ("@@-ad-banner", "-ad-banner", Action.ALLOW),
        ("/Banner[0-9]$/", "(?i)Banner[0-9]$", Action.BLOCK),
        ("@@/banner/$important", "(?i)banner", Action.ALLOW_IMPORTANT),
        ("||a.*^$important", r"(?:^|\.)a\.", Action.BLOCK_IMPORTANT),
    ],
)
def test_patterns(line: str, regex: str, action: Action) -> None:
    assert adblock.parse(line) == (Pattern(regex, action, line),)


@pytest.mark.parametrize(
    ("line", "action", "options"),
    [
        ("||*^", Action.BLOCK, None),
        ("@@||*^$client=192.0.2.1", Action.ALLOW, Options(clients=("192.0.2.1",))),
        ("*$denyallow=com|net", Action.BLOCK, Options(denyallow=("com", "net"))),
        ("||$ctag=user_child", Action.BLOCK, Options(tags=("user_child",))),
        (
            "$dnstype=AAAA,denyallow=a.example,dnsrewrite=NOERROR;;",
            Action.REWRITE,
            Options(types=(28,), denyallow=("a.example",), says=Nodata()),
        ),
    ],
)
def test_rules_about_every_name(line: str, action: Action, options: Options | None) -> None:
    assert adblock.parse(line) == (Pattern(".*", action, line, options, everything=True),)


@pytest.mark.parametrize(
    ("line", "network", "action", "options"),
    [
        ("192.0.2.1", "192.0.2.1/32", Action.BLOCK, None),
        ("@@||192.0.2.0/24^$important", "192.0.2.0/24", Action.ALLOW_IMPORTANT, None),
        ("||[2001:db8::1]^$client=Kids", "2001:db8::1/128", Action.BLOCK, Options(clients=("kids",))),
        ("[2001:db8::1]", "2001:db8::1/128", Action.BLOCK, None),
    ],
)
def test_addresses(line: str, network: str, action: Action, options: Options | None) -> None:
    assert adblock.parse(line) == (Network(network, action, line, options),)


@pytest.mark.parametrize(
    ("line", "action", "fields"),
    [
        ("||a.example^$client=192.0.2.1,important", Action.BLOCK_IMPORTANT, {"clients": ("192.0.2.1",)}),
        ("@@||a.example^$dnstype=A", Action.ALLOW, {"types": (1,)}),
        ("||a.example^$denyallow=b.a.example", Action.BLOCK, {"denyallow": ("b.a.example",)}),
        ("||a.example^$dnsrewrite=192.0.2.1", Action.REWRITE, {"says": Datum(1, b"\xc0\0\2\1")}),
        ("||a.example^$dnsrewrite=0.0.0.0", Action.REWRITE, {"says": NullAddress()}),
        ("||a.example^$dnsrewrite=NXDOMAIN,important", Action.REWRITE, {"says": Nxdomain()}),
        ("||a.example^$dnsrewrite=b.example", Action.REWRITE, {"says": Datum(5, b"\1b\7example\0")}),
        ("@@||a.example^$dnsrewrite", Action.EXCEPT, {}),
        ("@@||a.example^$dnsrewrite=,important", Action.EXCEPT, {}),
        ("@@||a.example^$dnsrewrite=REFUSED", Action.EXCEPT, {"says": Refused()}),
        ("@@||a.example^$dnsrewrite=a.example", Action.EXCEPT, {"says": Datum(5, b"\1a\7example\0")}),
    ],
)
def test_options(line: str, action: Action, fields: dict[str, Any]) -> None:
    before, after = line.split("a.example", 1)
    assert adblock.parse(line) == (Rule("a.example", action, Form.SUBTREE, Options(**fields, frame=(before, after))),)


@pytest.mark.parametrize(
    "line",
    [
        *["||a.example^$client=192.0.2.1", "@@||a.example/*$dnstype=A", "@@*.a.example^$dnsrewrite"],
        *["|a.example|$dnsrewrite=a.b", "a.example$client=a", ".a.example^$ctag=user_child,important"],
        *["||a.example^$important", "@@||a.example^$important"],
    ],
)
def test_a_rule_is_shown_as_written(line: str) -> None:
    (rule,) = adblock.parse(line)
    assert isinstance(rule, Rule)
    assert show(rule.name, rule.action, rule.form, rule.options) == line


@pytest.mark.parametrize(
    "line",
    [
        *[
            "||a.example^",
            "@@||a.example^$important",
            "||a.example^$dnstype=A|MX,client='x,y'",
            "@@||a.example^$dnsrewrite",
        ],
        *["a.example", "*.a.example^$important", "||a.*^$client=b", "/ads/$important", "192.0.2.1", "||*^"],
    ],
)
def test_badfilter_takes_the_same_rule_away(line: str) -> None:
    pattern, _, others = line.partition("$")
    after = others and "," + others
    for written in (f"{pattern}$badfilter{after}", f"{pattern}${others}{others and ','}badfilter"):
        (cancel,) = adblock.parse(written)
        assert isinstance(cancel, Cancel)
        assert as_meant(cancel.rule) == as_meant(*adblock.parse(line))


def as_meant(found: Found) -> Found:
    """A rule without what says how it was written."""
    if isinstance(found, Cancel | Skip):
        return found
    options = None if found.options is None else replace(found.options, frame=("", ""))
    return replace(found, options=options) if isinstance(found, Rule) else replace(found, options=options, text="")


@pytest.mark.parametrize(
    "line",
    [
        *["", "! x", "!||a.example^", "# x", "## A title", "#", "#####", "[Adblock Plus 2.0]", "[]"],
        *["localhost.localdomain", "localhost", "0.0.0.0", "::1", "[::1]", "@@localhost"],
    ],
)
def test_comments_and_the_machine_itself_say_nothing(line: str) -> None:
    assert adblock.parse(line) == ()


@pytest.mark.parametrize(
    ("reason", "lines"),
    [
        (Reason.NOT_A_NAME, ["||a..example^", "||💩.example^", f"||{'a' * 300}^", "||a\0.example^", "||192.168.1^"]),
        (Reason.NOT_A_NAME, ["||a.example^ # x", "0.0.0.0 a.example", "<html>", "||a..example^$important"]),
        (Reason.REGEX, ["/(?!a)b/", "@@/(/", "/(?<=a)b/$important"]),
        (Reason.MODIFIER, ["||a.example^$", "||a.example^$whatever", "@@||a.example^$client=x,whatever", "a$b$c"]),
        (Reason.VALUE, ["||a.example^$dnstype=X", "||a.example^$dnsrewrite", "||a.example^$badfilter,client="]),
        (Reason.TOO_BROAD, ["*", "|", "||", "://", "@@", "ab", "||^"]),
        (Reason.TOO_BROAD, ["*$important", "*$dnsrewrite=NXDOMAIN", "*$badfilter"]),
        (Reason.NO_CHANGE, ["|a.example^$dnsrewrite=A.Example", "a.example$dnsrewrite=NOERROR;CNAME;a.example."]),
        (Reason.ADDRESS, ["||192.0.2.1^$dnsrewrite=192.0.2.2", "@@192.0.2.1$dnsrewrite", "192.0.2.1$denyallow=com"]),
        (
            Reason.NOT_DNS,
            ["##.ad", "###ad", "#@#.ad", "#?#.ad", "#%#//scriptlet('x')", "#$#body { }", "a.example##.ad"],
        ),
        (Reason.NOT_DNS, ["a.example,~b.example#@#.ad", "a.example#?#.ad:has(x)", "[$domain=a.example]##.ad"]),
        (Reason.NOT_DNS, ["a.example$$script[x]", "a.example$@$script[x]", "||a.example/ads$important"]),
        (Reason.NOT_DNS, ["://a.example^", "|http://a.example^", "||a.example/ads/*", "||a.example/", "||a.example/?"]),
        (Reason.NOT_DNS, ["||a.example^$third-party", "a.example$script,important", "||a.example^$popup"]),
        (Reason.NOT_DNS, ["||a.example^$~doc", "/ads/$domain=a.example", "@@||a.example^$elemhide"]),
    ],
)
def test_the_rest_is_skipped_with_a_reason(reason: Reason, lines: list[str]) -> None:
    assert {line: adblock.parse(line) for line in lines} == dict.fromkeys(lines, (Skip(reason),))
