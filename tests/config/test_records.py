"""Local records: what is read is what another implementation reads, and mistakes are explained."""

from __future__ import annotations

import dns.rdata
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config import records
from resolver.errors import LullError, TextError
from resolver.model import RRset
from resolver.wire import name


@pytest.mark.parametrize(
    "text",
    [
        "printer.home.arpa. 300 A 192.0.2.9",
        "printer.home.arpa. 60 AAAA 2001:db8::9",
        "mapped.home.arpa. 60 AAAA ::ffff:192.0.2.9",
        "files.home.arpa. 60 CNAME nas.home.arpa.",
        "home.arpa. 60 MX 10 mail.home.arpa.",
        "home.arpa. 60 MX 0 .",
        "home.arpa. 60 NS ns.home.arpa.",
        "home.arpa. 60 SOA ns.home.arpa. admin.home.arpa. 1 3600 600 86400 300",
        "9.2.0.192.in-addr.arpa. 60 PTR printer.home.arpa.",
        "_ipp._tcp.home.arpa. 60 SRV 0 5 631 printer.home.arpa.",
        'home.arpa. 60 TXT "some text" plain "with \\" and \\\\"',
        'home.arpa. 60 TXT ""',
        'home.arpa. 60 CAA 0 issue "ca.example; policy=ev"',
        "home.arpa. 60 HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.9 port=8443",
        "home.arpa. 60 HTTPS 0 www.home.arpa.",
        "_dns.home.arpa. 60 SVCB 1 lull.home.arpa. alpn=dot port=853",
        "home.arpa. 60 DS 12345 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "home.arpa. 60 DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8j xCjjnopKl+GqJxpVXckHAeF+KkxLbw==",
        "home.arpa. 60 LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
        "home.arpa. 60 LOC 51 30 12.748 S 0 7 39.611 W 0.00m",
        "home.arpa. 60 RP admin.home.arpa. .",
        'home.arpa. 60 NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:info@home.example;a=b!" .',
        'home.arpa. 60 NAPTR 100 10 S SIP+D2U "" _sip._udp.home.arpa.',
        "*.lab.home.arpa. 60 A 192.0.2.10",
        "home.arpa. 60 SSHFP 4 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "_443._tcp.home.arpa. 60 TLSA 3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    ],
)
def test_another_implementation_agrees(text: str) -> None:
    found = records.record(text)
    owner, ttl, type, data = text.split(maxsplit=3)
    other = dns.rdata.from_text("IN", type, data)
    assert found == RRset(
        name.from_text(owner), int(dns.rdatatype.from_text(type)), int(ttl), (other.to_wire() or b"",)
    )


def test_ways_to_write_the_same() -> None:
    wanted = records.record("printer.home.arpa. 300 IN A 192.0.2.9")
    for text in (
        "Printer.Home.ARPA A 192.0.2.9",
        "printer.home.arpa\tIN\t5m\ta\t192.0.2.9 ; the printer",
        "  printer.home.arpa. in A 192.0.2.9  ",
    ):
        assert records.record(text) == wanted


def test_names_inside_are_absolute_canonical_and_uncompressed() -> None:
    found = records.record("home.arpa SOA NS.home.arpa ns.home.arpa 1 2 3 4 5")
    ns = name.from_text("ns.home.arpa")
    assert found.rdatas[0].startswith(ns + ns)
    assert records.record("bücher.example CNAME straße.example") == RRset(
        name.from_text("xn--bcher-kva.example"), 5, 300, (name.from_text("straße.example"),)
    )


def test_parameters_are_in_order() -> None:
    found = records.record("home.arpa HTTPS 1 . port=8443 alpn=h2")
    assert found.rdatas == (dns.rdata.from_text("IN", "HTTPS", "1 . alpn=h2 port=8443").to_wire(),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"" is not a record: write NAME [TTL] TYPE DATA, such as "nas.home.arpa. A 192.0.2.9"'),
        (
            "A 192.0.2.9",
            '"A 192.0.2.9" is not a record: write NAME [TTL] TYPE DATA, such as "nas.home.arpa. A 192.0.2.9"',
        ),
        ("a A", '"" is not A data, such as: 192.0.2.9'),
        ("a A 192.0.2.9 192.0.2.10", '"192.0.2.9 192.0.2.10" is not A data, such as: 192.0.2.9'),
        ("a A 192.0.2.900", '"192.0.2.900" is not an IPv4 address'),
        ("a AAAA 192.0.2.9", '"192.0.2.9" is not an IPv6 address'),
        ("a AAAA fe80::1%eth0", '"fe80::1%eth0" is not an IPv6 address'),
        ("a MX mail.home.arpa.", '"mail.home.arpa." is not MX data, such as: 10 mail.home.arpa.'),
        ("a MX 70000 b.", '"70000" is not a number from 0 to 65535'),
        ("a CNAME b..c", '"b..c" has an empty label'),
        ("a CNAME b\\.c", '"b\\.c": only plain letters, digits, _ and - can stand in a name here'),
        ("a..b A 192.0.2.9", '"a..b" has an empty label'),
        ("@ A 192.0.2.9", '"@": a local record needs a full name; @ has no meaning here'),
        ("*a.b A 192.0.2.9", '"*a.b": a wildcard is * and all below a name, such as "*.lab.home.arpa"'),
        ("a.*.b A 192.0.2.9", '"a.*.b": a wildcard is * and all below a name, such as "*.lab.home.arpa"'),
        ("* A 192.0.2.9", '"*": a wildcard is * and all below a name, such as "*.lab.home.arpa"'),
        ("a LOC 91 N 0 E 0m", '"91 N 0 E 0m" is not LOC data, such as: 52 22 23.000 N 4 53 32.000 E -2.00m'),
        ("a LOC 5 N 181 W 0m", '"5 N 181 W 0m" is not LOC data, such as: 52 22 23.000 N 4 53 32.000 E -2.00m'),
        (
            'a NAPTR 1 2 "S" "SIP+D2U" x"y .',
            '"1 2 "S" "SIP+D2U" x"y ." is not NAPTR data, such as: 100 10 "S" "SIP+D2U" "" _sip._udp.home.arpa.',
        ),
        (
            "a NAPTR 1 2 ü S S .",
            '"ü" is not a text in quotation marks (the only escapes are \\" and \\\\)',
        ),
        ("a 1 2 A 192.0.2.9", "two TTLs: 1 and 2; write one"),
        ("a 3000000000 A 192.0.2.9", "a TTL of 3000000000 is too long: at most 2147483647 seconds"),
        ("a 5x A 192.0.2.9", '"5x" is not a duration: write 10s, 5m, 12h, 30d, 2w or 1h30m'),
        ("a HTTPS 1 . alpn=h2 nonsense=1", '"1 . alpn=h2 nonsense=1" is not HTTPS data, such as: 1 . alpn=h2'),
        ("a CAA 0", '"0" is not CAA data, such as: 0 issue "ca.example"'),
        ('a CAA 0 "" x', '"0 "" x" is not CAA data, such as: 0 issue "ca.example"'),
        ("a CAA 256 issue x", '"256" is not a number from 0 to 255'),
        ("a SSHFP 4 2 abc", '"abc" is not pairs of hexadecimal digits'),
        ("a SSHFP 4 2", '"4 2" is not SSHFP data, such as: 4 2 0123456789abcdef'),
        (
            "a OPT x",
            '"OPT" is not a type that a local record can have: '
            "A, AAAA, CAA, CNAME, DNSKEY, DS, HTTPS, LOC, MX, NAPTR, NS, PTR, RP, SOA, SRV, SSHFP, SVCB, TLSA, TXT",
        ),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    with pytest.raises(TextError) as caught:
        records.record(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "data",
    ["v=1; p=none", "'one'", '"\\065"', '"open', "$ORIGIN example.", '"$TTL" 5', "(a", '"' + "a" * 256 + '"', "ü"],
)
def test_text_that_could_be_read_two_ways_is_refused(data: str) -> None:
    with pytest.raises(TextError, match="is not TXT data"):
        records.record(f"home.arpa TXT {data}")


_TYPES = [
    "A",
    "AAAA",
    "CAA",
    "CNAME",
    "DNSKEY",
    "DS",
    "HTTPS",
    "LOC",
    "MX",
    "NAPTR",
    "RP",
    "SOA",
    "SRV",
    "SSHFP",
    "SVCB",
    "TLSA",
    "TXT",
]


@given(
    st.text()
    | st.builds(
        "x {} {}".format,
        st.sampled_from(_TYPES),
        st.text() | st.from_regex(r'[0-9a-zNESWm .="\\-]{0,30}', fullmatch=True),
    )
)
def test_any_text_gives_a_record_or_a_sentence(text: str) -> None:
    try:
        found = records.record(text)
    except LullError as error:
        assert str(error).isprintable()
    else:
        assert found.owner.endswith(b"\0")
        type = dns.rdatatype.RdataType.make(found.type)
        dns.rdata.from_wire("IN", type, found.rdatas[0], 0, len(found.rdatas[0]))


def test_merging() -> None:
    texts = ["a 300 A 192.0.2.1", "b A 192.0.2.9", "a 60 A 192.0.2.2", "a AAAA ::1", "a A 192.0.2.1"]
    a, b = name.from_text("a"), name.from_text("b")
    assert records.merge(map(records.record, texts)) == (
        RRset(a, 1, 60, (b"\xc0\0\2\1", b"\xc0\0\2\2")),
        RRset(b, 1, 300, (b"\xc0\0\2\x09",)),
        RRset(a, 28, 300, (b"\0" * 15 + b"\1",)),
    )


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["a A 192.0.2.1", "a CNAME b"], [1]),
        (["a CNAME b", "a A 192.0.2.1", "a AAAA ::1"], [1, 2]),
        (["a CNAME b", "a CNAME c"], [1]),
        (["a A 192.0.2.1", "a CNAME b", "a A 192.0.2.2"], [1]),
        (["a CNAME b", "a 60 CNAME b", "b A 192.0.2.1"], []),
        (["a A 192.0.2.1", "a AAAA ::1", "b CNAME a"], []),
    ],
)
def test_an_alias_stands_alone(texts: list[str], found: list[int]) -> None:
    assert records.clashes(map(records.record, texts)) == found
