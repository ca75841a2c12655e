"""Whose a name is: the registrable domain, also where nobody has listed the suffix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.repair.domains import Domains, is_below
from resolver.wire.name import to_text

DOMAINS = Domains()


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("www.news.example.com", "example.com"),
        ("example.com", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("d1234.cloudfront.net", "d1234.cloudfront.net"),
        ("deep.d1234.cloudfront.net", "d1234.cloudfront.net"),
        ("com", "com"),
        ("co.uk", "co.uk"),
        ("x.printer.lan", "printer.lan"),
        ("nas", "nas"),
        (".", "."),
        ("xn--bcher-kva.example.com", "example.com"),
    ],
)
def test_registrable(name: str, domain: str) -> None:
    assert DOMAINS.registrable(name) == domain


def test_public() -> None:
    assert all(map(DOMAINS.is_public, ("com", "co.uk", "cloudfront.net")))
    assert not any(map(DOMAINS.is_public, ("example.com", "nas", "printer.lan", "www.cloudfront.net")))


def test_below() -> None:
    assert is_below("a.example.com", "example.com")
    assert is_below("example.com", "example.com")
    assert not is_below("anexample.com", "example.com")


@given(st.lists(st.binary(min_size=1, max_size=63), max_size=3))
def test_any_bytes_are_somebody_s(labels: list[bytes]) -> None:
    wire = b"".join(bytes([len(label)]) + label.lower() for label in labels) + b"\0"
    name = to_text(wire)
    assert is_below(name, DOMAINS.registrable(name))
