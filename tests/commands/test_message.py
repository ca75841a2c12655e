"""A message is shown as it came."""

from __future__ import annotations

import contextlib

import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.commands import message
from resolver.errors import WireError
from tests.commands.played import opt, record, reply

QUERY = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\x03www\x07example\0\0\1\0\1"


def test_every_section_and_flag() -> None:
    made = dns.message.make_response(dns.message.make_query("www.example.", "ANY", use_edns=True, payload=1232))
    made.flags |= 0x400 | 0x20
    made.answer += [
        dns.rrset.from_text("www.example.", 300, "IN", "CNAME", "cdn.example."),
        dns.rrset.from_text("cdn.example.", 60, "IN", "A", "192.0.2.1"),
    ]
    made.authority.append(dns.rrset.from_text("example.", 60, "IN", "NS", "ns.example."))
    made.additional.append(dns.rrset.from_text("ns.example.", 60, "IN", "AAAA", "2001:db8::53"))
    shown = message.parse(made.to_wire())
    assert (shown.rcode, shown.flags) == ("NOERROR", ["qr", "aa", "rd", "ad"])
    assert list(map(str, shown.answer)) == [
        "www.example. 300 IN CNAME cdn.example.",
        "cdn.example. 60 IN A 192.0.2.1",
    ]
    assert list(map(str, shown.authority)) == ["example. 60 IN NS ns.example."]
    assert list(map(str, shown.additional)) == ["ns.example. 60 IN AAAA 2001:db8::53"]


def test_extended_errors_and_high_bits_of_the_rcode() -> None:
    records = opt((10, b"12345678"), (15, b"\0\x0fads: ||x^"), (15, b"\0\x16"), high=1)
    shown = message.parse(reply(QUERY, 0x8180, records, (0, 0, 1)))
    assert shown.rcode == "BADVERS"
    assert [(ede.code, ede.text) for ede in shown.ede] == [(15, "ads: ||x^"), (22, "")]
    assert shown.additional == []


def test_a_type_and_a_class_without_a_name() -> None:
    record = b"\xc0\x0c\xff\xfe\0\x09\0\0\0\x3c\0\1\xff"
    shown = message.parse(reply(QUERY, 0x8183, record, (1, 0, 0)))
    assert (shown.rcode, str(shown.answer[0])) == ("NXDOMAIN", r"www.example. 60 CLASS9 TYPE65534 \# 1 ff")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        QUERY[:11],
        QUERY[:20],
        reply(QUERY, counts=(1, 0, 0)),
        reply(QUERY, records=record(1, b"\1\2\3\4")[:-1], counts=(1, 0, 0)),
        reply(QUERY, records=record(1, b"\1\2\3"), counts=(1, 0, 0)),
        reply(QUERY, records=b"\xc0\xff", counts=(1, 0, 0)),
        reply(QUERY, records=opt()[:-1] + b"\x01\x00", counts=(0, 0, 1)),
    ],
)
def test_bytes_that_are_no_message(data: bytes) -> None:
    with pytest.raises(WireError):
        message.parse(data)


@given(st.binary(max_size=200), st.integers(0, 3), st.integers(0, 3))
def test_any_bytes_are_shown_or_refused(records: bytes, answers: int, additionals: int) -> None:
    with contextlib.suppress(WireError):
        shown = message.parse(reply(QUERY, records=records, counts=(answers, 0, additionals)))
        assert all(str(one).isprintable() for one in shown.answer + shown.additional)


def test_every_meaning_has_its_code() -> None:
    assert (message.MEANINGS[15], message.MEANINGS[17], message.MEANINGS[22], message.MEANINGS[23]) == (
        "blocked",
        "filtered",
        "no reachable authority",
        "network error",
    )
    assert len(message.MEANINGS) == 25
