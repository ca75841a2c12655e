"""Where service records lead, checked against dnspython's RDATA."""

from __future__ import annotations

import ipaddress

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.wire.name import from_text
from resolver.wire.svcb import leads


def rdata(text: str) -> bytes:
    return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.HTTPS, text).to_wire() or b""


@pytest.mark.parametrize(
    ("text", "target", "hints"),
    [
        ("0 other.example.", "other.example", ()),
        ("1 . alpn=h2", ".", ()),
        (
            "1 CDN.example. alpn=h2,h3 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1",
            "cdn.example",
            ("192.0.2.1", "192.0.2.2", "2001:db8::1"),
        ),
    ],
)
def test_target_and_hints(text: str, target: str, hints: tuple[str, ...]) -> None:
    assert leads(rdata(text)) == (from_text(target), tuple(ipaddress.ip_address(hint).packed for hint in hints))


def test_what_is_cut_short_gives_what_came_before() -> None:
    whole = rdata("1 cdn.example. ipv4hint=192.0.2.1,192.0.2.2")
    assert leads(whole[:-2]) == (from_text("cdn.example"), (bytes((192, 0, 2, 1)),))
    assert leads(whole[:5]) == (b"", ())
    assert leads(b"") == (b"", ())


@given(st.binary(max_size=300))
def test_nothing_makes_it_fail(garbage: bytes) -> None:
    target, hints = leads(garbage)
    assert isinstance(target, bytes)
    assert all(len(hint) in {4, 16} for hint in hints)
