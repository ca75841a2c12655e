"""Replies that are damaged, or made to be as much work as possible."""

from __future__ import annotations

import contextlib
import struct
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import WireError
from resolver.wire.reply import MAX_TTL, build, matches, parse
from tests.wire.replies import ZONE_SOA, built, question


@given(st.binary(max_size=60), st.binary(max_size=200))
def test_no_bytes_match_but_what_answers(data: bytes, tail: bytes) -> None:
    asked = build(question(), 0x1234, do=False, cd=False)
    assert not matches(data, asked)
    mine = bytes((*asked[:2], 0x81, 0x80, 0, 1)) + asked[6:-11] + tail
    assert matches(mine, asked)
    with contextlib.suppress(WireError):
        parse(mine, question())


LINES = [
    "www.example. 300 CNAME a.example.",
    "a.example. 60 A 192.0.2.1",
    "a.example. 60 MX 10 mail.a.example.",
    "a.example. 60 SRV 1 2 3 srv.a.example.",
    "a.example. 60 RRSIG A 13 2 300 20300101000000 20200101000000 1 example. " + "r" * 88,
    "example. 300 DNAME other.test.",
    ZONE_SOA,
]


@given(
    st.lists(st.sampled_from(LINES), max_size=5),
    st.lists(st.sampled_from(LINES), max_size=3),
    st.lists(st.tuples(st.integers(12, 400), st.integers(0, 255)), max_size=5),
    st.lists(st.tuples(st.integers(29, 400), st.integers(0, 400)), max_size=2),
    st.integers(0, 30),
    st.sampled_from(["A", "CNAME", "RRSIG", "SOA", "DNAME"]),
)
def test_damaged_replies(
    answer: list[str],
    authority: list[str],
    flips: list[tuple[int, int]],
    pointers: list[tuple[int, int]],
    cut: int,
    type: str,
) -> None:
    data = bytearray(built(answer, authority, type=type))
    for at, value in flips:
        data[at % len(data)] ^= value
    for at, target in pointers:
        data[at % (len(data) - 1) : at % (len(data) - 1) + 2] = struct.pack("!H", 0xC000 | target)
    asked = build(question(type=type), 0, do=False, cd=False)
    data[:13] = built(answer, authority, type=type)[:13]
    data[:2] = b"\0\0"
    data[12 : len(asked) - 11] = asked[12:-11]
    damaged = bytes(data[: len(data) - cut])
    if not matches(damaged, asked):
        return
    with contextlib.suppress(WireError):
        found = parse(damaged, question(type=type))
        assert all(0 <= rrset.ttl <= MAX_TTL for rrset in (*found.answer, *found.authority))


def record(owner: bytes, type: int, rdata: bytes) -> bytes:
    return owner + struct.pack("!HHLH", type, 1, 60, len(rdata)) + rdata


def pointer(target: int) -> bytes:
    return struct.pack("!H", 0xC000 | target)


def hostile() -> dict[str, bytes]:
    """64 KiB replies to www.example A that are as much work as their pointers can make of them."""
    asked = build(question(), 0, do=False, cd=False)
    start = asked[12:-11]
    first = 12 + len(start) + 11  # where the RDATA of the first record lies

    chain = b"\0" + b"".join(pointer(first + max(2 * n - 1, 0)) for n in range((16_000 - first) // 2))
    blocks = (b"\x01a" * 126 + b"\0") * 60
    places = [first + 253 * block + 2 * label for block in range(60) for label in range(126)]
    bodies: dict[str, tuple[bytes, Callable[[int], bytes]]] = {
        "one chain of pointers": (chain, lambda n: pointer(first + len(chain) - 2)),
        "every pointer of a chain": (chain, lambda n: pointer(first + 1 + 2 * (n * 97 % (len(chain) // 2)))),
        "the longest name": (blocks, lambda n: pointer(first)),
        "every name of many labels": (blocks, lambda n: pointer(places[n * 131 % len(places)])),
        "plain names": (b"", lambda n: b"\x01a" * 60 + b"\0"),
    }
    found = {}
    for why, (rdata, name) in bodies.items():
        records = [record(b"\0", 16, rdata)]
        size = len(start) + 12 + len(records[0])
        while True:
            n = 3 * len(records)
            one = record(name(n), 17, name(n + 1) + name(n + 2))
            if size + len(one) > 65_535:
                break
            records.append(one)
            size += len(one)
        head = struct.pack("!HBB4H", 0, 0x81, 0x80, 1, len(records), 0, 0)
        found[why] = head + start + b"".join(records)
    return found


@pytest.mark.parametrize("why", hostile())
def test_a_hostile_reply_takes_bounded_time(why: str) -> None:
    data = hostile()[why]
    assert matches(data, build(question(), 0, do=False, cd=False))
    best = 1.0
    for _ in range(3):
        began = time.process_time()
        with contextlib.suppress(WireError):
            parse(data, question())
        best = min(best, time.process_time() - began)
    assert best < 0.05, f"{best * 1000:.0f} ms"
