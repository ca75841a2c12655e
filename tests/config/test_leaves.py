"""Texts of values: each that is right, and each mistake with the sentence that answers it."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config import leaves
from resolver.config.values import Crowd, Endpoint
from resolver.errors import LullError, TextError

_PARSERS = ["duration", "size", "address", "endpoint", "network", "asker", "window"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10s", 10),
        ("5m", 300),
        ("12h", 43200),
        ("30d", 2592000),
        ("2w", 1209600),
        ("1h30m", 5400),
        ("1w2d3h4m5s", 788645),
        ("90", 90),
        ("0", 0),
        (" 10s ", 10),
    ],
)
def test_duration(text: str, seconds: int) -> None:
    assert leaves.duration(text) == seconds
    assert isinstance(leaves.duration(text), float)


@pytest.mark.parametrize("text", ["", "s", "1x", "1.5h", "-1", "30m1h", "1h1h", "12:30", "1 h", "٣", "1e3", "9" * 30])
def test_not_a_duration(text: str) -> None:
    with pytest.raises(TextError, match="is not a duration: write 10s, 5m, 12h, 30d, 2w or 1h30m"):
        leaves.duration(text)


@pytest.mark.parametrize(
    ("text", "bytes"),
    [
        ("2GB", 2 * 10**9),
        ("500 mb", 5 * 10**8),
        ("1TB", 10**12),
        ("0", 0),
        (" 50MB ", 5 * 10**7),
        ("1500MB", 15 * 10**8),
    ],
)
def test_size(text: str, bytes: int) -> None:
    assert leaves.size(text) == bytes
    assert leaves.size(leaves.show_size(bytes)) == bytes


@pytest.mark.parametrize("text", ["", "2", "2G", "2GiB", "1.5GB", "-1GB", "GB", "2GB1MB", "٣GB", "1" * 9 + "MB"])
def test_not_a_size(text: str) -> None:
    with pytest.raises(TextError, match="is not a size: write 500MB or 2GB; 0 is no limit"):
        leaves.size(text)


@pytest.mark.parametrize("text", ["49MB", "0MB", "0GB"])
def test_a_size_is_not_too_little(text: str) -> None:
    with pytest.raises(TextError, match="is too little: at least 50MB; 0 is no limit"):
        leaves.size(text)


def test_a_duration_has_an_end() -> None:
    with pytest.raises(TextError, match='"5300w" is longer than 100 years'):
        leaves.duration("5300w")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (-5, "0s"),
        (9.6, "10s"),
        (90, "1m30s"),
        (5400, "1h30m"),
        (604800, "1w"),
        (2592000, "30d"),
        (691200, "8d"),
    ],
)
def test_show_duration(seconds: float, text: str) -> None:
    assert leaves.show_duration(seconds) == text


@given(st.integers(0, 100 * 365 * 86400))
def test_durations_round_trip(seconds: int) -> None:
    assert leaves.duration(leaves.show_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:5353", "127.0.0.1", 5353),
        ("0.0.0.0:53", "0.0.0.0", 53),
        ("[::]:53", "::", 53),
        ("[2001:DB8:0::1]:65535", "2001:db8::1", 65535),
        ("[fe80::1%eth0]:53", "fe80::1%eth0", 53),
    ],
)
def test_endpoint(text: str, host: str, port: int) -> None:
    assert leaves.endpoint(text) == Endpoint(host, port)
    assert leaves.endpoint(str(leaves.endpoint(text))) == Endpoint(host, port)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"" is not ADDRESS:PORT, such as "127.0.0.1:53" or "[::1]:53"'),
        ("5353", '"5353" is not ADDRESS:PORT, such as "127.0.0.1:53" or "[::1]:53"'),
        ("127.0.0.1", '"127.0.0.1" has no port; write the address and a port, such as "127.0.0.1:53"'),
        ("::1", '"::1" has no port; write the address and a port, such as "[::1]:53"'),
        ("[::1]", '"[::1]" has no port; write the address and a port, such as "[::1]:53"'),
        ("fe80::1%e:53", '"fe80::1%e:53": an IPv6 address stands in brackets; did you mean "[fe80::1%e]:53"?'),
        (":53", '":53" has no IP address; did you mean "0.0.0.0:53"?'),
        ("*:53", '"*:53" has no IP address; did you mean "0.0.0.0:53"?'),
        ("localhost:53", '"localhost:53" has no IP address; did you mean "127.0.0.1:53"?'),
        ("dns.example:53", '"dns.example:53": "dns.example" is not an IP address; names cannot be used here'),
        ("127.0.0.1:0", '"127.0.0.1:0": port 0 does not exist; ports are 1 to 65535'),
        ("[127.0.0.1]:53", '"[127.0.0.1]:53": brackets are for IPv6 addresses; write 127.0.0.1 without them'),
        ("\x1b[2J:53", '"\\x1b[2J:53" is not ADDRESS:PORT, such as "127.0.0.1:53" or "[::1]:53"'),
    ],
)
def test_not_an_endpoint(text: str, message: str) -> None:
    with pytest.raises(TextError) as caught:
        leaves.endpoint(text)
    assert str(caught.value) == message


def test_networks_and_askers() -> None:
    assert leaves.network("192.0.2.20") == ipaddress.ip_network("192.0.2.20/32")
    assert leaves.network("2001:db8::/32") == ipaddress.ip_network("2001:db8::/32")
    assert leaves.asker("private") is Crowd.PRIVATE
    assert leaves.asker("any") is Crowd.ANY
    assert leaves.asker("198.51.100.0/24") == ipaddress.ip_network("198.51.100.0/24")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("192.0.2.20/24", '"192.0.2.20/24" has bits set after its length; did you mean "192.0.2.0/24"?'),
        (
            "all",
            '"all" is not an address or a network, such as "192.0.2.20" or "198.51.100.0/24", or private or any',
        ),
        ("192.0.2.0/33", '"192.0.2.0/33" is not an address or a network, such as "192.0.2.20" or "198.51.100.0/24"'),
    ],
)
def test_not_an_asker(text: str, message: str) -> None:
    with pytest.raises(TextError) as caught:
        leaves.asker(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "seconds"), [("10m", 600), ("1m", 60), ("24h", 86400), (" 90 ", 90), ("always", None)]
)
def test_window(text: str, seconds: int | None) -> None:
    assert leaves.window(text) == seconds
    assert leaves.window(leaves.show_window(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("59s", '"59s" is not a window from 1m to 24h; or write always'),
        ("1d1s", '"1d1s" is not a window from 1m to 24h; or write always'),
        ("ever", '"ever" is not a duration: write 10s, 5m, 12h, 30d, 2w or 1h30m; or always'),
    ],
)
def test_what_is_no_window(text: str, said: str) -> None:
    with pytest.raises(TextError) as caught:
        leaves.window(text)
    assert str(caught.value) == said


def test_is_address() -> None:
    assert [leaves.is_address(text) for text in ("192.0.2.1", "::1", "fe80::1%eth0", "a.example", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("parse", _PARSERS)
@given(text=st.text() | st.from_regex(r"[a-z0-9:/.\[\]%*^|@ -]{0,40}", fullmatch=True))
def test_any_text_gives_a_value_or_a_sentence(parse: str, text: str) -> None:
    try:
        getattr(leaves, parse)(text)
    except LullError as error:
        assert str(error).isprintable()


def test_shown_text_is_short_and_inert() -> None:
    assert leaves.shown("a\x1b[2J\u202eb\ud800") == '"a\\x1b[2J\\u202eb\\ud800"'
    assert leaves.shown("a" * 500) == '"' + "a" * 80 + '…"'
