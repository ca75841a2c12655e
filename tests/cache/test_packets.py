"""Finished answers: their TTLs come down as time goes by."""

from __future__ import annotations

import gc
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.cache.packets import Packet, Packets
from resolver.model import Exchange

EXCHANGE = Exchange("a", 1, 0, "cache", "pass")


def packet(*ttls: int, now: float = 100.0, expires: float = 200.0) -> Packet:
    body = b"head" + b"".join(struct.pack("!L", ttl) + b"tail" for ttl in ttls)
    return Packet(body, tuple(4 + 8 * n for n in range(len(ttls))), EXCHANGE, now, expires)


def ttls(aged: Packet) -> list[int]:
    return [struct.unpack_from("!L", aged.body, 4 + 8 * n)[0] for n in range((len(aged.body) - 4) // 8)]


def test_every_ttl_comes_down_by_the_seconds_that_passed() -> None:
    aged = packet(60, 300, 7)
    aged.age(105)
    assert ttls(aged) == [55, 295, 2]
    aged.age(106)
    assert ttls(aged) == [54, 294, 1]
    assert aged.body.count(b"tail") == 3


def test_within_a_second_nothing_is_touched() -> None:
    aged = packet(60)
    body = aged.body
    aged.age(100)
    assert aged.body is body


def test_a_clock_that_is_read_late_takes_nothing_back() -> None:
    aged = packet(60)
    aged.age(110)
    aged.age(109)
    assert ttls(aged) == [50]
    aged.age(111)
    assert ttls(aged) == [49]


@pytest.mark.parametrize("ttl", [0, 1, 5])
def test_no_ttl_goes_below_zero_or_up(ttl: int) -> None:
    aged = packet(ttl, now=100.9, expires=100.9 + max(ttl, 1))
    for second in (101, 102, 106):
        before = ttls(aged)
        aged.age(second)
        assert ttls(aged) <= before
        assert ttls(aged)[0] <= max(ttl - (second - 100), 0)


def test_fixed_answers_keep_theirs() -> None:
    fixed = Packet(b"head" + struct.pack("!L", 10), (), EXCHANGE, 100.0, 200.0)
    fixed.age(150)
    assert fixed.body == b"head" + struct.pack("!L", 10)


@given(
    st.lists(st.integers(0, 2**32 - 1), max_size=5),
    st.floats(0, 1e6),
    st.lists(st.integers(0, 5000), max_size=6),
)
def test_steps_add_up(values: list[int], now: float, steps: list[int]) -> None:
    aged = packet(*values, now=now)
    second = int(now)
    for step in steps:
        second += step
        aged.age(second)
    assert ttls(aged) == [max(value - sum(steps), 0) for value in values]


def test_the_garbage_collector_does_not_look_at_them() -> None:
    assert not gc.is_tracked(packet(60))


def test_they_are_bounded_by_what_they_weigh() -> None:
    held = Packets(100_000)
    for n in range(1000):
        held.put(n.to_bytes(2, "big"), Packet(bytes(100), (), EXCHANGE, 100.0, 200.0))
    assert 100 < len(held) < 200
    for n in range(1000):
        held.put(n.to_bytes(2, "big"), Packet(bytes(1200), (), EXCHANGE, 100.0, 200.0))
    assert 40 < len(held) < 80


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 900), st.booleans()), max_size=80))
def test_one_may_stand_under_several_keys(puts: list[tuple[int, int, bool]]) -> None:
    held = Packets(8000)
    for number, size, again in puts:
        found = held.get(b"%d" % number)
        made = found if found is not None and again else Packet(bytes(size), (), EXCHANGE, 100.0, 200.0)
        held.put(b"%d" % number, made)
        held.put(b"alias %d" % number, made)
        assert held.weight <= 8000
        assert len(held) <= 16


@pytest.mark.parametrize(("lifetime", "due"), [(300.0, 270.0), (10.0, 9.0), (5.0, 4.0)])
def test_it_is_due_in_the_last_tenth_of_its_life_a_second_at_least(lifetime: float, due: float) -> None:
    assert packet(60, now=100.0, expires=100.0 + lifetime).due == 100.0 + due
