"""What is believed of an upstream, and the bounds of TTLs."""

from __future__ import annotations

import pytest

from resolver.model import RRset, Type
from resolver.pipeline.trust import believed, clamped
from resolver.policy.truth import Truth
from resolver.wire.reply import Reply


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("udp://192.0.2.53", False),
        ("tcp://192.0.2.53", False),
        ("udp://[2001:db8::53]:5300", False),
        ("udp://127.0.0.1:5335", True),
        ("udp://[::1]", True),
        ("tls://192.0.2.53#dns.example", True),
        ("https://dns.example/dns-query", True),
        ("quic://dns.example", True),
        ("udp://dns.example", False),
    ],
)
def test_whose_word_counts(url: str, expected: bool) -> None:
    assert believed(url, "encrypted") == expected
    assert believed(url, "all")
    assert not believed(url, "none")


def reply(*ttls: int, positive: bool = True) -> Reply:
    rrsets = tuple(RRset(b"\x01a\0", Type.A, ttl, (bytes(4),)) for ttl in ttls)
    answer, authority = (rrsets, ()) if positive else ((), rrsets)
    return Reply(0, truncated=False, ad=False, answer=answer, authority=authority, ede=(), positive=positive)


def test_without_bounds_nothing_is_touched() -> None:
    given = reply(0, 86_400)
    assert clamped(given, Truth()) is given


def test_ttls_are_brought_within_bounds() -> None:
    made = clamped(reply(0, 59, 60, 600, 601, 86_400), Truth(min_ttl=60, max_ttl=600))
    assert [rrset.ttl for rrset in made.answer] == [60, 60, 60, 600, 600, 600]


def test_a_denial_is_not_kept_for_longer_than_it_says() -> None:
    made = clamped(reply(5, 3600, positive=False), Truth(min_ttl=60, max_ttl=600))
    assert [rrset.ttl for rrset in made.authority] == [5, 600]
