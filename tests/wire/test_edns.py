"""OPT and its options, with dnspython as the judge."""

from __future__ import annotations

import struct

import dns.edns
import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import WireError
from resolver.model import Ede, Question
from resolver.wire import edns
from resolver.wire.reply import build
from tests.support import wire

OPTIONS = st.lists(st.tuples(st.integers(0, 65535), st.binary(max_size=30)), max_size=6)


def packed(options: list[tuple[int, bytes]]) -> bytes:
    return b"".join(struct.pack("!HH", code, len(value)) + value for code, value in options)


def with_opt(opt: bytes) -> dns.message.Message:
    return dns.message.from_wire(struct.pack("!6H", 1, 0x8180, 0, 0, 0, 1) + opt)


@given(OPTIONS)
def test_options_read_back(options: list[tuple[int, bytes]]) -> None:
    assert edns.options(packed(options)) == options


@given(st.binary(max_size=60))
def test_any_bytes_are_options_or_refused(data: bytes) -> None:
    try:
        found = edns.options(data)
    except WireError:
        return
    assert packed(found) == data


@given(
    st.booleans(),
    st.integers(0, 4095),
    st.lists(st.builds(Ede, st.integers(0, 65535), st.text(max_size=300)), max_size=3),
)
def test_dnspython_reads_our_opt(do: bool, rcode: int, errors: list[Ede]) -> None:
    message = with_opt(edns.opt(do=do, rcode=rcode, ede=errors))
    assert message.edns == 0
    assert message.payload == 1232
    assert bool(message.ednsflags & 0x8000) is do
    assert message.rcode() == dns.rcode.from_flags(0, (rcode >> 4) << 24)
    shown = [option for option in message.options if isinstance(option, dns.edns.EDEOption)]
    assert [int(option.code) for option in shown] == [error.code for error in errors]
    for option, error in zip(shown, errors, strict=True):
        text = option.text or ""
        assert len(text.encode()) <= 255
        assert error.text.rstrip("\0").startswith(text) or error.text.startswith(text)
        assert text == error.text.rstrip("\0") or len(error.text.encode()) > 250


def test_texts_can_be_left_out() -> None:
    message = with_opt(edns.opt(do=False, ede=[Ede(15, "list: rule")], texts=False))
    assert [option.to_text() for option in message.options] == ["EDE 15 (Blocked)"]


@pytest.mark.parametrize("sizes", [[8], [16], [40], [8, 8], []])
def test_cookies(sizes: list[int]) -> None:
    assert edns.cookie([(10, bytes(size)) for size in sizes]) == bytes(sizes[0] if sizes else 0)


@pytest.mark.parametrize("sizes", [[0], [7], [9], [15], [41], [8, 9]])
def test_cookies_of_a_wrong_length(sizes: list[int]) -> None:
    with pytest.raises(WireError, match="COOKIE"):
        edns.cookie([(10, bytes(size)) for size in sizes])


def test_extended_errors_of_upstreams() -> None:
    found = edns.extended_errors([(3, b"nsid"), (15, b"\0\x16"), (15, b"\0\x17text\0"), (15, b"\0"), (15, b"\0\1\xff")])
    assert found == (Ede(22), Ede(23, "text"), Ede(1, "\ufffd"))


def test_a_flood_of_extended_errors_is_cut() -> None:
    assert len(edns.extended_errors([(15, b"\0\1x")] * 1000)) == edns.MAX_EDE


@pytest.mark.parametrize("length", range(1, 63))
def test_padding_is_what_another_reads(length: int) -> None:
    query = build(Question(wire("x" * length + ".example"), 1), 7, do=True, cd=False)
    data = edns.padded(query)
    assert len(data) % 128 == 0
    assert len(data) - len(query) < 128 + 4
    read = dns.message.from_wire(data)
    (option,) = read.options
    assert (int(option.otype), read.question) == (12, dns.message.from_wire(query).question)
