"""What clients send: every row of PROTOCOL, "What comes in", and whatever bytes may come."""

from __future__ import annotations

import struct

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rdatatype
import dns.tsigkeyring
import dnslib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import WireError
from resolver.model import EdeCode, Question, Rcode
from resolver.wire import edns
from resolver.wire.query import decode
from resolver.wire.response import encode_fault
from tests.support import name_wire, query, read
from tests.wire.queries import A_IN, NAME, OPT, cookie, fault, message, opt, raw

NAMES = st.lists(st.binary(min_size=1, max_size=20), max_size=10).map(lambda labels: dns.name.Name([*labels, b""]))


TYPES = st.integers(0, 65535).filter(lambda number: number not in {251, 252})


@given(NAMES, TYPES, st.none() | st.integers(0, 65535), st.booleans(), st.booleans(), st.booleans())
def test_queries_of_dnspython(
    name: dns.name.Name, type: int, payload: int | None, do: bool, cd: bool, ad: bool
) -> None:
    built = dns.message.make_query(name, dns.rdatatype.RdataType.make(type))
    built.flags |= (dns.flags.CD if cd else 0) | (dns.flags.AD if ad else 0)
    if payload is not None:
        built.use_edns(
            0,
            dns.flags.DO if do else 0,
            payload,
            options=[dns.edns.GenericOption(dns.edns.OptionType.make(65001), b"x")],
        )
    data = built.to_wire()
    found = message(data)
    assert found.question == Question(name_wire(name).lower(), type)
    assert found.spelled == name_wire(name) + struct.pack("!HH", type, 1)
    assert (found.rd, found.ad, found.cd, found.do) == (True, ad, cd, do and payload is not None)
    assert found.payload == payload


@given(st.from_regex(r"[A-Za-z0-9_-]{1,20}(\.[A-Za-z0-9_-]{1,20}){0,4}", fullmatch=True), st.sampled_from(["A", "MX"]))
def test_queries_of_dnslib(name: str, type: str) -> None:
    built = dnslib.DNSRecord.question(name, type)
    built.add_ar(dnslib.EDNS0(flags="do", udp_len=4096))
    found = message(built.pack())
    assert found.question.name == dnslib.DNSRecord.question(name.lower()).pack()[12:-4]
    assert found.question.type == getattr(dnslib.QTYPE, type)
    assert found.payload == 4096
    assert found.do


@pytest.mark.parametrize(
    "data",
    [b"", b"\x12", raw()[:11], raw(flags=0x8100), raw(flags=0x8180), raw((0, 0, 0, 0), b"", flags=0x8000)],
)
def test_dropped_without_a_word(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(data)


@pytest.mark.parametrize(
    ("why", "data"),
    [
        ("TC", raw(flags=0x0300)),
        ("two questions", raw((2, 0, 0, 0), (NAME + A_IN) * 2)),
        ("no question", raw((0, 0, 0, 0), b"")),
        ("no question, an OPT without COOKIE", raw((0, 0, 0, 1), OPT)),
        ("an answer", raw((1, 1, 0, 0), NAME + A_IN + b"\0" + struct.pack("!HHLH", 1, 1, 0, 0))),
        ("an authority", raw((1, 0, 1, 0), NAME + A_IN + b"\0" + struct.pack("!HHLH", 6, 1, 0, 0))),
        ("two additionals without TSIG", raw((1, 0, 0, 2), NAME + A_IN + OPT + b"\0" + bytes(10))),
        ("bytes left over", raw(body=NAME + A_IN + b"x")),
        ("bytes left over after OPT", raw((1, 0, 0, 1), NAME + A_IN + OPT + b"\0")),
        ("an OPT cut short", raw((1, 0, 0, 1), NAME + A_IN + OPT[:-1])),
        ("an OPT that is not there", raw((1, 0, 0, 1))),
        ("OPT RDATA cut short", raw((1, 0, 0, 1), NAME + A_IN + OPT[:-2] + b"\0\x08abc")),
        ("an option cut short", raw((1, 0, 0, 1), NAME + A_IN + opt(b"\0\x0a\0\x08abc"))),
        ("half an option", raw((1, 0, 0, 1), NAME + A_IN + opt(b"\0\x0a\0"))),
        ("two OPT", raw((1, 0, 0, 2), NAME + A_IN + OPT * 2)),
        ("an OPT of a name", raw((1, 0, 0, 1), NAME + A_IN + opt(owner=b"\x01a\0"))),
        ("no name", raw(body=b"")),
        ("no type", raw(body=NAME)),
        ("half a class", raw(body=NAME + A_IN[:-1])),
        ("a name that does not end", raw(body=b"\x07example")),
        ("a forward pointer", raw(body=b"\xc0\x20" + A_IN + bytes(30))),
        ("a pointer to itself", raw(body=b"\xc0\x0c" + A_IN)),
        ("a pointer into the header", raw(body=b"\x01a\xc0\x04" + A_IN)),
        ("a label of 64", raw(body=b"\x40" + b"a" * 64 + b"\0" + A_IN)),
        ("a label type of old", raw(body=b"\x80a\0" + A_IN)),
        ("a name of 256 bytes", raw(body=b"\x01a" * 127 + b"\x00".join([b"\x01a", b""]) + A_IN)),
        ("a COOKIE of 7", raw((1, 0, 0, 1), NAME + A_IN + opt(cookie(7)))),
        ("a COOKIE of 9", raw((1, 0, 0, 1), NAME + A_IN + opt(cookie(9)))),
        ("a COOKIE of 15", raw((1, 0, 0, 1), NAME + A_IN + opt(cookie(15)))),
        ("a COOKIE of 41", raw((1, 0, 0, 1), NAME + A_IN + opt(cookie(41)))),
        ("a COOKIE of 0", raw((1, 0, 0, 1), NAME + A_IN + opt(cookie(0)))),
    ],
)
def test_formerr(why: str, data: bytes) -> None:
    found = fault(data)
    assert found.rcode == Rcode.FORMERR, why
    assert found.rd
    reply = read(data[:2] + encode_fault(found))
    assert reply.rcode() == dns.rcode.FORMERR
    assert not reply.answer + reply.authority


@pytest.mark.parametrize(
    ("data", "has_opt"),
    [
        (raw((1, 0, 0, 1), NAME + A_IN + opt(cookie(7))), True),
        (raw((1, 0, 0, 1), NAME + A_IN + OPT, flags=0x0300), True),
        (raw((2, 0, 0, 1), (NAME + A_IN) * 2 + OPT), True),
        (raw((1, 0, 0, 2), NAME + A_IN + OPT * 2), True),
        (raw((0, 0, 0, 1), OPT), True),
        (raw((1, 0, 0, 1), NAME + A_IN + OPT + b"left over"), True),
        (raw(flags=0x0300), False),
        (raw((1, 0, 0, 1), NAME + A_IN + opt(owner=b"\x01a\0")), False),
        (raw((1, 0, 0, 1), b"\x07exampl"), False),
        (raw((65535, 0, 0, 65535), b"\0" * 100), False),
    ],
)
def test_opt_in_opt_out_even_for_what_is_broken_elsewhere(data: bytes, has_opt: bool) -> None:
    reply = read(data[:2] + encode_fault(fault(data)))
    assert reply.rcode() == dns.rcode.FORMERR
    assert (reply.edns == 0) is has_opt
    assert not has_opt or reply.payload == edns.PAYLOAD


@pytest.mark.parametrize("size", [8, 16, 17, 40])
def test_cookies_of_a_right_length(size: int) -> None:
    assert message(raw((1, 0, 0, 1), NAME + A_IN + opt(cookie(size)))).payload == 1232


def test_a_question_less_query_with_a_cookie() -> None:
    data = raw((0, 0, 0, 1), opt(cookie(8)))
    reply = read(data[:2] + encode_fault(fault(data)))
    assert (reply.rcode(), reply.edns, reply.question) == (dns.rcode.NOERROR, 0, [])
    version = fault(raw((0, 0, 0, 1), opt(cookie(8), version=1)))
    assert version.rcode == Rcode.BADVERS


@pytest.mark.parametrize("opcode", [1, 2, 3, 4, 5, 6, 15])
@pytest.mark.parametrize("body", [b"", NAME + A_IN, NAME + A_IN + OPT, b"\xc0"])
def test_other_opcodes(opcode: int, body: bytes) -> None:
    data = raw((1, 0, 0, 0), body, flags=opcode << 11 | 0x0100)
    reply = encode_fault(fault(data))
    assert len(reply) == 10
    decoded = read(data[:2] + reply)
    assert decoded.rcode() == dns.rcode.NOTIMP
    assert decoded.opcode() == opcode
    assert decoded.flags & dns.flags.QR


@pytest.mark.parametrize(
    ("data", "ede"),
    [
        (query("example.com", "AXFR"), EdeCode.NOT_SUPPORTED),
        (query("example.com", "IXFR"), EdeCode.NOT_SUPPORTED),
        (query("example.com", rd=False), EdeCode.NOT_AUTHORITATIVE),
        (raw((1, 0, 0, 1), b"\x07version\x04bind\0\0\x10\0\x03" + OPT), None),
        (raw((1, 0, 0, 1), b"\x02id\x06server\0\0\x10\0\x03" + OPT), None),
        (raw((1, 0, 0, 1), NAME + b"\0\x01\0\xff" + OPT), None),
        (raw((1, 0, 0, 1), NAME + b"\0\x01\0\0" + OPT), None),
    ],
)
def test_refused(data: bytes, ede: int | None) -> None:
    reply = read(data[:2] + encode_fault(fault(data)))
    assert reply.rcode() == dns.rcode.REFUSED
    assert reply.edns == 0
    assert [int(option.code) for option in reply.options if isinstance(option, dns.edns.EDEOption)] == (
        [] if ede is None else [ede]
    )
    assert reply.question == dns.message.from_wire(data).question
    without = fault(data[:10] + b"\0\0" + data[12:-11])
    assert read(data[:2] + encode_fault(without)).edns == -1


@pytest.mark.parametrize("version", [1, 2, 255])
def test_later_versions_of_edns(version: int) -> None:
    data = raw((1, 0, 0, 1), NAME + A_IN + opt(version=version, flags=0x8000))
    reply = read(data[:2] + encode_fault(fault(data)))
    assert reply.rcode() == dns.rcode.BADVERS
    assert reply.edns == 0  # the version that is spoken here
    assert not reply.answer
    assert dns.message.from_wire(data).is_response(reply)


def test_what_is_unknown_is_ignored() -> None:
    plain = message(raw((1, 0, 0, 1), NAME + A_IN + OPT))
    odd = message(
        raw((1, 0, 0, 1), NAME + A_IN + opt(b"\xfd\xe9\0\x03abc\0\x08\0\x04\0\x01\x18\0", flags=0x7FFF), flags=0x0140)
    )
    assert odd == plain


def test_records_beside_a_signature_are_let_pass() -> None:
    built = dns.message.make_query("example.com", "A", use_edns=0)
    built.use_tsig(dns.tsigkeyring.from_text({"key.": "c2VjcmV0"}))
    assert message(built.to_wire()).payload == built.payload
