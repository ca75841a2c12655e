"""Queries to upstreams and their replies: what dnspython writes is read, what does not belong is left out."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dnslib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import WireError
from resolver.model import Ede, Question, RRset
from resolver.wire.name import to_text
from resolver.wire.reply import CHAIN, MAX_TTL, Reply, aged, build, matches, parse
from tests.support import wire
from tests.wire.replies import ZONE_SOA, built, question

DATA = {
    "A": ["192.0.2.1", "192.0.2.2"],
    "AAAA": ["2001:db8::1", "2001:db8::2"],
    "CNAME": ["other.example."],
    "DNAME": ["other.example."],
    "MX": ["10 mail.www.example.", "20 mail.example.", "30 elsewhere.test."],
    "NS": ["ns1.www.example.", "ns2.example."],
    "PTR": ["host.www.example."],
    "TXT": ['"Some Text" "and MORE"', '"x"'],
    "SRV": ["1 2 443 srv.www.example.", "0 0 0 ."],
    "SOA": ["ns.www.example. admin.www.example. 1 2 3 4 5"],
    "HTTPS": ['1 . alpn="h2,h3" ipv4hint="192.0.2.1"', "0 svc.www.example."],
    "SVCB": ["1 svc.example. port=53"],
    "NAPTR": ['10 20 "S" "SIP+D2U" "!^.*$!sip:a@example!" _sip.www.example.'],
    "DS": ["12345 13 2 " + "ab" * 32],
    "DNSKEY": ["257 3 13 " + "q" * 88],
    "CAA": ['0 issue "ca.example"'],
    "TLSA": ["3 1 1 " + "cd" * 32],
    "LOC": ["51 30 12.748 N 0 7 39.612 W 0.00m"],
    "RP": ["admin.www.example. text.www.example."],
    "AFSDB": ["1 afs.www.example."],
    "KX": ["1 kx.www.example."],
    "TYPE65280": ["\\# 4 c00c0001"],
    "RRSIG": ["A 13 2 300 20300101000000 20200101000000 1 www.example. " + "r" * 88],
}


def parsed(
    answer: Sequence[str] = (),
    authority: Sequence[str] = (),
    name: str = "www.example",
    type: str = "A",
    rcode: int = 0,
) -> Reply:
    return parse(built(answer, authority, name, type, rcode), question(name, type))


def shown(rrsets: Sequence[RRset]) -> list[str]:
    """Owner, TTL and type of each."""
    return [f"{to_text(rrset.owner)} {rrset.ttl} {dns.rdatatype.to_text(_type(rrset.type))}" for rrset in rrsets]


def _type(number: int) -> dns.rdatatype.RdataType:
    return dns.rdatatype.RdataType.make(number)


@given(
    st.lists(st.binary(min_size=1, max_size=20).map(bytes.lower), max_size=8),
    st.integers(1, 65535),
    st.integers(0, 65535),
    st.booleans(),
    st.booleans(),
)
def test_our_queries_parse(labels: list[bytes], type: int, id: int, do: bool, cd: bool) -> None:
    name = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    data = build(Question(name, type), id, do=do, cd=cd)
    message = dns.message.from_wire(data)
    assert message.id == id
    assert message.flags == dns.flags.RD | dns.flags.AD | (dns.flags.CD if cd else 0)
    assert [(q.name.to_wire(), q.rdtype, q.rdclass) for q in message.question] == [(name, type, 1)]
    assert (message.edns, message.payload, message.ednsflags, message.options) == (0, 1232, 0x8000 if do else 0, ())


def test_our_queries_parse_in_dnslib_too() -> None:
    message = dnslib.DNSRecord.parse(build(question("www.example", "MX"), 7, do=True, cd=False))
    assert (message.header.id, message.header.rd, message.header.opcode) == (7, 1, 0)
    assert (str(message.q.qname), message.q.qtype, message.q.qclass) == ("www.example.", dnslib.QTYPE.MX, 1)
    assert [(rr.rtype, rr.edns_len, rr.edns_do) for rr in message.ar] == [(41, 1232, 1)]


@pytest.mark.parametrize("type", DATA)
def test_every_type_keeps_its_data(type: str) -> None:
    data = DATA[type]
    rrset = dns.rrset.from_text("www.example.", 300, "IN", type, *data)
    message = dns.message.make_response(dns.message.make_query("www.example", type))
    message.answer.append(rrset)
    found = parse(message.to_wire(), question(type=type))
    assert [(answer.owner, answer.type, answer.ttl) for answer in found.answer] == [
        (wire("www.example"), rrset.rdtype, 300)
    ]
    assert sorted(found.answer[0].rdatas) == sorted(rdata.to_wire() or b"" for rdata in rrset)
    assert found.positive


def test_names_in_rdata_come_out_in_lower_case() -> None:
    found = parsed(["WWW.Example. 60 MX 10 MAIL.Example."], type="MX")
    assert found.answer == (RRset(wire("www.example"), 15, 60, (b"\0\x0a" + wire("mail.example"),)),)


def test_unknown_types_are_not_looked_into() -> None:
    # The RDATA looks like a compression pointer.
    found = parsed([r"www.example. 60 TYPE65280 \# 2 C00C"], type="TYPE65280")
    assert found.answer[0].rdatas == (b"\xc0\x0c",)


def test_a_chain_is_followed_in_order_and_nothing_else_is_kept() -> None:
    found = parsed(
        [
            "unasked.example. 9 A 192.0.2.66",
            "cdn.test. 50 A 192.0.2.1",
            "b.example. 200 CNAME cdn.test.",
            "www.example. 300 CNAME b.example.",
            "www.example. 300 TXT x",
            "cdn.test. 40 AAAA ::1",
        ],
        ["test. 3600 NS ns.test."],
    )
    assert shown(found.answer) == ["www.example 300 CNAME", "b.example 200 CNAME", "cdn.test 50 A"]
    assert found.authority == ()
    assert found.positive


@pytest.mark.parametrize(("links", "fits"), [(1, True), (CHAIN, True), (CHAIN + 1, False)])
def test_the_length_of_chains(links: int, fits: bool) -> None:
    names = ["www.example.", *(f"c{n}.example." for n in range(1, links + 1))]
    lines = [f"{names[n]} 60 CNAME {names[n + 1]}" for n in range(links)] + [f"{names[-1]} 60 A 192.0.2.1"]
    if fits:
        assert len(parsed(lines).answer) == links + 1
    else:
        with pytest.raises(WireError, match="chain"):
            parsed(lines)


@pytest.mark.parametrize(
    "lines", [["www.example. 60 CNAME www.example."], ["www.example. 60 CNAME a.", "a. 60 CNAME www.example."]]
)
def test_circles_are_refused(lines: list[str]) -> None:
    with pytest.raises(WireError, match="circle"):
        parsed(lines)


def test_asked_for_a_cname_it_is_the_answer() -> None:
    found = parsed(["www.example. 60 CNAME a.example.", "a.example. 60 CNAME b.example."], type="CNAME")
    assert shown(found.answer) == ["www.example 60 CNAME"]
    assert found.positive


def test_negative_answers_keep_their_soa() -> None:
    found = parsed(authority=[ZONE_SOA, "example. 60 NS ns.example."], rcode=3)
    assert (found.rcode, found.positive, shown(found.authority)) == (3, False, ["example 3600 SOA"])


def test_a_soa_of_another_zone_is_not_kept() -> None:
    assert parsed(authority=[ZONE_SOA.replace("example. 3600", "other. 3600")]).authority == ()
    assert parsed(authority=[ZONE_SOA.replace("example. 3600", "a.www.example. 3600")]).authority == ()


def test_the_soa_at_the_end_of_a_chain_is_that_of_the_last_name() -> None:
    alias = ["www.example. 60 CNAME gone.test."]
    soa = ZONE_SOA.replace("example. 3600", "test. 3600")
    assert shown(parsed(alias, [soa]).authority) == ["test 3600 SOA"]
    assert parsed(alias, [ZONE_SOA]).authority == ()
    assert not parsed(alias, [soa]).positive


def test_signatures_come_with_what_they_sign() -> None:
    signature = "13 2 300 20300101000000 20200101000000 1 example. " + "r" * 88
    found = parsed(
        [
            "www.example. 300 CNAME a.example.",
            f"www.example. 300 RRSIG CNAME {signature}",
            "a.example. 60 A 192.0.2.1",
            f"a.example. 60 RRSIG A {signature}",
            f"a.example. 60 RRSIG AAAA {signature}",
        ],
        ["a.example. 60 NSEC b.example. A", f"a.example. 60 RRSIG NSEC {signature}", ZONE_SOA],
    )
    assert shown(found.answer) == [
        "www.example 300 CNAME",
        "www.example 300 RRSIG",
        "a.example 60 A",
        "a.example 60 RRSIG",
    ]
    assert shown(found.authority) == ["a.example 60 NSEC", "a.example 60 RRSIG"]
    assert found.positive


def test_a_signature_alone_is_no_answer() -> None:
    found = parsed(["www.example. 60 RRSIG A 13 2 300 20300101000000 20200101000000 1 example. " + "r" * 88])
    assert (found.answer, found.positive) == ((), False)


def test_signatures_asked_for_by_name_are_one_rrset() -> None:
    tail = " 13 2 300 20300101000000 20200101000000 1 example. " + "r" * 88
    found = parsed(
        ["www.example. 60 RRSIG A" + tail, "www.example. 50 RRSIG MX" + tail, "a.example. 9 RRSIG A" + tail],
        type="RRSIG",
    )
    assert shown(found.answer) == ["www.example 50 RRSIG"]
    assert len(found.answer[0].rdatas) == 2
    assert found.positive


def test_a_dname_comes_with_the_cname_made_from_it() -> None:
    lines = ["example. 90 DNAME other.", "www.example. 80 CNAME www.other.", "www.other. 70 A 192.0.2.1"]
    assert shown(parsed(lines).answer) == ["example 90 DNAME", "www.example 80 CNAME", "www.other 70 A"]


def test_a_dname_on_the_way_is_not_what_was_asked_for() -> None:
    found = parsed(["example. 90 DNAME other.", "www.example. 80 CNAME www.other."], type="DNAME")
    assert shown(found.answer) == ["example 90 DNAME", "www.example 80 CNAME"]
    assert not found.positive


def test_ttls() -> None:
    record = "www.example. {} A 192.0.2.{}"
    assert parsed([record.format(300, 1), record.format(30, 2)]).answer[0].ttl == 30  # equal within an RRset
    assert parsed([record.format(MAX_TTL + 1, 1)]).answer[0].ttl == MAX_TTL
    data = built([record.format(77, 1)]).replace(struct.pack("!L", 77), b"\xff\xff\xff\xff")
    assert parse(data, question()).answer[0].ttl == MAX_TTL  # the high bit: large and positive (RFC 8767)
    assert parsed([record.format(0, 1)]).answer[0].ttl == 0


def test_equal_records_come_once() -> None:
    data = built(["www.example. 60 A 192.0.2.1"])
    record = data[29:45]
    doubled = data[:6] + b"\0\2" + data[8:29] + record + record + data[45:]
    assert parse(doubled, question()).answer == (RRset(wire("www.example"), 1, 60, (bytes((192, 0, 2, 1)),)),)


def test_other_classes_are_passed_over() -> None:
    data = built(["www.example. 60 A 192.0.2.1"])
    chaos = data[:33] + b"\0\3" + data[35:]
    assert parse(chaos, question()).answer == ()


def test_the_rest_of_a_reply() -> None:
    message = dns.message.from_wire(built(options=[dns.edns.EDEOption(dns.edns.EDECode.STALE_ANSWER, "old")]))
    message.flags |= dns.flags.AD
    message.set_rcode(dns.rcode.BADVERS)
    found = parse(message.to_wire(), question())
    assert (found.ad, found.rcode, found.ede, found.truncated) == (True, 16, (Ede(3, "old"),), False)


def test_of_a_truncated_reply_nothing_is_read() -> None:
    data = built(["www.example. 60 A 192.0.2.1"])
    cut = data[:2] + bytes((data[2] | 2,)) + data[3:40]
    assert parse(cut, question()) == Reply(0, truncated=True, ad=False, answer=(), authority=(), ede=(), positive=False)


def test_what_matches_a_query() -> None:
    asked = build(question(), 0x1234, do=False, cd=False)
    answer = b"\x12\x34" + built(["www.example. 60 A 192.0.2.1"])[2:]
    assert matches(answer, asked)
    assert matches(answer[:12] + answer[12:25].upper() + answer[25:], asked)  # 0x20 is ours to ignore
    assert matches(answer[:3] + b"\xff" + answer[4:], asked)
    wrong = {
        "ID": b"\x12\x35" + answer[2:],
        "QR": answer[:2] + b"\x01" + answer[3:],
        "opcode": answer[:2] + b"\x90" + answer[3:],
        "no question": answer[:4] + b"\0\0" + answer[6:],
        "two questions": answer[:4] + b"\0\2" + answer[6:],
        "name": answer.replace(b"\x03www", b"\x03wvw", 1),
        "type": answer[:26] + b"\x21" + answer[27:],  # 33 is 1 with the bit that tells cases apart
        "class": answer[:28] + b"\x03" + answer[29:],
        "cut": answer[: len(asked) - 12],
        "header": answer[:12],
        "nothing": b"",
        "one byte": b"\x12",
        "the query": asked,
    }
    assert [why for why, data in wrong.items() if matches(data, asked)] == []


def test_types_that_differ_by_the_case_bit_do_not_match() -> None:
    asked = build(question(type="HTTPS"), 1, do=False, cd=False)
    other = b"\0\1" + built(type="TYPE97")[2:]
    assert not matches(other, asked)


def test_records_that_are_not_needed_are_still_within_the_message() -> None:
    """The authority section of a positive answer is skipped, not read; it must end where the message does."""
    data = built(["www.example. 60 A 192.0.2.1"], ["example. 60 NS ns.example."])
    assert parse(data, question()).authority == ()
    for cut in range(45, len(data)):
        with pytest.raises(WireError):
            parse(data[:cut], question())


@pytest.mark.parametrize(("seconds", "ttl"), [(0, 60), (45, 15), (60, 0), (1 << 31, 0)])
def test_aged(seconds: int, ttl: int) -> None:
    query = dns.message.make_query("www.example", "A")
    response = dns.message.make_response(query)
    response.use_edns(0, dns.flags.DO, 1232)
    for section, name in ((response.answer, "www.example."), (response.authority, "example.")):
        section.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.1", "192.0.2.2"))
    data = aged(response.to_wire(), seconds)
    read = dns.message.from_wire(data)
    assert {rrset.ttl for rrset in (*read.answer, *read.authority)} == {ttl}
    assert read.ednsflags & dns.flags.DO
    assert len(data) == len(response.to_wire())
