import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.jobbodies import Failure
from resolver.admin.pages.render import Pages, browser, groups, length_of, number, plain, share, short, words
from resolver.admin.pages.static import addresses, read_files

PAGES = Pages(addresses(read_files()))


@given(st.text())
def test_plain_text_has_nothing_that_acts(text: str) -> None:
    assert plain(text).isprintable()


@given(st.text(max_size=2000))
def test_short_names_are_short_and_keep_both_ends(name: str) -> None:
    if name.isprintable():
        assert len(short(name)) <= 101
        assert short(name)[:40] == name[:40]
        assert short(name)[-40:] == name[-40:]


def test_numbers_as_people_read_them() -> None:
    assert number(1234567) == "1,234,567"
    assert share(1, 3) == "33.3 %"
    assert share(0, 0) == "none"
    assert [words(length) for length in ("1m", "5m", "1h", "2h")] == ["1 minute", "5 minutes", "1 hour", "2 hours"]


@given(st.text())
def test_no_text_becomes_markup(text: str) -> None:
    page = PAGES.response("error.html", 400, title=text, failure=Failure("x", text)).text
    assert page is not None
    assert page.count("<") == PAGES.response("error.html", 400, title="", failure=Failure("x", "")).text.count("<")  # type: ignore[union-attr]


def test_a_value_that_a_template_lacks_is_an_error() -> None:
    with pytest.raises(Exception, match="undefined"):
        PAGES.response("login.html")


@pytest.mark.parametrize(
    ("agent", "called"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131 Safari/537 Edg/131",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 (KHTML, like Gecko) Chrome/131 Mobile Safari/537",
            "Chrome on Android",
        ),
        ("curl/8.11", "curl/8.11"),
        ("", "not told"),
    ],
)
def test_browsers_as_people_call_them(agent: str, called: str) -> None:
    assert browser(agent) == called


def test_lengths_and_secrets_as_people_read_them() -> None:
    assert [length_of(seconds) for seconds in (1800, 3600, 60, 90, 5400)] == [
        "30 minutes",
        "1 hour",
        "1 minute",
        "90 seconds",
        "90 minutes",
    ]
    assert groups("ABCDEFGHIJ") == "ABCD EFGH IJ"
