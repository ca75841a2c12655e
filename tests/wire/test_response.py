"""What clients get: dnspython and dnslib both read it as it was meant, and it is never too long."""

from __future__ import annotations

import struct

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rrset
import dnslib
from hypothesis import given
from hypothesis import strategies as st

from resolver.model import Ede, Message, Response, RRset
from resolver.wire import edns
from resolver.wire.query import Fault, decode
from resolver.wire.response import Encoded, encode, encode_fault, respell
from tests.support import errors, name_wire, query, read

ODD = st.sampled_from([b"a", b"b", b"example", b"com", b"\x00\xff.", b"x" * 63]) | st.binary(
    min_size=1, max_size=8
).map(bytes.lower)
PLAIN = st.sampled_from([b"a", b"b", b"example", b"com", b"_443", b"x" * 63])


def names(label: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.lists(label, max_size=3).map(lambda labels: b"".join(bytes((len(x),)) + x for x in labels) + b"\0")


def rdata(name: st.SearchStrategy[bytes]) -> st.SearchStrategy[tuple[int, bytes]]:
    return st.one_of(
        st.tuples(st.just(1), st.binary(min_size=4, max_size=4)),
        st.tuples(st.just(28), st.binary(min_size=16, max_size=16)),
        st.tuples(st.sampled_from([2, 5, 12]), name),
        st.tuples(st.just(15), name.map(lambda name: b"\0\x0a" + name)),
        st.tuples(st.just(6), st.tuples(name, name).map(lambda pair: b"".join(pair) + bytes(20))),
        st.tuples(st.just(65280), st.binary(min_size=1, max_size=300)),
    )


@st.composite
def rrsets(draw: st.DrawFn, name: st.SearchStrategy[bytes], most: int) -> tuple[RRset, ...]:
    """RRsets of distinct owners and types."""
    found: dict[tuple[bytes, int], list[bytes]] = {}
    for owner, (type, data) in draw(st.lists(st.tuples(name, rdata(name)), max_size=most)):
        found.setdefault((owner, type), []).append(data)
    return tuple(
        RRset(owner, type, draw(st.integers(0, 86400)), tuple(dict.fromkeys(datas))[: 1 if type in {5, 6} else None])
        for (owner, type), datas in found.items()
    )


def responses(label: st.SearchStrategy[bytes]) -> st.SearchStrategy[Response]:
    return st.builds(
        Response,
        rcode=st.sampled_from([0, 2, 3, 5]),
        answer=rrsets(names(label), 6),
        authority=rrsets(names(label), 3),
        ad=st.booleans(),
        ede=st.lists(st.builds(Ede, st.integers(0, 30), st.text(max_size=300)), max_size=edns.MAX_EDE).map(tuple),
    )


def queries(label: st.SearchStrategy[bytes]) -> st.SearchStrategy[tuple[bytes, Message]]:
    return st.builds(
        _message,
        names(label),
        st.booleans(),
        st.sampled_from([1, 28, 65, 65280]),
        st.none() | st.sampled_from([0, 512, 600, 1232, 65535]),
        st.tuples(st.booleans(), st.booleans(), st.booleans()),
    )


SIZES = st.sampled_from([512, 513, 600, 1232, 65535])


def _message(
    name: bytes, upper: bool, type: int, payload: int | None, flags: tuple[bool, bool, bool]
) -> tuple[bytes, Message]:
    do, cd, ad = flags
    head = struct.pack("!HBB4H", 0x1234, 1, cd << 4 | ad << 5, 1, 0, 0, int(payload is not None))
    opt = b"" if payload is None else struct.pack("!BHHLH", 0, 41, payload, do << 15, 0)
    data = head + (name.upper() if upper else name) + struct.pack("!HH", type, 1) + opt
    message = decode(data)
    assert isinstance(message, Message)
    return data, message


def records(section: list[dns.rrset.RRset]) -> set[tuple[bytes, int, int, bytes]]:
    return {(name_wire(rrset.name), int(rrset.rdtype), rrset.ttl, _data(rdata)) for rrset in section for rdata in rrset}


def _data(rdata: dns.rdata.Rdata) -> bytes:
    found = rdata.to_wire()
    assert found is not None
    return found


def expected(section: tuple[RRset, ...]) -> set[tuple[bytes, int, int, bytes]]:
    return {(rrset.owner, rrset.type, rrset.ttl, rdata) for rrset in section for rdata in rrset.rdatas}


@given(queries(ODD), responses(ODD))
def test_dnspython_reads_what_was_meant(asked: tuple[bytes, Message], response: Response) -> None:
    data, message = asked
    encoded = encode(message, response, 65535)
    reply = read(data[:2] + encoded.body)
    assert dns.message.from_wire(data).question == reply.question
    assert reply.rcode() == response.rcode
    assert records(reply.answer) == expected(response.answer)
    assert records(reply.authority) == expected(response.authority)
    flags = reply.flags
    assert flags & dns.flags.QR and flags & dns.flags.RA and flags & dns.flags.RD
    assert not flags & (dns.flags.AA | dns.flags.TC)
    assert bool(flags & dns.flags.CD) is message.cd
    assert bool(flags & dns.flags.AD) is (response.ad and (message.ad or message.do))
    assert (reply.edns == 0) is (message.payload is not None)
    if message.payload is not None:
        assert bool(reply.ednsflags & dns.flags.DO) is message.do
        assert [code for code, _ in errors(reply)] == [ede.code for ede in response.ede]
    assert encoded.whole


@given(queries(PLAIN), responses(PLAIN))
def test_dnslib_reads_what_was_meant(asked: tuple[bytes, Message], response: Response) -> None:
    data, message = asked
    parsed = dnslib.DNSRecord.parse(data[:2] + encode(message, response, 65535).body)
    for section, meant in ((parsed.rr, response.answer), (parsed.auth, response.authority)):
        assert [(tuple(rr.rname.label), rr.rtype, rr.ttl) for rr in section] == [
            (_labels(rrset.owner), rrset.type, rrset.ttl) for rrset in meant for _ in rrset.rdatas
        ]
        targets = [(_labels(rdata), rr) for rrset in meant for rdata, rr in _names(rrset, section)]
        assert all(tuple(rr.rdata.label.label) == labels for labels, rr in targets)


def _labels(name: bytes) -> tuple[bytes, ...]:
    labels = []
    while length := name[0]:
        labels.append(name[1 : 1 + length])
        name = name[1 + length :]
    return tuple(labels)


def _names(rrset: RRset, section: list[dnslib.RR]) -> list[tuple[bytes, dnslib.RR]]:
    if rrset.type not in {2, 5, 12}:
        return []
    mine = [rr for rr in section if rr.rtype == rrset.type and tuple(rr.rname.label) == _labels(rrset.owner)]
    return list(zip(rrset.rdatas, mine, strict=True))


@given(queries(ODD), responses(ODD), SIZES)
def test_never_too_long_and_only_whole_rrsets_are_left_out(
    asked: tuple[bytes, Message], response: Response, limit: int
) -> None:
    data, message = asked
    encoded = encode(message, response, limit)
    wire = data[:2] + encoded.body
    assert len(wire) <= limit
    reply = read(wire)
    assert reply.question == [rrset for rrset in reply.question if name_wire(rrset.name) == message.question.name]
    assert len(reply.question) == 1
    assert (reply.edns == 0) is (message.payload is not None)
    meant = [(0, rrset) for rrset in response.answer] + [(1, rrset) for rrset in response.authority]
    kept = {(0, *one) for one in records(reply.answer)} | {(1, *one) for one in records(reply.authority)}
    parts = [{(section, *one) for one in expected((rrset,))} for section, rrset in meant]
    whole = [part for part in parts if part <= kept]
    assert kept == set().union(*whole)
    assert whole == parts[: len(whole)]
    assert bool(reply.flags & dns.flags.TC) is (len(whole) < len(parts))
    texts = [text for _, text in errors(reply)]
    if message.payload is not None:
        assert encoded.whole is (len(whole) == len(parts) and texts == [_fitting(ede.text) for ede in response.ede])


def _fitting(text: str) -> str:
    """A text as dnspython shows it once it has gone through an EDE option of ours."""
    return text.encode()[:255].decode("utf-8", "ignore").removesuffix("\0")


@given(queries(ODD), responses(ODD), SIZES)
def test_ttls_are_where_they_are_said_to_be(asked: tuple[bytes, Message], response: Response, limit: int) -> None:
    data, message = asked
    encoded = encode(message, response, limit)
    body = bytearray(encoded.body)
    for at in encoded.ttls:
        body[at : at + 4] = (77).to_bytes(4, "big")
    before, after = read(data[:2] + encoded.body), read(data[:2] + bytes(body))
    assert len(encoded.ttls) == sum(len(rrset) for rrset in before.answer + before.authority)
    for old, new in zip(before.answer + before.authority, after.answer + after.authority, strict=True):
        assert new.ttl == 77
        assert new.to_text().split(None, 2)[2] == old.to_text().split(None, 2)[2] or new == old


def encoded_for(name: str, response: Response, limit: int) -> tuple[Encoded, dns.message.Message]:
    data = query(name)
    message = decode(data)
    assert isinstance(message, Message)
    encoded = encode(message, response, limit)
    return encoded, read(data[:2] + encoded.body)


def test_extra_text_goes_before_any_record_does() -> None:
    addresses = RRset(b"\x01a\0", 1, 60, tuple(bytes((10, 0, 0, n)) for n in range(20)))
    response = Response(0, (addresses,), ede=(Ede(15, "t" * 255),))
    encoded, reply = encoded_for("a", response, 512)
    assert not encoded.whole
    assert not reply.flags & dns.flags.TC
    assert errors(reply) == [(15, "")]
    assert len(reply.answer[0]) == 20


def test_a_reply_may_be_exactly_as_long_as_its_limit() -> None:
    response = Response(0, (RRset(b"\x01a\0", 65280, 60, (bytes(600),)),))
    size = len(encoded_for("a", response, 1232)[0].body) + 2
    for limit in range(size - 3, size + 4):
        encoded, reply = encoded_for("a", response, limit)
        assert encoded.whole is (limit >= size) is not bool(reply.flags & dns.flags.TC)
        assert len(encoded.body) + 2 <= limit


def test_names_are_compressed() -> None:
    names = RRset(b"\x03www\x07example\0", 5, 60, (b"\x03cdn\x07example\0",))
    target = RRset(b"\x03cdn\x07example\0", 1, 60, (bytes(4), bytes((1, 1, 1, 1))))
    encoded, _ = encoded_for("www.example", Response(0, (names, target)), 512)
    question = 10 + 13 + 4
    assert len(encoded.body) == question + (2 + 10 + 4 + 2) + 2 * (2 + 10 + 4) + 11


def test_nothing_is_pointed_to_that_lies_too_far() -> None:
    far = [RRset(b"\x01a\0", 65280, 60, (bytes(8000), bytes(8384), bytes(100)))]
    far += [RRset(bytes((1, 98 + n)) + b"\x04last\0", 5, 60, (b"\x01z\x04last\0",)) for n in range(3)]
    encoded, reply = encoded_for("a", Response(0, tuple(far)), 65535)
    assert records(reply.answer) == expected(tuple(far))
    assert encoded.whole


def test_respelling_touches_nothing_but_the_question() -> None:
    encoded, _ = encoded_for("example", Response(0, (RRset(b"\x07example\0", 1, 60, (bytes(4),)),)), 512)
    spelled = b"\x07eXaMpLe\0\0\1\0\1"
    other = respell(encoded.body, spelled)
    assert len(other) == len(encoded.body)
    assert other[10 : 10 + len(spelled)] == spelled
    assert other[:10] + other[10 + len(spelled) :] == encoded.body[:10] + encoded.body[10 + len(spelled) :]


def test_a_fault_with_everything() -> None:
    fault = Fault(16, rd=True, spelled=b"\x01a\0\0\1\0\1", edns=True, ede=(Ede(0, "why"),))
    reply = read(b"\0\1" + encode_fault(fault))
    assert (reply.rcode(), reply.edns, errors(reply)) == (dns.rcode.BADVERS, 0, [(0, "why")])
    assert [str(rrset) for rrset in reply.question] == ["a. IN A"]
    assert reply.flags & dns.flags.RA


def test_texts_go_even_when_there_is_nothing_else_to_leave_out() -> None:
    response = Response(2, ede=(Ede(22, "t" * 255),) * edns.MAX_EDE)
    encoded, reply = encoded_for("a", response, 512)
    assert len(encoded.body) + 2 <= 512
    assert not encoded.whole
    assert not reply.flags & dns.flags.TC
    assert errors(reply) == [(22, "")] * edns.MAX_EDE


def test_the_longest_question_and_the_most_errors_fit_the_smallest_reply() -> None:
    name = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
    encoded, reply = encoded_for(name, Response(2, ede=(Ede(22, "t" * 255),) * edns.MAX_EDE), 512)
    assert len(encoded.body) + 2 <= 512
    assert len(errors(reply)) == edns.MAX_EDE
