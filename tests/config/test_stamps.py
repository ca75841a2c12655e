"""DNS stamps become the URLs that say the same."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config import stamps
from resolver.config.upstreams import upstream
from resolver.errors import TextError

NAME = b"dns.example"


def lp(*items: bytes) -> bytes:
    return b"".join(bytes((len(item),)) + item for item in items)


def vlp(*items: bytes) -> bytes:
    """A list: every length but the last has its high bit set."""
    return b"".join(bytes((len(item) | (0x80 if n + 1 < len(items) else 0),)) + item for n, item in enumerate(items))


def stamp(kind: int, *rest: bytes) -> str:
    data = bytes((kind,)) + bytes(8) + b"".join(rest)
    return "sdns://" + base64.urlsafe_b64encode(data).decode().rstrip("=")


HASHES = vlp(bytes(32), bytes(32))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (stamp(0, lp(b"9.9.9.9")), "udp://9.9.9.9"),
        (stamp(0, lp(b"[2620:fe::fe]:5353")), "udp://[2620:fe::fe]:5353"),
        (stamp(3, lp(b"9.9.9.9"), HASHES, lp(NAME)), "tls://9.9.9.9#dns.example"),
        (stamp(3, lp(b"9.9.9.9:8853"), HASHES, lp(NAME)), "tls://9.9.9.9:8853#dns.example"),
        (stamp(3, lp(b""), vlp(b""), lp(NAME + b":8853")), "tls://dns.example:8853"),
        (stamp(4, lp(b"[2620:fe::fe]"), HASHES, lp(NAME)), "quic://[2620:fe::fe]#dns.example"),
        (stamp(2, lp(b"9.9.9.9"), HASHES, lp(NAME), lp(b"/dns-query")), "https://9.9.9.9/dns-query#dns.example"),
        (
            stamp(2, lp(b""), HASHES, lp(NAME), lp(b"/q"), vlp(b"9.9.9.9", b"1.1.1.1")),
            "https://dns.example/q?bootstrap=9.9.9.9,1.1.1.1",
        ),
        # As published by its provider.
        (
            "sdns://AgcAAAAAAAAABzEuMC4wLjEAEmRucy5jbG91ZGZsYXJlLmNvbQovZG5zLXF1ZXJ5",
            "https://1.0.0.1/dns-query#dns.cloudflare.com",
        ),
    ],
)
def test_a_stamp_is_a_url(text: str, url: str) -> None:
    assert stamps.url(text) == url
    assert upstream(text) == upstream(url)
    assert upstream(text).url == url  # what status shows, and what a bundle holds


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (stamp(1, lp(b"9.9.9.9"), lp(bytes(32)), lp(b"2.dnscrypt")), "is a DNSCrypt server, which is not supported"),
        (stamp(0x81, lp(b"9.9.9.9")), "is a DNSCrypt relay, which is not supported"),
        (stamp(5, lp(NAME), lp(b"/")), "is an Oblivious DoH target, which is not supported"),
        (stamp(9), "is a stamp of an unknown kind (0x9)".replace("0x9", "0x09")),
        ("sdns://", "is empty"),
        ("sdns://A", "is not a DNS stamp"),
        ("sdns://é", "is not a DNS stamp"),
        (stamp(0, lp(b"9.9.9.9"))[:-3], "is cut short"),
        (stamp(0, b"\xff9.9.9.9"), "is cut short"),
        (stamp(0, lp(b"9.9.9.9"), b"more"), "is damaged"),
        (stamp(3, lp(b""), HASHES, lp(b"\xc3\xa9")), "is damaged"),
        (stamp(0, lp(b"9.9.9.9\n")), "is damaged"),
    ],
)
def test_not_a_stamp(text: str, what: str) -> None:
    with pytest.raises(TextError, match=r'^"') as caught:
        stamps.url(text)
    assert what in str(caught.value)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    text = "sdns://" + base64.urlsafe_b64encode(data).decode().rstrip("=")
    try:
        found = upstream(text)
    except TextError as error:
        assert str(error).isprintable()
    else:
        assert upstream(found.url) == found
