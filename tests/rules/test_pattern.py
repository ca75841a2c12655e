"""Patterns: what each sign means, and agreement with a slow reading of the same signs."""

from __future__ import annotations

import itertools
import time

import pytest
import re2
from hypothesis import assume, given
from hypothesis import strategies as st

from resolver.rules import pattern
from resolver.rules.pattern import Addressed, Fitting, Meaning, Named
from resolver.rules.rule import Form, Reason, Skip


def means(meaning: Meaning, name: str) -> bool:
    match meaning:
        case Named(owner, form):
            return (form.at and name == owner) or (form.below and name.endswith("." + owner))
        case Fitting(regex):
            return re2.search(regex, name) is not None
    return False


TABLE = [
    ("example.org| example.org/*", "example.org x.example.org testexample.org", "example.org.evil.com example.organic"),
    ("*.example.org| |*.example.org^", "x.example.org", "example.org testexample.org x.example.org.evil.com"),
    ("|example.org| |example.org/*", "example.org", "www.example.org example.org.evil.com"),
    ("|example.org", "example.org example.organic", "www.example.org testexample.org"),
    ("/BANNER/ /[Bb]an{2}ER/", "my-banner.com banner", "my-baner.com"),
    (r"/^ad[sv]?\d*\./", "ad.x ads1.x", "x.ads1.x"),
    (r"/^[A-Z]+\.TEST$/", "a.test", "1.test a.test.x"),
    ("-ads.", "my-ads.x.com", "ads.x.com my-ads"),
    (".ads.x", "www.ads.x www.ads.x.com", "ads.x ads.x.com"),
    ("-ad-banner", "x.my-ad-banner.com", "ad-banner.com"),
    ("*ads*x^ ads*x^", "ads.x b.adsx badsx.y.x", "ads.x.y"),
    ("||Bücher.*^", "xn--bcher-kva.example x.xn--bcher-kva.example", "bcher.example"),
    ("||BÜCHER.example^ ||ＢÜＣＨＥＲ.example^", "xn--bcher-kva.example", "bcher.example"),
    ("example* *example |*example* ||*example", "example.org testexample x.examples.y", "exampl.e"),
    ("||* *^* ||**^| *.*^", "a.b example.org", ""),
]


@pytest.mark.parametrize(("text", "does", "does_not"), [(text, *row[1:]) for row in TABLE for text in row[0].split()])
def test_what_patterns_match(text: str, does: str, does_not: str) -> None:
    meaning = pattern.read(text, narrowed=False)
    assert {name for name in (does + " " + does_not).split() if means(meaning, name)} == set(does.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("||example.org^", Named("example.org", Form.SUBTREE, 2, 13)),
        ("||Example.ORG.^|", Named("example.org", Form.SUBTREE, 2, 14)),
        ("|example.org|", Named("example.org", Form.EXACT, 1, 12)),
        ("||*.example.org^", Named("example.org", Form.SUBDOMAINS, 4, 15)),
        (".zip^", Named("zip", Form.SUBDOMAINS, 1, 4)),
        ("example.org", Named("example.org", Form.EXACT, 0, 11)),
        ("_dmarc.example.org", Named("_dmarc.example.org", Form.EXACT, 0, 18)),
        ("example.org.", Named("example.org", Form.EXACT, 0, 12)),
        ("zip", Named("zip", Form.EXACT, 0, 3)),
        ("bücher.example", Named("xn--bcher-kva.example", Form.EXACT, 0, 14)),
    ],
)
def test_what_is_about_one_name_is_told_by_it_and_where_it_stands(text: str, expected: Named) -> None:
    assert pattern.read(text, narrowed=False) == expected


@pytest.mark.parametrize(
    ("network", "texts"),
    [
        ("192.0.2.1/32", ["192.0.2.1", "||192.0.2.1^", "|192.0.2.1|", "||192.0.2.1", "192.0.2.1/32"]),
        ("192.0.2.0/24", ["192.0.2.0/24", "192.0.2.7/24", "||192.0.2.0/24^"]),
        ("0.0.0.0/32", ["||0.0.0.0^"]),
        (
            "2001:db8::1/128",
            ["2001:DB8::1", "[2001:db8:0::1]", "||2001:db8::1^", "||[2001:db8::1]^", "|[2001:db8::1]|"],
        ),
        ("2001:db8::/32", ["2001:db8::/32", "||2001:db8::/32^"]),
        ("::1/128", ["||[::1]^"]),
    ],
)
def test_addresses(network: str, texts: list[str]) -> None:
    assert {text: pattern.read(text, narrowed=False) for text in texts} == dict.fromkeys(texts, Addressed(network))


@pytest.mark.parametrize(
    "text", ["localhost", "LOCALHOST.localdomain", "ip6-allnodes", "0.0.0.0", "127.0.0.1", "::1", "[::1]"]
)
def test_names_that_are_never_a_rule(text: str) -> None:
    assert pattern.read(text, narrowed=False) is None


@pytest.mark.parametrize("text", ["", "*", "|", "||", "://"])
def test_every_name_is_only_meant_when_a_modifier_leaves_some_questions_out(text: str) -> None:
    assert pattern.read(text, narrowed=False) == Skip(Reason.TOO_BROAD)
    assert pattern.read(text, narrowed=True) == Fitting(".*", everything=True)


@pytest.mark.parametrize(
    ("text", "everything"),
    [
        ("||*^", True),
        ("||*", True),
        ("*.*", True),
        ("/.*/", True),
        ("/./", True),
        (r"/\./", True),
        ("/^/", True),
        ("/[a-z0-9]|x/", True),
        ("||*a^", False),
        ("||example.*^", False),
        (r"/\.com$/", False),
        ("/[0-9]/", False),
        ("/w/", False),
    ],
)
def test_what_means_every_name_says_so(text: str, everything: bool) -> None:
    meaning = pattern.read(text, narrowed=False)
    assert isinstance(meaning, Fitting)
    assert meaning.everything is everything


@pytest.mark.parametrize("text", ["ab", "ab*", "a.", ".a"])
def test_a_short_pattern_needs_a_modifier_too(text: str) -> None:
    short = len(text) < 3
    assert (pattern.read(text, narrowed=False) == Skip(Reason.TOO_BROAD)) is short
    assert not isinstance(pattern.read(text, narrowed=True), Skip)


@pytest.mark.parametrize(
    ("reason", "texts"),
    [
        (Reason.TOO_BROAD, "^ ||^ ||| |^| ^^^ ||/* /* 0.0.0.0/0 ::/0"),
        (Reason.NOT_DNS, "||example.org/ ||x/ads/* |http://x^ http://x.example^ ://example.org^ //example.org^"),
        (Reason.NOT_DNS, "||example.org:8080^ ||example.org^path ||example.org^*/ads.js ^example.org^ /path/*"),
        (Reason.NOT_DNS, "/ads- /ads /a. /ads_x. &ad_unit= ?ad= ||example.org? 192.0.2.1:80"),
        (Reason.NOT_A_NAME, "||a..example^ ||.a.example^ |.a.example^ ||a..*^ *.^ a|b.example <html> ||a\0.example^"),
        (Reason.NOT_A_NAME, "||💩.example^ ||💩.*^ ||a*.bücher*.x^ ||192.168.1^ 192.168.1 12345"),
        (Reason.NOT_A_NAME, f"||{'a' * 64}.example^ ||{'a.' * 130}example^ *{'a*' * 300}a^"),
        (Reason.REGEX, r"/(?=a)b/ /(?<!a)b/ /(a)\1/ /(a/ /a)b/ /*a/ /a{1001}/ /(((a{99}){99}){99})/ /\pL{500}/"),
        (Reason.REGEX, f"/{'a' * 1001}/ /\ud800/"),
    ],
)
def test_the_rest_is_skipped_with_a_reason(reason: Reason, texts: str) -> None:
    each = texts.split()
    assert {text: pattern.read(text, narrowed=False) for text in each} == dict.fromkeys(each, Skip(reason))


@pytest.mark.parametrize("text", ["||a.example^ # x", "0.0.0.0 a.example", "a b", "a\tb.example^"])
def test_no_name_has_a_blank(text: str) -> None:
    assert pattern.read(text, narrowed=False) == Skip(Reason.NOT_A_NAME)


def fits(text: str, name: str) -> bool:
    """The signs read one by one, by trying everything."""
    head = "||" if text.startswith("||") else "|" if text.startswith("|") else ""
    body = text[len(head) :]

    def rest(sign: int, place: int) -> bool:
        if sign == len(body):
            return True
        if body[sign] == "*":
            return any(rest(sign + 1, later) for later in range(place, len(name) + 1))
        if body[sign] == "^":
            return place == len(name) and rest(sign + 1, place)
        if body[sign] == "|":
            return place == len(name)
        return place < len(name) and name[place] == body[sign] and rest(sign + 1, place + 1)

    anywhere = range(1, len(name) + 1)
    places = [] if head == "|" else [place for place in anywhere if not head or name[place - 1] == "."]
    return any(rest(0, place) for place in [0, *places])


LABELS = st.text("ab", min_size=1, max_size=2)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
MASKS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "|", "||", "*", "||*", "."]),
        st.lists(st.one_of(LABELS, st.sampled_from(".*")), min_size=1, max_size=6).map("".join),
        st.sampled_from(["", "^", "|", "^|", "*", "^*", "*^"]),
    ),
)


@given(MASKS, st.lists(NAMES, min_size=1, max_size=20))
def test_agrees_with_a_slow_reading(text: str, names: list[str]) -> None:
    meaning = pattern.read(text, narrowed=True)
    if isinstance(meaning, Named):
        assume(text[meaning.end - 1] != ".")  # the root's dot: part of a name, though no name here ends with it
        if meaning.end - meaning.start == len(text):
            names = [name for name in names if name == text or text not in name]  # a bare text is a name, no mask
    expected = {name: fits(text, name) for name in names}
    if isinstance(meaning, Skip):
        assert meaning.reason is Reason.TOO_BROAD or not any(expected.values())
    else:
        assert {name: means(meaning, name) for name in names} == expected


@given(st.text(st.sampled_from("ab.*^|/:0?-_é$[]"), max_size=30), st.booleans())
def test_whatever_it_is_it_is_read(text: str, narrowed: bool) -> None:
    match pattern.read(text, narrowed=narrowed):
        case Fitting(regex):
            re2.compile(regex)
        case Named(name, _, start, end):
            assert name.isascii()
            assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("sign", [*"|*^./[]({+?é:0-", "a*", "*^", "(?:", "a|", "[^", "/$", "é.", "(.*)*", "0:", "a.*"])
def test_hostile_lines_take_no_time(sign: str) -> None:
    long = sign * (65536 // len(sign))
    started = time.process_time()
    for before, after in itertools.product(["", "||", "/", "||a"], ["", "/", "^", "x"]):
        pattern.read(before + long + after, narrowed=True)
    assert time.process_time() - started < 1.0  # 16 lines of 64 KiB
