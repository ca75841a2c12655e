"""RDATA: names uncompressed, and what does not fit refused."""

from __future__ import annotations

import contextlib

import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import WireError
from resolver.wire.rdata import covered, expand, soa_minimum, synthetic_soa

# The message: "ab." at 0, then the RDATA at 4.
HEAD = b"\x02aB\0"


@pytest.mark.parametrize(
    ("type", "data", "expected"),
    [
        (1, b"\1\2\3\4", b"\1\2\3\4"),
        (28, bytes(16), bytes(16)),
        (5, b"\xc0\0", b"\x02ab\0"),
        (2, b"\x01X\xc0\0", b"\x01x\x02ab\0"),
        (12, b"\0", b"\0"),
        (15, b"\0\x0a\xc0\0", b"\0\x0a\x02ab\0"),
        (33, b"\0\1\0\2\0\3\xc0\0", b"\0\1\0\2\0\3\x02ab\0"),
        (6, b"\xc0\0\x01R\xc0\0" + bytes(20), b"\x02ab\0\x01r\x02ab\0" + bytes(20)),
        (17, b"\xc0\0\xc0\0", b"\x02ab\0\x02ab\0"),
        (39, b"\xc0\0", b"\x02ab\0"),
        (16, b"\x02AB", b"\x02AB"),  # text is not a name
        (65280, b"\xc0\0", b"\xc0\0"),  # unknown: opaque
        (65, b"\0\1\0", b"\0\1\0"),
        (16, b"", b""),
    ],
)
def test_expanded(type: int, data: bytes, expected: bytes) -> None:
    assert expand(HEAD + data + b"rest", 4, len(data), type) == expected


@pytest.mark.parametrize(
    ("type", "data", "length"),
    [
        (1, b"\1\2\3", 3),
        (1, b"", 0),
        (28, bytes(15), 15),
        (5, b"", 0),
        (5, b"\xc0\0\0", 3),  # more than the name
        (5, b"\xc0\0", 1),  # less than the name
        (15, b"\0", 1),
        (15, b"\0\x0a", 2),
        (6, b"\xc0\0\xc0\0" + bytes(19), 23),
        (6, b"\xc0\0\xc0\0" + bytes(21), 25),
        (33, bytes(5), 5),
        (5, b"\xc0\x04", 2),  # to itself
        (5, b"\x05ab", 3),
    ],
)
def test_what_does_not_fit_is_refused(type: int, data: bytes, length: int) -> None:
    with pytest.raises(WireError):
        expand(HEAD + data, 4, length, type)


@given(st.binary(max_size=60), st.integers(0, 40), st.integers(0, 40), st.integers(0, 260))
def test_any_bytes(data: bytes, start: int, length: int, type: int) -> None:
    with contextlib.suppress(WireError):
        expand(data, min(start, len(data)), min(length, max(len(data) - start, 0)), type)


def test_the_synthetic_soa_is_one() -> None:
    data = synthetic_soa(10)
    assert soa_minimum(data) == 10
    soa = dns.rdata.from_wire("IN", "SOA", data, 0, len(data))
    assert soa.to_text() == "lull.invalid. hostmaster.lull.invalid. 1 3600 600 86400 10"


def test_what_a_signature_covers() -> None:
    assert covered(b"\0\x1crest") == 28
    assert covered(b"") == 0
