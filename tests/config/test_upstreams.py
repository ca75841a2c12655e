"""URLs of upstreams: each that is right with what it says, and each mistake with the sentence that answers it."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolver.config.upstreams import PATTERN, upstream
from resolver.config.values import Endpoint, Upstream
from resolver.errors import TextError

PIN = "sha256//" + base64.b64encode(bytes(range(32))).decode()
QUAD9 = "dns.quad9.net"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("udp://9.9.9.9", ("udp", "9.9.9.9", 53, "")),
        ("tcp://9.9.9.9:5353", ("tcp", "9.9.9.9", 5353, "")),
        ("UDP://9.9.9.9/", ("udp", "9.9.9.9", 53, "")),
        ("udp://[2620:FE::fe]", ("udp", "2620:fe::fe", 53, "")),
        ("tcp://[fe80::1%eth0]:5353", ("tcp", "fe80::1%eth0", 5353, "")),
        ("udp://dns.quad9.net", ("udp", QUAD9, 53, "")),
        ("tcp://DNS.Quad9.net.:5353", ("tcp", QUAD9, 5353, "")),
        ("tls://9.9.9.9", ("tls", "9.9.9.9", 853, "9.9.9.9")),
        ("tls://9.9.9.9#dns.quad9.net", ("tls", "9.9.9.9", 853, QUAD9)),
        ("tls://[2620:fe::fe]:8853#DNS.Quad9.net.", ("tls", "2620:fe::fe", 8853, QUAD9)),
        ("tls://[fe80::1%eth0]", ("tls", "fe80::1%eth0", 853, "fe80::1")),
        ("tls://dns.quad9.net", ("tls", QUAD9, 853, QUAD9)),
        ("tls://192.0.2.1#198.51.100.1", ("tls", "192.0.2.1", 853, "198.51.100.1")),
        ("tls://bücher.example", ("tls", "xn--bcher-kva.example", 853, "xn--bcher-kva.example")),
        ("quic://[2620:fe::fe]", ("quic", "2620:fe::fe", 853, "2620:fe::fe")),
        ("quic://dns.adguard.com:784", ("quic", "dns.adguard.com", 784, "dns.adguard.com")),
    ],
)
def test_upstream(text: str, said: tuple[str, str, int, str]) -> None:
    found = upstream(text)
    assert (found.transport, found.host, found.port, found.name) == said
    assert str(found) == found.url == text
    assert (found.path, found.bootstrap, found.pins) == ("", (), ())
    assert found.encrypted == (found.transport not in {"udp", "tcp"})


@pytest.mark.parametrize(
    ("text", "host", "port", "name", "path"),
    [
        ("https://dns.quad9.net/dns-query", QUAD9, 443, QUAD9, "/dns-query"),
        ("https://dns.quad9.net", QUAD9, 443, QUAD9, "/dns-query"),
        ("https://dns.quad9.net:8443/", QUAD9, 8443, QUAD9, "/dns-query"),
        ("https://dns.nextdns.io/abc123/My%20Phone", "dns.nextdns.io", 443, "dns.nextdns.io", "/abc123/My%20Phone"),
        ("https://9.9.9.9/dns-query#dns.quad9.net", "9.9.9.9", 443, QUAD9, "/dns-query"),
        ("https://[2620:fe::fe]/q", "2620:fe::fe", 443, "2620:fe::fe", "/q"),
        ("https://dns.quad9.net/dns-query{?dns}", QUAD9, 443, QUAD9, "/dns-query"),
    ],
)
def test_https(text: str, host: str, port: int, name: str, path: str) -> None:
    assert upstream(text) == Upstream(text, "https", host, port, name, path)


@pytest.mark.parametrize(
    "more", [f"#{QUAD9}?bootstrap=9.9.9.9,[::1]:5353&pin={PIN}", f"?pin={PIN}&bootstrap=9.9.9.9,[::1]:5353#{QUAD9}"]
)
def test_options_in_any_order(more: str) -> None:
    found = upstream(f"tls://192.0.2.1{more}")
    assert found.name == QUAD9
    assert found.bootstrap == (Endpoint("9.9.9.9", 53), Endpoint("::1", 5353))
    assert found.pins == (bytes(range(32)),)


def test_options_that_come_again_are_added() -> None:
    other = "sha256//" + base64.b64encode(b"+/" * 16).decode()
    found = upstream(f"quic://dns.example?pin={PIN}&pin={other}&bootstrap=2620:fe::fe&bootstrap=9.9.9.9")
    assert found.pins == (bytes(range(32)), b"+/" * 16)
    assert found.bootstrap == (Endpoint("2620:fe::fe", 53), Endpoint("9.9.9.9", 53))


def test_http_3() -> None:
    for text in ("h3://dns.example", "H3://dns.example:443/dns-query"):
        assert upstream(text) == Upstream(text, "h3", "dns.example", 443, "dns.example", "/dns-query")
    found = upstream(f"h3://192.0.2.1:8443/q#dns.example?pin={PIN}&method=get")
    assert (found.encrypted, found.path, found.method, found.pins) == (True, "/q", "get", (bytes(range(32)),))


def test_plain_ones_that_are_given_by_name() -> None:
    found = upstream(f"udp://{QUAD9}?bootstrap=9.9.9.9")
    assert (found.encrypted, found.addressed, found.bootstrap) == (False, False, (Endpoint("9.9.9.9", 53),))


def test_a_method() -> None:
    assert upstream("https://dns.example").method == "post"
    assert upstream("https://dns.example/q?method=get").method == "get"


def test_whether_somebody_must_be_asked_for_the_address() -> None:
    assert [upstream(text).addressed for text in ("tls://9.9.9.9", "tls://[::1]", "tls://dns.example")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tls//9.9.9.9", '"tls//9.9.9.9" has no "://"; did you mean "tls://9.9.9.9"?'),
        ("tls:/9.9.9.9", '"tls:/9.9.9.9" has no "://"; did you mean "tls://9.9.9.9"?'),
        ("udp:9.9.9.9", '"udp:9.9.9.9" has no "://"; did you mean "udp://9.9.9.9"?'),
        ("9.9.9.9", '"9.9.9.9" has no "://"; did you mean "udp://9.9.9.9"?'),
        ("9.9.9.9:53", '"9.9.9.9:53" has no "://"; did you mean "udp://9.9.9.9:53"?'),
        ("2620:fe::fe", '"2620:fe::fe" has no "://"; did you mean "udp://[2620:fe::fe]"?'),
        ("dns.quad9.net/dns-query", None),
        ("h2://x.example", '"h2://x.example": "h2://" is not a way to reach an upstream: write https://'),
        ("dot://9.9.9.9", '"dot://9.9.9.9": "dot://" is not a way to reach an upstream: write tls://'),
        (
            "dns://9.9.9.9",
            '"dns://9.9.9.9": "dns://" is not a way to reach an upstream: use udp://, tcp://, tls://, https://, '
            "h3://, quic:// or sdns://",
        ),
        ("udp://", '"udp://": there is no host; write udp://HOST[:PORT]'),
        ("https://", '"https://": there is no host; write https://HOST[:PORT]/dns-query'),
        ("udp://9.9.9", '"udp://9.9.9": "9.9.9" is not an IP address; names cannot be used here'),
        ("udp://a*b", '"udp://a*b": "a*b" is not the name of a host'),
        ("tls://9.9.9", '"tls://9.9.9": "9.9.9" is not an IP address; names cannot be used here'),
        ("tls://[dns.example]", '"tls://[dns.example]": "dns.example" is not an IP address; names cannot be used here'),
        ("udp://2620:fe::fe", '"udp://2620:fe::fe" is not udp://HOST[:PORT]; did you mean "udp://[2620:fe::fe]"?'),
        (
            "tls://2620:fe::fe",
            '"tls://2620:fe::fe" is not tls://HOST[:PORT][#NAME]; did you mean "tls://[2620:fe::fe]"?',
        ),
        (
            "udp://9.9.9.9:",
            '"udp://9.9.9.9:" is not udp://HOST[:PORT]; such as "udp://9.9.9.9" or "udp://[2620:fe::fe]:53"',
        ),
        ("udp://9.9.9.9:0", '"udp://9.9.9.9:0": port 0 does not exist; ports are 1 to 65535'),
        ("udp://0.0.0.0", '"udp://0.0.0.0": nobody answers at 0.0.0.0; write the resolver\'s own address'),
        ("tls://[ff02::fb]", '"tls://[ff02::fb]": nobody answers at ff02::fb; write the resolver\'s own address'),
        ("tls://9.9.9.9/x", '"tls://9.9.9.9/x": tls:// has no path; remove "/x"'),
        ("udp://9.9.9.9#x", '"udp://9.9.9.9#x": udp:// has no name; remove "#x"'),
        ("tcp://9.9.9.9?pin=1", '"tcp://9.9.9.9?pin=1": there is no option "pin"; there is bootstrap'),
        ("tls://9.9.9.9#", '"tls://9.9.9.9#": a name is missing'),
        ("tls://9.9.9.9#a b", '"tls://9.9.9.9#a b": "a b" holds a space, a control character or an unfinished escape'),
        ("tls://a*b", '"tls://a*b": "a*b" is not the name of a host'),
        ("tls://user@x.example", '"tls://user@x.example": "user@x.example" is not the name of a host'),
        (
            "https://x.example/{id}",
            '"https://x.example/{id}": "/{id}" is not the path of a DoH server, such as /dns-query',
        ),
        ("tls://x.example?a=1", '"tls://x.example?a=1": there is no option "a"; there are bootstrap, pin'),
        ("quic://x.example?method=get", None),
        ("https://x.example?method=put", '"https://x.example?method=put": method is get or post, not "put"'),
        (
            "tls://x.example?bootstrap=dns",
            '"tls://x.example?bootstrap=dns": "dns" is not an IP address; names cannot be used here',
        ),
        (
            "tls://x.example?bootstrap=",
            '"tls://x.example?bootstrap=": bootstrap is one or more addresses, such as bootstrap=9.9.9.9,2620:fe::fe',
        ),
        ("tls://x.example?bootstrap=9.9.9.9:99999", None),
        (
            "tls://x.example?pin=sha256//AAAA",
            '"tls://x.example?pin=sha256//AAAA": pin is sha256// and the Base64 of the SHA-256 of a public key, not '
            '"sha256//AAAA"',
        ),
        (f"tls://x.example?pin={PIN.removeprefix('sha256//')}", None),
        ("tls://x\x1b[2J", '"tls://x\\x1b[2J" is not tls://HOST[:PORT][#NAME]'),
    ],
)
def test_not_an_upstream(text: str, message: str | None) -> None:
    with pytest.raises(TextError) as caught:
        upstream(text)
    assert message is None or str(caught.value) == message


@given(st.text(max_size=40), st.sampled_from(["udp", "tcp", "tls", "https", "h3", "quic", "sdns", ""]))
@example("9.9.9.9#[::1", "tls")
@example("x?bootstrap=[", "quic")
@example("[::1%25]", "tls")
@example("\u00b2", "tls")
def test_whatever_comes_is_read_or_refused(rest: str, scheme: str) -> None:
    text = f"{scheme}://{rest}" if scheme else rest
    try:
        found = upstream(text)
    except TextError as error:
        assert str(error).isprintable()
        return
    assert re.search(PATTERN, text)
    again = upstream(found.url)
    assert again == found
    assert found.transport == "named" or 1 <= found.port <= 65535


@pytest.mark.parametrize("text", ["tls://9.9.9.9", "TLS://9.9.9.9", "sdns://AA", "Https://x.example"])
def test_the_pattern_knows_every_scheme(text: str) -> None:
    assert re.search(PATTERN, text)
    assert not re.search(PATTERN, "x" + text)
