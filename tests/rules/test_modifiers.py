"""Modifiers: where they begin, how they are told apart, and what each says."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model import Nxdomain
from resolver.rules import modifiers
from resolver.rules.modifiers import Modifiers
from resolver.rules.rule import Datum, Options, Reason, Skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("||a^", ("||a^", None)),
        ("||a^$important", ("||a^", "important")),
        ("||a^$", ("||a^", "")),
        ("$dnstype=A", ("", "dnstype=A")),
        (r"||a^$client='a\$b'", ("||a^", "client='a$b'")),
        (r"a\$b", (r"a\$b", None)),
        ("a$b$c", ("a$b", "c")),
        ("/a$/", ("/a$/", None)),
        ("/a$b/", ("/a$b/", None)),
        (r"/a\$/$important", (r"/a\$/", "important")),
        ("/(a|b)$/$client=c", ("/(a|b)$/", "client=c")),
        ("/a/$dnsrewrite=NOERROR;TXT;b$c", ("/a/", "dnsrewrite=NOERROR;TXT;b$c")),
        ("/a/$replace=/b/c/", ("/a/", "replace=/b/c/")),
        ("/(a/$|b)/", ("/(a/$|b)/", None)),
        ("/a/$3p", ("/a/", "3p")),
        ("/ads.$important", ("/ads.", "important")),
        ("/$important", ("/", "important")),
    ],
)
def test_where_they_begin(text: str, expected: tuple[str, str | None]) -> None:
    assert modifiers.split(text) == expected


def conditions(**fields: Any) -> Modifiers:
    return Modifiers(options=Options(**fields))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("important", Modifiers(important=True)),
        (" important , badfilter ,", Modifiers(important=True, badfilter=True)),
        ("all", Modifiers()),
        ("doc", Modifiers()),
        ("document,important", Modifiers(important=True)),
        ("dnstype=A", conditions(types=(1,))),
        ("dnstype=aaaa|A|TYPE65|A", conditions(types=(1, 28, 65))),
        ("dnstype=~A|~CNAME", conditions(not_types=(1, 5))),
        ("dnstype=~A|SMIMEA", conditions(types=(53,), not_types=(1,))),
        ("dnstype=A,dnstype=MX", conditions(types=(15,))),
        ("denyallow=com|A.Example.|bücher.de", conditions(denyallow=("a.example", "com", "xn--bcher-kva.de"))),
        ("ctag=device_tv|~user_child", conditions(tags=("device_tv",), not_tags=("user_child",))),
        ("client=192.0.2.1", conditions(clients=("192.0.2.1",))),
        ("client=192.0.2.1/32|192.0.2.9/24", conditions(clients=("192.0.2.0/24", "192.0.2.1"))),
        ("client=2001:DB8:0::1|2001:db8::1/64", conditions(clients=("2001:db8::/64", "2001:db8::1"))),
        ("client=02-00-5E-10-00-01", conditions(clients=("02:00:5e:10:00:01",))),
        ("client=~Mom|~Dad|Kids", conditions(clients=("kids",), not_clients=("dad", "mom"))),
        (r"client='Frank\'s laptop'", conditions(clients=("frank's laptop",))),
        ('client="Frank\'s phone"', conditions(clients=("frank's phone",))),
        ("client=Frank's phone", conditions(clients=("frank's phone",))),
        (r"client=~'Mary\'s\, and John\'s'", conditions(not_clients=("mary's, and john's",))),
        ("client='a, b|c'|d,important", Modifiers(important=True, options=Options(clients=("a, b|c", "d")))),
        (r"client=a\, b\|c\\|d", conditions(clients=("a, b|c\\", "d"))),
        ("client='~a'", conditions(clients=("~a",))),
        ("dnsrewrite=NXDOMAIN", Modifiers(rewrites=True, options=Options(says=Nxdomain()))),
        (r"dnsrewrite=NOERROR;TXT;a\,b=c|d", Modifiers(rewrites=True, options=Options(says=Datum(16, b"\x07a,b=c|d")))),
        (
            "dnstype=A,denyallow=b,client=c,ctag=user_admin,dnsrewrite=NXDOMAIN,important,badfilter",
            Modifiers(True, True, True, Options((1,), (), ("b",), ("c",), (), ("user_admin",), (), Nxdomain())),
        ),
    ],
)
def test_what_they_say(text: str, expected: Modifiers) -> None:
    assert modifiers.read(text, excepts=False) == expected


@pytest.mark.parametrize("text", ["dnsrewrite", "dnsrewrite=", "dnsrewrite= ,important"])
def test_only_an_exception_takes_every_rewrite_away(text: str) -> None:
    assert modifiers.read(text, excepts=False) == Skip(Reason.VALUE)
    assert modifiers.read(text, excepts=True) == Modifiers("important" in text, rewrites=True, options=Options())


@pytest.mark.parametrize(
    ("text", "narrowed"),
    [
        ("important", False),
        ("all", False),
        ("dnsrewrite=NXDOMAIN", False),
        ("dnstype=A", True),
        ("dnstype=~A,dnsrewrite=NXDOMAIN", True),
        ("denyallow=com", True),
        ("client=a", True),
        ("ctag=~user_child", True),
    ],
)
def test_what_leaves_questions_out(text: str, narrowed: bool) -> None:
    said = modifiers.read(text, excepts=False)
    assert isinstance(said, Modifiers)
    assert said.narrowed is narrowed


@pytest.mark.parametrize(
    ("reason", "texts"),
    [
        (
            Reason.NOT_DNS,
            "third-party ~third-party 3p 1p strict3p domain=a.example|~b.example script image,important popup ~doc "
            "xhr css frame ghide removeparam=/^utm_/ csp=script-src redirect=noop.js important,third-party _ ____ "
            "cname replace=/a/b/",
        ),
        (Reason.MODIFIER, ", ,, unknown Important ~important ~badfilter ~client=a important,unknown=1 =a a$b ctag-x=1"),
        (
            Reason.VALUE,
            "dnstype dnstype= dnstype=A|B dnstype=TYPE0 dnstype=TYPE65536 dnstype=A||MX dnstype=~ "
            "denyallow denyallow= denyallow=a|~b denyallow=*.a denyallow=a..b denyallow=192.0.2.1 "
            "ctag ctag= ctag=device_toaster ctag=DEVICE_TV client client= client=a| client=~ client='' "
            "client='a'b client='a client=\"a'|b dnsrewrite=SERVFAIL dnsrewrite=a;b important=1 all=x badfilter=",
        ),
    ],
)
def test_the_rest_is_skipped_with_a_reason(reason: Reason, texts: str) -> None:
    each = texts.split()
    if reason is Reason.MODIFIER:
        each += ["", "important x"]
    found = {text: modifiers.read(text, excepts=False) for text in each}
    assert found == dict.fromkeys(each, Skip(reason))


WORDS = (
    "important",
    "badfilter",
    "dnstype=A|~MX|AAAA",
    "denyallow=b|a",
    "client=~x|'y z'|192.0.2.1",
    "ctag=user_child",
    "dnsrewrite=a.example",
)
ORDERS = (
    st.sets(st.sampled_from(WORDS), min_size=1)
    .map(sorted)
    .flatmap(lambda words: st.tuples(*[st.permutations(words)] * 2))
)


@given(ORDERS)
def test_the_order_says_nothing(orders: tuple[list[str], list[str]]) -> None:
    one, other = (modifiers.read(",".join(words), excepts=False) for words in orders)
    assert one == other
    assert isinstance(one, Modifiers)


SIGNS = st.text(st.sampled_from("a=,|~'\"\\ $/1.:;é-"), max_size=40)
PIECES = st.lists(st.one_of(SIGNS, st.sampled_from([*WORDS, *modifiers._CONDITIONS])), max_size=6)


@given(st.one_of(st.text(), PIECES.map(",".join), PIECES.map("=".join), PIECES.map("".join)), st.booleans())
def test_whatever_they_are_they_are_read(text: str, excepts: bool) -> None:
    modifiers.split(text)
    assert isinstance(modifiers.read(text, excepts=excepts), Modifiers | Skip)


@pytest.mark.parametrize(
    "sign", [*"',\"|\\~=$/a", "a,", "|'", "'|\"", r"\'", r"'\'|", "a|", "~,", "/$", "important,", "_,"]
)
def test_hostile_lines_take_no_time(sign: str) -> None:
    long = sign * (65536 // len(sign))
    started = time.process_time()
    for name, quote in itertools.product(["", *(f"{name}=" for name in modifiers._CONDITIONS)], ["", "'", "x|\\"]):
        modifiers.read(name + quote + long, excepts=False)
        modifiers.split("/" + long + "$" + name + quote)
    assert time.process_time() - started < 2.0  # 18 lines of 64 KiB, twice
