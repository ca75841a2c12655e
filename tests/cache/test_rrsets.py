"""Upstream truth: what is kept, for how long, and for whom (PROTOCOL, "Caching")."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.cache.rrsets import CAPACITY, MAX_NEGATIVE, Found, RRsetCache, negative_authority, negative_ttl
from resolver.model import Question, Rcode, RRset, Type
from resolver.wire.reply import Reply
from tests.support import StillClock, wire

NXDOMAIN, NODATA = Rcode.NXDOMAIN, Rcode.NOERROR


def a(owner: str, ttl: int = 60, last: int = 1) -> RRset:
    return RRset(wire(owner), Type.A, ttl, (bytes((192, 0, 2, last)),))


def cname(owner: str, target: str, ttl: int = 300) -> RRset:
    return RRset(wire(owner), Type.CNAME, ttl, (wire(target),))


def soa(owner: str = "example", ttl: int = 3600, minimum: int = 300) -> RRset:
    rdata = wire("ns.example") + wire("admin.example") + struct.pack("!5L", 1, 2, 3, 4, minimum)
    return RRset(wire(owner), Type.SOA, ttl, (rdata,))


def rrsig(over: RRset, ttl: int | None = None) -> RRset:
    return RRset(over.owner, Type.RRSIG, over.ttl if ttl is None else ttl, (struct.pack("!H", over.type) + b"sig",))


def positive(*answer: RRset, authority: tuple[RRset, ...] = ()) -> Reply:
    return Reply(0, truncated=False, ad=False, answer=answer, authority=authority, ede=(), positive=True)


def negative(rcode: int, *authority: RRset, answer: tuple[RRset, ...] = ()) -> Reply:
    return Reply(rcode, truncated=False, ad=False, answer=answer, authority=authority, ede=(), positive=False)


ORDINARY = 570 + 60 + 4  # what an entry with one address weighs


class Kept:
    """A cache, its clock, and short ways to use both."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.clock = StillClock()
        self.cache = RRsetCache(self.clock, capacity)

    def put(self, name: str, reply: Reply, type: int = Type.A, *, do: bool = False, cd: bool = False) -> int:
        return self.cache.put(Question(wire(name), type), reply, do=do, cd=cd)

    def get(self, name: str, type: int = Type.A, *, do: bool = False, cd: bool = False) -> Found | None:
        return self.cache.get(Question(wire(name), type), do=do, cd=cd)

    def found(self, name: str, type: int = Type.A, *, do: bool = False) -> Found:
        found = self.get(name, type, do=do)
        assert found is not None
        return found


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_an_answer_ages_and_ends(kept: Kept) -> None:
    assert kept.put("a.example", positive(a("a.example", 60))) == 60
    assert kept.found("a.example") == Found(0, (a("a.example", 60),), (), 60)
    kept.clock.advance(59.9)
    assert kept.found("a.example") == Found(0, (a("a.example", 1),), (), 1, ending=True)
    kept.clock.advance(0.2)
    assert kept.get("a.example") is None


def test_only_this_name_and_type(kept: Kept) -> None:
    kept.put("a.example", positive(a("a.example")))
    assert kept.get("b.example") is None
    assert kept.get("a.example", Type.AAAA) is None
    assert kept.get("example") is None


def test_a_ttl_of_zero_is_given_once(kept: Kept) -> None:
    assert kept.put("a.example", positive(a("a.example", 0))) == 0
    assert kept.get("a.example") is None


def test_chains_live_as_long_as_their_shortest_link(kept: Kept) -> None:
    reply = positive(cname("www.example", "b.example", 300), cname("b.example", "c.test", 20), a("c.test", 60))
    assert kept.put("www.example", reply) == 20
    kept.clock.advance(5)
    found = kept.found("www.example")
    assert [rrset.ttl for rrset in found.answer] == [295, 15, 55]
    assert [rrset.type for rrset in found.answer] == [Type.CNAME, Type.CNAME, Type.A]
    assert found.lifetime == 15
    kept.clock.advance(20)
    assert kept.get("www.example") is None  # the middle is gone
    assert kept.found("c.test").answer == (a("c.test", 35),)  # and its end is not
    assert kept.found("www.example", Type.CNAME).lifetime == 275


def test_a_link_serves_every_type(kept: Kept) -> None:
    kept.put("www.example", positive(cname("www.example", "b.example"), a("b.example")))
    assert kept.get("www.example", Type.AAAA) is None
    kept.put("b.example", negative(NODATA, soa()), Type.AAAA)
    found = kept.found("www.example", Type.AAAA)
    assert (found.rcode, found.answer, found.authority) == (0, (cname("www.example", "b.example"),), (soa(ttl=300),))


def test_circles_that_came_piece_by_piece_end(kept: Kept) -> None:
    kept.put("a.example", positive(cname("a.example", "b.example")), Type.CNAME)
    kept.put("b.example", positive(cname("b.example", "a.example")), Type.CNAME)
    assert kept.get("a.example") is None


def test_nxdomain_is_for_every_type(kept: Kept) -> None:
    assert kept.put("no.example", negative(NXDOMAIN, soa())) == 300
    for type in (Type.A, Type.AAAA, Type.CNAME, Type.HTTPS, 65280, 0):
        assert kept.found("no.example", type) == Found(3, (), (soa(ttl=300),), 300)
    assert kept.get("below.no.example") is None


def test_nodata_is_for_its_type(kept: Kept) -> None:
    kept.put("a.example", negative(NODATA, soa()), Type.AAAA)
    assert kept.found("a.example", Type.AAAA).rcode == 0
    assert kept.get("a.example", Type.A) is None


@pytest.mark.parametrize("type", [0, 65535])
def test_no_type_asked_for_can_speak_for_others(kept: Kept, type: int) -> None:
    """TYPE0 is asked for by nobody but who wants to see what happens to the other types."""
    kept.put("a.example", negative(NODATA, soa()), type)
    assert kept.get("a.example", Type.A) is None
    kept.put("a.example", positive(RRset(wire("a.example"), type, 60, (b"\x01x\0",))), type)
    assert kept.get("a.example", Type.A) is None
    assert kept.found("a.example", type).answer[0].rdatas == (b"\x01x\0",)


def test_a_denied_end_of_a_chain(kept: Kept) -> None:
    alias = cname("www.example", "gone.example", 100)
    assert kept.put("www.example", negative(NXDOMAIN, soa(), answer=(alias,))) == 100
    found = kept.found("www.example")
    assert (found.rcode, found.answer, found.lifetime) == (3, (alias,), 100)
    assert kept.found("gone.example", Type.MX).rcode == 3


@pytest.mark.parametrize(
    ("ttl", "minimum", "expected"),
    [(3600, 300, 300), (60, 300, 60), (86400, 86400, MAX_NEGATIVE), (0, 300, 0), (300, 0, 0), (10_800, 10_801, 10_800)],
)
def test_negative_ttls(kept: Kept, ttl: int, minimum: int, expected: int) -> None:
    reply = negative(NXDOMAIN, soa(ttl=ttl, minimum=minimum))
    assert negative_ttl(reply) == expected
    assert kept.put("no.example", reply) == expected
    assert [rrset.ttl for rrset in negative_authority(reply)] == [expected]
    found = kept.get("no.example")
    if not expected:
        assert found is None
        return
    assert found is not None
    assert [rrset.ttl for rrset in found.authority] == [expected]
    kept.clock.advance(expected)
    assert kept.get("no.example") is None


def test_without_a_soa_a_denial_is_not_kept(kept: Kept) -> None:
    assert kept.put("no.example", negative(NXDOMAIN)) == 0
    assert kept.put("a.example", negative(NODATA)) == 0
    assert len(kept.cache) == 0


@pytest.mark.parametrize("rcode", [Rcode.SERVFAIL, Rcode.REFUSED, Rcode.NOTIMP, Rcode.FORMERR, 6, 16])
def test_failures_are_not_truth(kept: Kept, rcode: int) -> None:
    alias = cname("www.example", "b.example")
    assert kept.put("www.example", negative(rcode, soa(), answer=(alias,))) == 0
    reply = Reply(rcode, truncated=False, ad=False, answer=(a("www.example"),), authority=(), ede=(), positive=True)
    assert kept.put("www.example", reply) == 0
    assert len(kept.cache) == 0


def test_an_answer_that_denies_itself_is_not_kept(kept: Kept) -> None:
    reply = Reply(3, truncated=False, ad=False, answer=(a("www.example"),), authority=(soa(),), ede=(), positive=True)
    assert kept.put("www.example", reply) == 0
    assert len(kept.cache) == 0


def test_do_and_cd_have_caches_of_their_own(kept: Kept) -> None:
    for do in (False, True):
        for cd in (False, True):
            kept.put("a.example", positive(a("a.example", last=1 + do + 2 * cd)), do=do, cd=cd)
    assert len(kept.cache) == 4
    for do in (False, True):
        for cd in (False, True):
            found = kept.get("a.example", do=do, cd=cd)
            assert found is not None
            assert found.answer == (a("a.example", last=1 + do + 2 * cd),)


def test_signatures_stay_with_what_they_sign_and_share_the_smaller_ttl(kept: Kept) -> None:
    alias, address = cname("www.example", "b.example"), a("b.example", 60)
    reply = positive(alias, rrsig(alias), address, rrsig(address, 30))
    assert kept.put("www.example", reply, do=True) == 30
    found = kept.found("www.example", do=True)
    assert found.answer == (alias, rrsig(alias), a("b.example", 30), rrsig(address, 30))
    assert kept.found("b.example", do=True).answer == (a("b.example", 30), rrsig(address, 30))


def test_the_proof_of_a_wildcard_stays_with_it(kept: Kept) -> None:
    address = a("x.example")
    proof = RRset(wire("a.example"), Type.NSEC, 40, (b"nsec",))
    assert kept.put("x.example", positive(address, rrsig(address), authority=(proof,)), do=True) == 40
    kept.clock.advance(10)
    found = kept.found("x.example", do=True)
    assert (found.authority, found.lifetime) == ((RRset(proof.owner, Type.NSEC, 30, proof.rdatas),), 30)


def test_the_dname_of_a_cname_stays_with_it(kept: Kept) -> None:
    dname = RRset(wire("example"), Type.DNAME, 50, (wire("other.test"),))
    alias, address = cname("www.example", "www.other.test", 300), a("www.other.test")
    kept.put("www.example", positive(dname, rrsig(dname), alias, address, rrsig(address)), do=True)
    found = kept.found("www.example", do=True)
    assert [rrset.type for rrset in found.answer] == [Type.DNAME, Type.RRSIG, Type.CNAME, Type.A, Type.RRSIG]
    assert {rrset.ttl for rrset in found.answer[:3]} == {50}
    assert found.answer[-2:] == (address, rrsig(address))
    assert kept.get("example", Type.DNAME, do=True) is None  # it came as proof, not as an answer


@pytest.mark.parametrize("type", [Type.RRSIG, Type.DNAME])
def test_proofs_that_were_asked_for_are_answers(kept: Kept, type: int) -> None:
    rrset = RRset(wire("a.example"), type, 60, (b"\0\x01rest",))
    assert kept.put("a.example", positive(rrset), type) == 60
    assert kept.found("a.example", type).answer == (rrset,)


def test_a_newer_answer_takes_the_place_of_the_older(kept: Kept) -> None:
    kept.put("a.example", positive(a("a.example", 60, last=1)))
    kept.clock.advance(30)
    kept.put("a.example", positive(a("a.example", 60, last=2)))
    assert kept.found("a.example").answer == (a("a.example", 60, last=2),)


def test_it_is_bounded_and_can_be_cleared() -> None:
    kept = Kept(capacity=2000)  # bytes: room for three
    for n in range(10):
        kept.put(f"n{n}.example", positive(a(f"n{n}.example")))
        assert len(kept.cache) == min(n + 1, 3)
    assert [n for n in range(10) if kept.get(f"n{n}.example")] == [7, 8, 9]
    kept.cache.clear()
    assert len(kept.cache) == 0
    assert kept.get("n9.example") is None
    for n in range(5):
        kept.put(f"n{n}.example", positive(a(f"n{n}.example")))
    assert len(kept.cache) == 3


def test_what_is_large_takes_the_room_of_many() -> None:
    kept = Kept(capacity=10_000)
    for n in range(10):
        kept.put(f"n{n}.example", positive(a(f"n{n}.example")))
    text = RRset(wire("big.example"), Type.TXT, 60, tuple(bytes((250,)) + bytes((n,)) * 250 for n in range(30)))
    kept.put("big.example", positive(text), Type.TXT)
    assert kept.found("big.example", Type.TXT).answer == (text,)
    assert len(kept.cache) < 5
    huge = RRset(wire("huge.example"), Type.TXT, 60, tuple(bytes((250,)) + bytes((n,)) * 250 for n in range(60)))
    kept.put("huge.example", positive(huge), Type.TXT)
    assert kept.get("huge.example", Type.TXT) is None
    assert kept.get("big.example", Type.TXT) is not None


def test_large_rrsets_take_the_room_they_take() -> None:
    kept = Kept(capacity=100 * ORDINARY)
    for n in range(50):
        kept.put(f"n{n}.example", positive(a(f"n{n}.example")))
    large = RRset(wire("large.example"), Type.TXT, 60, (bytes(50_000),))
    kept.put("large.example", positive(large), Type.TXT)
    assert len(kept.cache) < 25
    assert kept.get("large.example", Type.TXT)
    too_large = RRset(wire("huge.example"), Type.TXT, 60, (bytes(65_000),))
    kept.put("huge.example", positive(too_large), Type.TXT)
    assert kept.get("huge.example", Type.TXT) is None
    assert kept.get("large.example", Type.TXT)


@given(
    st.lists(st.integers(0, 100_000), min_size=1, max_size=4),
    st.integers(0, 20_000),
    st.integers(0, 20_000),
    st.booleans(),
    st.lists(st.floats(0, 4000), max_size=6),
)
def test_nothing_outlives_what_was_given(
    ttls: list[int], soa_ttl: int, minimum: int, denied: bool, steps: list[float]
) -> None:
    """However time passes: no TTL is above what is left of its own, and the lifetime is the least of them."""
    kept = Kept()
    names = [f"n{n}.example" for n in range(len(ttls) + 1)]
    links = tuple(cname(names[n], names[n + 1], ttl) for n, ttl in enumerate(ttls[:-1]))
    if denied:
        reply = negative(NXDOMAIN, soa(ttl=soa_ttl, minimum=minimum), answer=links)
        given_ttls = [*ttls[:-1], min(soa_ttl, minimum, MAX_NEGATIVE)]
    else:
        reply = positive(*links, a(names[len(ttls) - 1], ttls[-1]))
        given_ttls = ttls
    lifetime = kept.put(names[0], reply)
    assert lifetime == min(given_ttls)
    passed = 0.0
    for step in steps:
        kept.clock.advance(step)
        passed += step
        found = kept.get(names[0])
        if found is None:
            assert passed >= lifetime - 0.001
            continue
        assert passed < lifetime + 0.001
        for rrset, ttl in zip((*found.answer, *found.authority), given_ttls, strict=True):
            assert 0 < rrset.ttl <= ttl - int(passed - 0.001)
        assert found.lifetime == min(rrset.ttl for rrset in (*found.answer, *found.authority))
