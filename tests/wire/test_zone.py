"""Records as text: as an independent implementation writes them, and always one printable line."""

from __future__ import annotations

import dns.rdata
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import TextError
from resolver.wire import zone

TEXTS = [
    ("A", "192.0.2.1"),
    ("AAAA", "2001:db8::1"),
    ("NS", "ns.example."),
    ("CNAME", "a.b.example."),
    ("PTR", "."),
    ("DNAME", "d.example."),
    ("MX", "10 mail.example."),
    ("SRV", "1 2 631 printer.example."),
    ("SOA", "ns.example. admin.example. 1 3600 600 86400 300"),
    ("TXT", r'"v=spf1 -all" "\"quoted\" \\ \007\255"'),
    ("HINFO", '"RFC8482" ""'),
    ("CAA", '0 issue "ca.example"'),
    ("NAPTR", '100 10 "u" "sip" "" a.b.'),
]


@pytest.mark.parametrize(("type", "text"), TEXTS)
def test_as_dnspython_writes_it(type: str, text: str) -> None:
    wire = dns.rdata.from_text("IN", type, text).to_wire()
    assert wire is not None
    assert zone.data_text(zone.type_number(type), wire) == text


def test_service_bindings() -> None:
    wire = dns.rdata.from_text("IN", "HTTPS", "1 . alpn=h2,h3 ipv4hint=192.0.2.1").to_wire()
    assert wire is not None
    assert zone.data_text(65, wire) == "1 . alpn=h2,h3 ipv4hint=192.0.2.1"


@pytest.mark.parametrize(
    ("type", "rdata", "text"),
    [
        (65534, b"\x0a\0", r"\# 2 0a00"),
        (65534, b"", r"\# 0"),
        (1, b"\x0a\0", r"\# 2 0a00"),
        (5, b"\x01a\0x", r"\# 4 01610078"),
        (5, b"\x05a", r"\# 2 0561"),
        (15, b"\0", r"\# 1 00"),
        (6, b"\0\0\0", r"\# 3 000000"),
        (16, b"\x05a", r"\# 2 0561"),
        (257, b"\0\xff", r"\# 2 00ff"),
    ],
)
def test_what_is_not_of_its_type_has_the_generic_form(type: int, rdata: bytes, text: str) -> None:
    assert zone.data_text(type, rdata) == text


@given(
    st.sampled_from(sorted({1, 2, 5, 6, 12, 15, 16, 28, 29, 33, 35, 43, 46, 47, 48, 50, 52, 64, 65, 257})),
    st.binary(max_size=80),
)
def test_any_bytes_make_one_printable_line(type: int, rdata: bytes) -> None:
    assert zone.data_text(type, rdata).isprintable()


def test_names_and_codes() -> None:
    assert zone.name_text(b"\0") == "."
    assert zone.name_text(b"\x05a\x1b.b\n\0") == r"a\027\046b\010."
    assert [zone.rcode_text(code) for code in (0, 3, 9, 16)] == ["NOERROR", "NXDOMAIN", "RCODE9", "BADVERS"]


@given(st.integers(0, 4095))
def test_every_rcode_is_read_as_it_is_shown(code: int) -> None:
    assert zone.rcode_number(zone.rcode_text(code).lower()) == code


@pytest.mark.parametrize("text", ["", "OK", "RCODE", "RCODE4096", "RCODE-1", "RCODE\N{SUPERSCRIPT TWO}", "3"])
def test_what_is_no_rcode(text: str) -> None:
    with pytest.raises(TextError, match="is not a response code"):
        zone.rcode_number(text)
    assert [zone.type_text(type) for type in (1, 65, 4711)] == ["A", "HTTPS", "TYPE4711"]
    assert [zone.type_number(text) for text in ("a", "Https", "TYPE4711")] == [1, 65, 4711]


# Numbers that were given long ago, so that a newer dnspython knows no more of them.
@pytest.mark.parametrize("type", [type for type in dns.rdatatype.RdataType if 0 < type <= 65 or 99 <= type <= 260])
def test_mnemonics_are_those_of_the_registry(type: dns.rdatatype.RdataType) -> None:
    mnemonic = type.name.replace("_", "-")
    assert zone.type_number(mnemonic) == type
    assert zone.type_text(type) == mnemonic


@pytest.mark.parametrize("text", ["", "TYPE", "TYPE0", "TYPE65536", "TYPE²", "TYPE1x", "AA"])
def test_no_such_type(text: str) -> None:
    with pytest.raises(TextError):
        zone.type_number(text)
