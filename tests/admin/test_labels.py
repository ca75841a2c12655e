"""What upstreams are called in metrics."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.labels import upstream_labels


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("udp://192.0.2.53", "udp://192.0.2.53"),
        ("udp://[2001:db8::53]:5353", "udp://[2001:db8::53]:5353"),
        ("udp://[fe80::1%eth0]", "udp://[fe80::1%eth0]"),
        ("tcp://192.0.2.53:53", "tcp://192.0.2.53:53"),
        ("tls://9.9.9.9#dns.quad9.net", "tls://9.9.9.9"),
        ("tls://9.9.9.9:853#abc123.dns.example.net", "tls://9.9.9.9:853"),
        ("tls://abc123.dns.example.net", "tls://*.dns.example.net"),
        ("quic://abc123.d.example.com:8853", "quic://*.d.example.com:8853"),
        ("https://dns.quad9.net/dns-query", "https://dns.quad9.net"),
        ("https://dns.example.net/abc123", "https://dns.example.net"),
        ("https://dns.example.net:8443/abc123?pin=sha256//abc123=&bootstrap=192.0.2.1", "https://dns.example.net:8443"),
        ("https://user:abc123@dns.example.net/dns-query", "https://dns.example.net"),
        ("abc123", "unknown"),
        ("https:///abc123", "unknown"),
        ("tls://dns.example.net:abc123", "tls://dns.example.net"),
    ],
)
def test_what_is_left_of_a_url(url: str, label: str) -> None:
    assert upstream_labels([url]) == {url: label}


def test_two_that_look_alike_are_told_apart() -> None:
    urls = [
        "https://dns.example.net/one",
        "https://dns.example.net/two",
        "udp://192.0.2.1",
        "https://dns.example.net/3",
    ]
    assert list(upstream_labels(urls).values()) == [
        "https://dns.example.net",
        "https://dns.example.net (2)",
        "udp://192.0.2.1",
        "https://dns.example.net (3)",
    ]


@given(st.lists(st.text(), unique=True))
def test_whatever_it_is_each_has_a_label_of_its_own(urls: list[str]) -> None:
    found = upstream_labels(urls)
    assert len(set(found.values())) == len(urls)
    assert all(label.isprintable() for label in found.values())


@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=12, max_size=20).map("secret{}".format))
def test_no_id_of_ones_own_is_told(secret: str) -> None:
    urls = [
        f"https://dns.example.net/{secret}",
        f"https://dns.example.net/dns-query/{secret}?x={secret}#{secret}",
        f"https://{secret}:{secret}@dns.example.net/dns-query",
        f"tls://{secret}.dns.example.net",
        f"tls://192.0.2.1#{secret}.dns.example.net",
    ]
    assert secret not in "".join(upstream_labels(urls).values())
