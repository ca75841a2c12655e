"""What people mean by a site, by names on it and by a window."""

from __future__ import annotations

import pytest

from resolver.admin import sitenames
from resolver.errors import ApiError
from resolver.repair.domains import Domains

DOMAINS = Domains()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("news.example.com", "example.com"),
        (" WWW.Example.COM. ", "example.com"),
        ("shop.example.co.uk", "example.co.uk"),
        ("bücher.example.com", "example.com"),
        ("somebody.github.io", "somebody.github.io"),
        ("nas", "nas"),
    ],
)
def test_the_registrable_domain_is_meant(text: str, meant: str) -> None:
    site, hint = sitenames.site(text, DOMAINS, exact=False)
    assert site == meant
    assert bool(hint) is (text.strip().lower().rstrip(".") != meant)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://user@www.x.example:8443/path?x#y",
            "www.x.example:80",
            "www.x.example/a?b=c@d",
            "//www.x.example/a//b",
        ),
        *("<https://www.x.example/>", " \u200bwww.x.example\n", "see https://www.x.example/a for it", "WWW.X.EXAMPLE."),
        *(
            "view-source:http://user:word@www.x.example?q=http://y.example/",
            '"www.x.example",',
            "mailto:a@www.x.example",
        ),
    ],
)
def test_what_people_paste(text: str) -> None:
    assert sitenames.name(text) == "www.x.example"
    assert sitenames.site(text, DOMAINS, exact=False)[0] == "x.example"
    assert sitenames.site(text, DOMAINS, exact=True) == ("www.x.example", "")


@pytest.mark.parametrize(
    "text", ["https://b\u00fccher.example/", "https://b%C3%BCcher.example", "XN--BCHER-KVA.example/x"]
)
def test_other_letters_are_pasted(text: str) -> None:
    assert sitenames.name(text) == "xn--bcher-kva.example"


def test_escapes_stay() -> None:
    assert sitenames.name("a\\032b.example") == "a\\032b.example"


def test_exact() -> None:
    assert sitenames.site("Shop.Example.co.uk", DOMAINS, exact=True) == ("shop.example.co.uk", "")
    assert sitenames.site("co.uk", DOMAINS, exact=True) == ("co.uk", "")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ".",
            "co.uk",
            "com",
            "github.io",
            "192.0.2.1",
            "192.0.2.1:80",
            "a b",
            "x" * 64,
            "||a.example^",
            "/x/",
            "//",
        ),
        *("https://", "https:///x", "http://[2001:db8::1]/", "about:blank", "javascript:alert(1)", "@", "[]"),
    ],
)
def test_what_is_no_site(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        sitenames.site(text, DOMAINS, exact=False)
    assert (caught.value.status, caught.value.path) == (400, "site")


def test_names() -> None:
    assert sitenames.names(["B.example", "a.example", "b.example."]) == ("b.example", "a.example")
    for bad in ("", ".", "||a.example^", "/x/", "2001:db8::1"):
        with pytest.raises(ApiError) as caught:
            sitenames.names(["a.example", bad])
        assert caught.value.path == "names"


def test_windows() -> None:
    assert [sitenames.window(given) for given in ("10m", "always", 90, "24h")] == [600, None, 90, 86_400]
    for bad in (0, 59, 86_401, "soon", "", "25h"):
        with pytest.raises(ApiError) as caught:
            sitenames.window(bad)
        assert caught.value.path == "window"
