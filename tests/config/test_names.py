"""Names as people write them, and what stands in their place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config.names import below, exact, is_plain, plain_in
from resolver.errors import TextError
from resolver.wire.name import from_text, to_text


@pytest.mark.parametrize(
    ("text", "name"),
    [("School.Example.", "school.example"), ("münchen.example", "xn--mnchen-3ya.example"), ("example", "example")],
)
def test_names(text: str, name: str) -> None:
    assert (str(below(text)), str(exact(text))) == (name, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("*.school.example", 'is not a name; a plain name means all below it too; did you mean "school.example"?'),
        (
            "https://school.example/x",
            'is not a name; a plain name means all below it too; did you mean "school.example"?',
        ),
        ("a b", "is not a name; a plain name means all below it too"),
        ("192.0.2.1", '"192.0.2.1" is an address; a name is wanted here'),
        ("2001:db8::1", '"2001:db8::1" is an address; a name is wanted here'),
        (".", '"." is every name there is; write the names that are meant'),
        ("a..b", "has an empty label"),
        ("", "a name is missing"),
    ],
)
def test_what_is_no_name(text: str, said: str) -> None:
    with pytest.raises(TextError, match=re.escape(said)):
        below(text)
    with pytest.raises(TextError, match=re.escape(said.replace("; a plain name means all below it too", ""))):
        exact(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("||Ads.example^$dnstype=A", "ads.example"),
        ("@@||ads.example^", "ads.example"),
        ("http://ads.example:80/x", "ads.example"),
        ("ads.example##.ad", "ads.example"),
        ("/ads[0-9]/", ""),
        ("192.0.2.1/24", ""),
        ("||^", ""),
    ],
)
def test_the_plain_name_inside(text: str, name: str) -> None:
    assert plain_in(text) == name


@given(st.text() | st.from_regex(r"[a-z0-9:/.*^|@$ -]{0,40}", fullmatch=True))
def test_any_text_is_a_name_in_normal_form_or_a_sentence(text: str) -> None:
    try:
        found = below(text)
    except TextError as error:
        assert str(error).isprintable()
    else:
        assert is_plain(text)
        assert to_text(from_text(found)) == found
