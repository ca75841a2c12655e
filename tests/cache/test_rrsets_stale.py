"""What is too old is still known, until something newer is (RFC 8767)."""

from __future__ import annotations

import pytest

from resolver.cache.rrsets import STALE_TTL
from resolver.model import Question, Rcode, RRset, Type
from resolver.wire.reply import Reply
from tests.cache.test_rrsets import NODATA, NXDOMAIN, Kept, a, cname, negative, positive, soa
from tests.support import wire

DAYS = 3 * 86_400


@pytest.fixture
def kept() -> Kept:
    return Kept()


def stale(kept: Kept, name: str, type: int = Type.A, limit: float = DAYS) -> tuple[int, list[tuple[int, int]]] | None:
    """RCODE, and type and TTL of each RRset of the answer."""
    found = kept.cache.stale(Question(wire(name), type), limit, do=False, cd=False)
    return None if found is None else (found.rcode, [(rrset.type, rrset.ttl) for rrset in found.answer])


def test_what_is_too_old_has_a_ttl_of_thirty_seconds_for_three_days(kept: Kept) -> None:
    kept.put("a.example", positive(a("a.example", 60)))
    kept.clock.advance(60)
    assert kept.get("a.example") is None
    assert stale(kept, "a.example") == (0, [(Type.A, STALE_TTL)])
    assert STALE_TTL == 30
    kept.clock.advance(DAYS - 1)
    assert stale(kept, "a.example") is not None
    kept.clock.advance(1)
    assert stale(kept, "a.example") is None


def test_what_is_not_too_old_keeps_its_own(kept: Kept) -> None:
    kept.put("www.example", positive(cname("www.example", "b.example", 300), a("b.example", 20)))
    kept.clock.advance(100)
    assert stale(kept, "www.example") == (0, [(Type.CNAME, 200), (Type.A, STALE_TTL)])


def test_nothing_is_known_of_what_was_never_asked(kept: Kept) -> None:
    assert stale(kept, "a.example") is None
    kept.put("www.example", positive(cname("www.example", "b.example", 300), a("b.example", 20)))
    kept.clock.advance(100)
    assert stale(kept, "www.example", Type.AAAA) is None  # the alias is known, and what it has of this type is not


def test_a_denial_is_told_too(kept: Kept) -> None:
    kept.put("no.example", negative(NXDOMAIN, soa()))
    kept.clock.advance(1000)
    assert stale(kept, "no.example") == (Rcode.NXDOMAIN, [])
    kept.put("a.example", negative(NODATA, soa()), Type.AAAA)
    kept.clock.advance(1000)
    assert stale(kept, "a.example", Type.AAAA) == (0, [])


def test_the_last_word_holds_whatever_it_was(kept: Kept) -> None:
    kept.put("a.example", positive(a("a.example", 60)))
    kept.clock.advance(100)
    kept.put("a.example", negative(NXDOMAIN, soa(ttl=60)), Type.AAAA)
    assert stale(kept, "a.example") == (Rcode.NXDOMAIN, [])
    kept.clock.advance(1000)
    assert stale(kept, "a.example") == (Rcode.NXDOMAIN, [])
    kept.put("a.example", positive(cname("a.example", "b.example", 60), a("b.example", 60)))
    kept.clock.advance(1000)
    assert stale(kept, "a.example") == (0, [(Type.CNAME, 30), (Type.A, 30)])
    kept.put("a.example", positive(a("a.example", 60)))
    kept.clock.advance(1000)
    assert stale(kept, "a.example") == (0, [(Type.A, 30)])


@pytest.mark.parametrize("denial", [negative(NXDOMAIN), negative(NXDOMAIN, soa(minimum=0)), negative(NODATA)])
def test_a_denial_that_may_not_be_kept_ends_what_it_denied(kept: Kept, denial: Reply) -> None:
    kept.put("a.example", positive(a("a.example", 60)))
    kept.clock.advance(100)
    assert kept.put("a.example", denial) == 0
    assert stale(kept, "a.example") is None
    assert kept.get("a.example") is None
    kept.put("a.example", positive(a("a.example", 60)))
    assert kept.found("a.example").lifetime == 60


def test_whether_anything_is_known_at_all(kept: Kept) -> None:
    question = Question(wire("a.example"), Type.A)
    assert not kept.cache.holds(question, do=False, cd=False)
    kept.put("a.example", positive(a("a.example", 60)))
    kept.clock.advance(1_000_000)
    assert kept.cache.holds(question, do=False, cd=False)
    assert not kept.cache.holds(question, do=True, cd=False)
    assert not kept.cache.holds(Question(wire("a.example"), Type.AAAA), do=False, cd=False)


def test_it_is_authentic_if_every_part_is_and_never_when_it_is_old(kept: Kept) -> None:
    question = Question(wire("www.example"), Type.A)
    kept.cache.put(question, positive(cname("www.example", "b.example", 60)), do=False, cd=False, ad=True)
    kept.cache.put(Question(wire("b.example"), 1), positive(a("b.example")), do=False, cd=False, ad=True)
    assert kept.found("www.example").ad
    kept.cache.put(Question(wire("b.example"), 1), positive(a("b.example")), do=False, cd=False)
    assert not kept.found("www.example").ad
    kept.cache.put(Question(wire("b.example"), 1), positive(a("b.example")), do=False, cd=False, ad=True)
    kept.clock.advance(100)
    found = kept.cache.stale(question, DAYS, do=False, cd=False)
    assert found is not None
    assert not found.ad


def test_what_is_asked_for_again_in_its_last_tenth_is_ending(kept: Kept) -> None:
    kept.put("a.example", positive(a("a.example", 100)))
    assert not kept.found("a.example").ending
    kept.clock.advance(89)
    assert not kept.found("a.example").ending
    kept.clock.advance(1)
    assert kept.found("a.example").ending
    assert kept.cache.ending(Question(wire("a.example"), Type.A)) == [(False, False)]
    kept.put("b.example", positive(a("b.example", 100)))
    kept.clock.advance(95)
    assert not kept.found("b.example").ending  # nobody has asked for it before


def test_what_is_used_stays_when_there_is_no_room() -> None:
    kept = Kept(capacity=100 * (570 + 64))
    for n in range(50):
        kept.put(f"used{n}.example", positive(a(f"used{n}.example")))
        kept.found(f"used{n}.example")
    for n in range(1000):
        kept.put(f"n{n}.example", positive(a(f"n{n}.example")))
    assert all(kept.get(f"used{n}.example") for n in range(50))
    kept.cache.resize(10 * (570 + 64))
    kept.put("a.example", positive(RRset(wire("a.example"), Type.A, 60, (bytes(4),))))
    assert len(kept.cache) == 10
