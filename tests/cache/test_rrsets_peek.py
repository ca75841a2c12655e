"""A look at what is known of a question, for people: it neither changes nor hides anything."""

from __future__ import annotations

from resolver.cache.rrsets import Peeked
from resolver.model import Question, Type
from tests.cache.test_rrsets import NXDOMAIN, Kept, a, cname, negative, positive, soa
from tests.support import wire


def peek(kept: Kept, name: str, type: int = Type.A) -> Peeked | None:
    return kept.cache.peek(Question(wire(name), type))


def test_what_is_unknown() -> None:
    assert peek(Kept(), "a.example") is None


def test_its_age_and_what_is_left_and_since_when_it_is_old() -> None:
    kept = Kept()
    kept.put("a.example", positive(a("a.example", ttl=60)))
    kept.clock.advance(20)
    assert peek(kept, "a.example") == Peeked(0, 20, 40, ())
    kept.clock.advance(50)
    assert kept.get("a.example") is None
    assert peek(kept, "a.example") == Peeked(0, 70, -10, ())


def test_a_chain_is_as_old_as_its_oldest_link_and_ends_with_the_first() -> None:
    kept = Kept()
    kept.put("b.example", positive(a("b.example", ttl=600)))
    kept.clock.advance(20)
    kept.put("a.example", positive(cname("a.example", "b.example", ttl=30)), Type.CNAME)
    kept.clock.advance(5)
    assert peek(kept, "a.example") == Peeked(0, 25, 25, (wire("b.example"),))
    assert peek(kept, "a.example", Type.CNAME) == Peeked(0, 5, 25, ())


def test_a_chain_whose_end_is_unknown_and_one_that_runs_in_circles() -> None:
    kept = Kept()
    kept.put("a.example", positive(cname("a.example", "b.example")), Type.CNAME)
    assert peek(kept, "a.example") == Peeked(0, 0, 300, (wire("b.example"),))
    kept.put("b.example", positive(cname("b.example", "a.example")), Type.CNAME)
    found = peek(kept, "a.example")
    assert found is not None
    assert set(found.chain) == {wire("a.example"), wire("b.example")}


def test_what_is_fresh_counts_more_than_what_is_old() -> None:
    kept = Kept()
    kept.put("a.example", positive(a("a.example", ttl=10)))
    kept.clock.advance(60)
    kept.put("a.example", negative(NXDOMAIN, soa()), Type.AAAA)
    assert peek(kept, "a.example") == Peeked(3, 0, 300, ())


def test_of_what_is_old_the_last_word_counts_be_it_that_nothing_is_to_be_told() -> None:
    kept = Kept()
    kept.put("a.example", positive(a("a.example", ttl=60)))
    kept.clock.advance(61)
    kept.put("a.example", negative(NXDOMAIN))
    assert kept.cache.holds(Question(wire("a.example"), Type.A), do=False, cd=False)
    assert peek(kept, "a.example") is None
    kept.put("a.example", negative(NXDOMAIN, soa(minimum=30)))
    kept.clock.advance(31)
    assert peek(kept, "a.example") == Peeked(3, 31, -1, ())
