"""The key of a query: what it holds, and whatever bytes may come."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import WireError
from resolver.model import Message
from resolver.wire import edns
from resolver.wire.query import Fault, decode, usual_keys
from resolver.wire.response import encode_fault
from tests.support import query, read
from tests.wire.queries import A_IN, NAME, cookie, message, opt, raw


@pytest.mark.parametrize(
    ("payload", "limit"), [(None, 512), (0, 512), (511, 512), (512, 512), (1000, 1000), (1232, 1232), (65535, 1232)]
)
def test_the_key_holds_the_size_that_counts(payload: int | None, limit: int) -> None:
    found = message(query("example.com", payload=payload))
    assert edns.limit(found.payload) == limit
    assert (struct.pack("!H", limit) in found.key[-11:]) is (payload is not None)


PARTS = st.tuples(
    st.sampled_from([b"\x01a\0", b"\x01A\0", b"\x01a\x01B\0", b"\0", NAME, NAME.upper()]),
    st.sampled_from([1, 28, 65, 97, 33, 0x4100, 0x6100, 255]),
    st.sampled_from([0, 0x10, 0x20, 0x30, 0x40, 0x0F, 0x400, 0x80]),
    st.none() | st.sampled_from([0, 512, 513, 1232, 4096]),
    st.sampled_from([0, 0x8000, 0x4000]),
    st.sampled_from([b"", cookie(8), b"\xfd\xe9\0\x01a"]),
)
Parts = tuple[bytes, int, int, int | None, int, bytes]


def built(parts: Parts) -> bytes:
    """A query of this name, type, header flags, payload size, EDNS flags and options."""
    name, number, z, payload, flags, options = parts
    edns = b"" if payload is None else opt(options, flags=flags, payload=payload)
    return raw((1, 0, 0, int(payload is not None)), name + struct.pack("!HH", number, 1) + edns, flags=0x0100 | z)


MESSAGES = PARTS.map(built)


@pytest.mark.parametrize("bits", [0x10, 0x20, 0x30])
def test_header_flags_that_change_an_answer_are_in_the_key(bits: int) -> None:
    assert message(raw(flags=0x0100 | bits)).key != message(raw()).key


@settings(max_examples=300)
@given(PARTS, PARTS, st.sets(st.integers(0, 5), max_size=2))
def test_one_key_never_stands_for_two_answers(base: Parts, other: Parts, changed: set[int]) -> None:
    """Queries that differ in a thing or two: their keys differ when their answers may."""
    first = built(base)
    second = built(tuple(other[n] if n in changed else part for n, part in enumerate(base)))  # type: ignore[arg-type] # still the same six
    one, two = message(first), message(second)

    def facts(m: Message) -> tuple[object, ...]:
        return m.question, m.rd, m.ad, m.cd, m.do, m.payload is None, edns.limit(m.payload)

    assert (one.key == two.key) is (facts(one) == facts(two))
    if first[2:] == two.key:  # a datagram that looks like a key means that key
        assert one.key == two.key


@given(MESSAGES)
def test_a_key_is_a_query_with_that_key(data: bytes) -> None:
    found = message(data)
    again = message(b"\0\0" + found.key)
    assert again.key == found.key
    assert again.question == found.question


@given(st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    _survives(data)


@given(st.binary(max_size=60), st.integers(0, 2), st.integers(0, 3))
def test_any_body(body: bytes, questions: int, additionals: int) -> None:
    _survives(raw((questions, 0, 0, additionals), body))


@given(MESSAGES, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=4), st.integers(0, 80))
def test_damaged_queries(data: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    damaged = bytearray(data)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    _survives(bytes(damaged[: len(damaged) - cut % 10]))


def _survives(data: bytes) -> None:
    """Nothing but WireError is raised, and every reply is one that dnspython can read."""
    try:
        found = decode(data)
    except WireError:
        return
    if isinstance(found, Fault):
        reply = read(data[:2] + encode_fault(found))
        assert reply.rcode() == found.rcode
        assert reply.id == int.from_bytes(data[:2], "big")
    else:
        assert found.key[10:].startswith(found.question.name)


def pointers(signed: bool) -> bytes:
    """The most work that 64 KiB of a query can be: thousands of records, each owner a long chain of pointers."""
    first = 12 + len(NAME + A_IN) + 11
    chain = b"\0" + b"".join(struct.pack("!H", 0xC000 | first + max(2 * n - 1, 0)) for n in range(190))
    owner = struct.pack("!H", 0xC000 | first + len(chain) - 2)
    records = [b"\0" + struct.pack("!HHLH", 250 if signed else 16, 1, 0, len(chain)) + chain]
    records += [owner + struct.pack("!HHLH", 16, 1, 0, 0)] * ((65_500 - first - len(chain)) // 12)
    return raw((1, 0, 0, len(records)), NAME + A_IN + b"".join(records))


@pytest.mark.parametrize("signed", [False, True])
def test_a_hostile_query_takes_bounded_time(signed: bool) -> None:
    data = pointers(signed)
    assert len(data) > 65_000
    best = 1.0
    for _ in range(3):
        began = time.process_time()
        found = decode(data)
        best = min(best, time.process_time() - began)
    assert isinstance(found, Message if signed else Fault)
    assert best < 0.05, f"{best * 1000:.0f} ms"


@pytest.mark.parametrize("ad", [False, True])
@pytest.mark.parametrize("payload", [None, 512, 1232, 4096])
def test_the_usual_keys_are_those_of_how_most_clients_ask(payload: int | None, ad: bool) -> None:
    found = message(query("WWW.example.com", "AAAA", payload=payload, ad=ad))
    assert found.key in usual_keys(found.question)
    unusual = (query("www.example.com", payload=payload), query("www.example.com", "AAAA", payload=1232, do=True))
    assert not set(usual_keys(found.question)) & {message(data).key for data in unusual}
