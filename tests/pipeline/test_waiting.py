"""Who may wait for upstreams."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model import Client, Message, Pass, Query, Question, Transport
from resolver.pipeline import waiting
from resolver.pipeline.waiting import Keys, Waiting, keys_of
from resolver.wire.name import from_text


def query(name: str, client: str = "192.0.2.1") -> Keys:
    question = Question(from_text(name), 1)
    message = Message(question, b"", b"", rd=True, ad=False, cd=False, do=False, payload=None)
    return keys_of(Query(message, name, Client(client, "default"), Transport.UDP, Pass()))


def entered(queries: Iterable[Keys]) -> Waiting:
    held = Waiting()
    for one in queries:
        if not held.full(one):
            held.enter(one)
    return held


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("MOST", 40), ("MOST_OF_CLIENT", 20), ("MOST_BELOW", 5), ("MOST_UNDER", 10)):
        monkeypatch.setattr(waiting, name, most)


def test_a_flood_below_one_domain_leaves_room_for_the_others() -> None:
    held = entered(query(f"r{n}.victim.example", f"192.0.2.{n % 50}") for n in range(100))
    assert held.count == 10
    assert held.full(query("r.victim.example")) == "too many queries below victim.example are waiting for upstreams"
    assert not held.full(query("www.other.example"))
    assert not held.full(query("example"))


def test_a_flood_deeper_down() -> None:
    held = entered(query(f"r{n}.x.victim.example", f"192.0.2.{n % 50}") for n in range(100))
    assert held.count == 5
    assert not held.full(query("www.victim.example"))


def test_a_client_cannot_have_all_the_room() -> None:
    held = entered(query(f"www.n{n}.example") for n in range(100))
    assert held.count == 20
    assert "of this client" in held.full(query("other.example"))
    assert not held.full(query("other.example", "192.0.2.2"))


def test_there_is_an_end_for_all_together() -> None:
    held = entered(query(f"www.n{n}.example", f"192.0.2.{n}") for n in range(100))
    assert held.count == 40
    assert held.full(query("other.example", "192.0.2.200")) == "too many queries are waiting for upstreams"


@given(st.lists(st.tuples(st.sampled_from([".", "a", "b.a", "c.b.a", "d.c.b.a", "x.b.a"]), st.integers(0, 3))))
def test_what_left_is_forgotten(entries: list[tuple[str, int]]) -> None:
    held = Waiting()
    queries = [query(name, f"192.0.2.{client}") for name, client in entries]
    inside = [one for one in queries if not held.full(one) and held.enter(one) is None]  # type: ignore[func-returns-value] # it returns none
    for one in inside:
        held.leave(one)
    assert held.count == 0
    assert not (held._clients or held._below or held._under)
