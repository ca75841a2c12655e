"""Values of `$dnsrewrite`: records as an independent implementation encodes them, and answers."""

from __future__ import annotations

import dns.rdata
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import TextError
from resolver.model import Nodata, NullAddress, Nxdomain, Refused
from resolver.rules.rewrite import saying
from resolver.rules.rule import Datum, Saying


@pytest.mark.parametrize(
    ("values", "type", "text"),
    [
        (["192.0.2.1", "NOERROR;A;192.0.2.1", "noerror;a;192.0.2.1"], "A", "192.0.2.1"),
        (["2001:DB8::1", "NOERROR;AAAA;2001:db8:0::1"], "AAAA", "2001:db8::1"),
        (["127.0.0.1"], "A", "127.0.0.1"),
        (["a.example", "A.Example.", "NOERROR;CNAME;a.example"], "CNAME", "a.example."),
        (["router", "refused"], "CNAME", ""),
        (["bücher.example"], "CNAME", "xn--bcher-kva.example."),
        (["NOERROR;PTR;a.example.", "NOERROR;PTR;a.example"], "PTR", "a.example."),
        (["NOERROR;MX;32 mail.example"], "MX", "32 mail.example."),
        (["NOERROR;SRV;10 60 8080 a.example"], "SRV", "10 60 8080 a.example."),
        (["NOERROR;SRV;10 60 8080 ."], "SRV", "10 60 8080 ."),
        (["NOERROR;TXT;hello_world"], "TXT", '"hello_world"'),
        (["NOERROR;TXT;a;b \"c\" 'd'"], "TXT", r'"a;b \"c\" ' + "'d'\""),
        (["NOERROR;TXT;"], "TXT", '""'),
        (["NOERROR;TXT;" + "x" * 300], "TXT", f'"{"x" * 255}" "{"x" * 45}"'),
        (["NOERROR;HTTPS;32 a.example alpn=h3"], "HTTPS", "32 a.example. alpn=h3"),
        (["NOERROR;HTTPS;1 . alpn=h2,h3 ipv4hint=192.0.2.1"], "HTTPS", "1 . alpn=h2,h3 ipv4hint=192.0.2.1"),
        (["NOERROR;SVCB;30 a.example alpn=h3 dohpath=/q{?dns}"], "SVCB", '30 a.example. alpn=h3 key7="/q{?dns}"'),
        (["NOERROR;SVCB;0 a.example"], "SVCB", "0 a.example."),
    ],
)
def test_records(values: list[str], type: str, text: str) -> None:
    for value in values:
        expected = dns.rdata.from_text("IN", type, text or value + ".").to_wire()
        assert saying(value) == Datum(dns.rdatatype.from_text(type), expected or b"")


@pytest.mark.parametrize(
    ("expected", "values"),
    [
        (Nodata(), ["NOERROR", "NOERROR;;", "noerror;;"]),
        (Nxdomain(), ["NXDOMAIN", "NXDOMAIN;;", "nxdomain;;", "NXDOMAIN;A;192.0.2.1"]),
        (Refused(), ["REFUSED", "REFUSED;;"]),
        (NullAddress(), ["0.0.0.0", "::", "NOERROR;A;0.0.0.0", "NOERROR;AAAA;::"]),
    ],
)
def test_answers(expected: Saying, values: list[str]) -> None:
    assert {value: saying(value) for value in values} == dict.fromkeys(values, expected)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "SERVFAIL",
        "BADKEYWORD",
        "SERVFAIL;;",
        "nonexisting;nonexisting;nonexisting",
        "bad;syntax",
        "A:NOERROR:127.0.0.1",
        "NOERROR;;192.0.2.1",
        "NOERROR;A;",
        "NOERROR;A;a.example",
        "NOERROR;A;2001:db8::1",
        "NOERROR;AAAA;192.0.2.1",
        "NOERROR;CNAME;!!badstuff",
        "NOERROR;CNAME;192.0.2.1",
        "NOERROR;PTR;bad stuff",
        "NOERROR;MX;badstuff",
        "NOERROR;MX;65536 a.example",
        "NOERROR;SRV;30 60 8080",
        "NOERROR;HTTPS;a.example",
        "NOERROR;SVCB;42 bad stuffs",
        "NOERROR;SOA;a. b. 1 2 3 4 5",
        "NOERROR;TYPE65534;x",
        "NOERROR;TXT;" + "x" * 5000,
        "NOERROR;HTTPS;1 . key9=" + "x" * 2000,
        "fe80::1%eth0",
        "*.a.example",
        "https://a.example/",
        "a b",
        "192.0.2.1\n",
    ],
)
def test_the_rest_is_refused(value: str) -> None:
    with pytest.raises(TextError):
        saying(value)


FULL = st.builds("NOERROR;{};{}".format, st.sampled_from(["A", "TXT", "PTR", "MX", "SRV", "HTTPS", "SVCB"]), st.text())


@given(st.text() | FULL)
def test_any_text_is_said_or_refused(value: str) -> None:
    try:
        said = saying(value)
    except TextError:
        return
    assert not isinstance(said, Datum) or said.rdata
