"""What people call things: letters of any language, in one form."""

import re
import unicodedata

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from resolver.config.called import FORM, LONGEST, MAC, composed, device, key, name

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


@pytest.mark.parametrize(
    "text",
    [
        "tv",
        "Küche",
        "Ömers Föhn (oben)",
        "Мама",
        "रसोई",
        "居間 2",
        "Ada's & Bob\N{RIGHT SINGLE QUOTATION MARK}s_PC-1",
        "٣",
        "x" * LONGEST,
    ],
)
def test_names(text: str) -> None:
    assert name(text) == device(text) == text
    assert key(text.upper()) == key(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " tv", "-tv", "(tv)", "x" * (LONGEST + 1), "a.example", "192.0.2.1", "::1", "a/b", "a:b", "a,b", 'a"b'),
        *("a<b", "a>b", "a\nb", "a\x1b[2J", "a\u202eb", "a\u200bb", "a\u200db", "a\u2028b", "a\ue000b", "a\ud800b"),
        *("a\u3164b", "\u115f", "a\ufe0f", "\u0301a", "a\N{GRINNING FACE}"),
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert name(text) == device(text) == ""


def test_a_device_is_not_called_as_a_mac_address() -> None:
    assert name("02-00-5e-10-00-01") == "02-00-5e-10-00-01"
    assert device("02-00-5e-10-00-01") == ""
    assert device("02-00-5e-10-00-01-02") == "02-00-5e-10-00-01-02"


def test_equal_names_are_one() -> None:
    apart = unicodedata.normalize("NFD", "Küche")
    assert apart != "Küche"
    assert name(apart) == composed(apart) == "Küche"
    assert key(apart) == key("KÜCHE") == "küche"


@given(
    st.text(max_size=70) | st.from_regex(FORM.replace(r"\p{L}", "a-zé").replace(r"\p{Nd}", "0-9").replace(r"\p{M}", ""))
)
def test_the_form_in_the_schema_takes_every_name(text: str) -> None:
    found = name(text)
    if found:
        assert re2.fullmatch(FORM, found, _OPTIONS)
        assert name(found) == found == composed(found)
        assert found.isprintable()
        assert not re.search('[.:/<>"]', found)
    if device(text):
        assert not re.fullmatch(MAC, text)
