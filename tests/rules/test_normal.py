"""The normal form of names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules.normal import is_address, is_normal, no_name, normal
from resolver.rules.rule import Reason, Skip

LABEL = "a" * 63
LONGEST = ".".join([LABEL, LABEL, LABEL, "a" * 61])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a.example", "a.example"),
        ("A.Example.", "a.example"),
        ("example", "example"),
        ("_dmarc.foo_bar.example", "_dmarc.foo_bar.example"),
        ("-a-.b-.example", "-a-.b-.example"),
        ("r3---sn-4g5e6nsy.example", "r3---sn-4g5e6nsy.example"),
        ("1.2.3.4.in-addr.arpa", "1.2.3.4.in-addr.arpa"),
        ("0.0.0.0.a.example", "0.0.0.0.a.example"),
        ("xn--i-7iq.example", "xn--i-7iq.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("_x.bücher.example", "_x.xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("a。example", "a.example"),
        ("a\uff0eb\uff61example。", "a.b.example"),
        ("ПРИМЕР.ИСПЫТАНИЕ", "xn--e1afmkfd.xn--80akhbyknj4f"),
        ("XN--BCHER-KVA.Example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.BÜCHER.example", "xn--bcher-kva.xn--bcher-kva.example"),
        ("xn--ls8h.example", "xn--ls8h.example"),
        ("\uff41.example", "a.example"),
        ("\u212a.example", "k.example"),
        ("a\u00ad.example", "a.example"),
        ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
        (LONGEST, LONGEST),
        (LONGEST + ".", LONGEST),
        ("bücher." + LONGEST[:239], "xn--bcher-kva." + LONGEST[:239]),
    ],
)
def test_names_have_one_normal_form(text: str, name: str) -> None:
    assert normal(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a..example",
        ".a.example",
        "a.example..",
        "a b.example",
        "a.example/path",
        "a\0.example",
        "a.example\n",
        "*.example",
        "a\\.example",
        "-----",
        "____",
        "a.-",
        "192.168.1",
        "192.0.2.1",
        "12345",
        LABEL + "a.example",
        LONGEST + "a",
        "bücher." + LONGEST[:242],
        "x" * 300,
        "ü" * 300,
        "ü" * 63 + ".example",
        "i❤.example",
        "💩.example",
        "a.\uff11\uff12\uff17",
        "\uff11\uff19\uff12.0.2.1",
        ("a" * 49 + ".") * 6,
        ("ü" * 49 + ".") * 6,
        "a" * 100_000,
        "ü." * 50_000,
        "ü..example",
        "\ufffd.example",
        "\ud800.example",
        "א1a.example",
        "a\u200d.example",
    ],
)
def test_what_is_no_name_has_none(text: str) -> None:
    assert normal(text) is None


@given(st.text())
def test_any_text_has_a_normal_form_or_none(text: str) -> None:
    name = normal(text)
    assert is_normal(text) == (name == text)
    if name is not None:
        assert re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name)
        assert len(name) <= 253
        assert max(map(len, name.split("."))) <= 63
        assert is_normal(name)
        assert normal(name) == name
        assert normal(name.upper() + ".") == name


@pytest.mark.parametrize("text", ["192.0.2.1", "::1", "2001:db8::1", "fe80::1%lo0"])
def test_an_address_is_told_from_a_name(text: str) -> None:
    assert is_address(text)
    assert no_name(text) == Skip(Reason.ADDRESS)


def test_what_is_neither_is_not_a_name() -> None:
    assert not is_address("1.2.3.456")
    assert no_name("1.2.3.456") == Skip(Reason.NOT_A_NAME)
