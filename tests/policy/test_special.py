"""Names with a meaning: every row of PROTOCOL."""

from __future__ import annotations

import ipaddress

import pytest

from resolver.model import Nodata, Nxdomain, Records, RewriteTarget, RRset, Tier, Type
from resolver.policy.special import NEVER_BLOCKED, LocalNames
from tests.support import wire

NONE = LocalNames(())


def target(local: LocalNames, name: str, type: int = Type.A) -> RewriteTarget | None:
    found = local.find(wire(name), type)
    return None if found is None else found.target


def reverse(address: str) -> str:
    return ipaddress.ip_address(address).reverse_pointer


@pytest.mark.parametrize("name", ["localhost", "a.localhost", "b.a.localhost"])
def test_localhost(name: str) -> None:
    a = RRset(wire(name), Type.A, 10_800, (bytes((127, 0, 0, 1)),))
    aaaa = RRset(wire(name), Type.AAAA, 10_800, (bytes(15) + b"\1",))
    assert target(NONE, name, Type.A) == Records((a,))
    assert target(NONE, name, Type.AAAA) == Records((aaaa,))
    assert target(NONE, name, Type.MX) == Nodata()


@pytest.mark.parametrize(
    "name",
    [
        "invalid",
        "a.invalid",
        "test",
        "x.test",
        "onion",
        "facebookcorewwwi.onion",
        "alt",
        "a.alt",
        "local",
        "printer.local",
        "internal",
        "a.internal",
        "home.arpa",
        "printer.home.arpa",
        "service.arpa",
        "_x._tcp.service.arpa",
        "use-application-dns.net",
        reverse("10.1.2.3"),
        reverse("172.16.0.1"),
        reverse("172.31.255.255"),
        reverse("192.168.1.1"),
        reverse("127.0.0.1"),
        reverse("0.0.0.0"),
        reverse("169.254.1.1"),
        reverse("192.0.2.1"),
        reverse("198.51.100.1"),
        reverse("203.0.113.1"),
        reverse("255.255.255.255"),
        reverse("100.64.0.1"),
        reverse("100.127.255.255"),
        reverse("::"),
        reverse("::1"),
        reverse("fd00::1"),
        reverse("fe80::1"),
        reverse("febf::1"),
        reverse("2001:db8::1"),
        "10.in-addr.arpa",
    ],
)
def test_what_does_not_exist(name: str) -> None:
    found = NONE.find(wire(name), Type.A)
    assert found is not None
    assert found.target == Nxdomain()
    assert (found.rule.tier, found.rule.source) == (Tier.LOCAL, "special-use")


@pytest.mark.parametrize(
    "name",
    [
        ".",
        "example",
        "localhost.example",
        "mylocalhost",
        "local.example",
        "test.example",
        "arpa",
        "in-addr.arpa",
        "ip6.arpa",
        "net",
        "application-dns.net",
        "ipv4only.arpa",
        reverse("8.8.8.8"),
        reverse("172.15.255.255"),
        reverse("172.32.0.0"),
        reverse("100.63.255.255"),
        reverse("100.128.0.0"),
        reverse("192.169.0.1"),
        reverse("255.255.255.254"),
        reverse("::2"),
        reverse("fc00::1"),  # RFC 6303 names d.f alone
        reverse("fec0::1"),
        reverse("2001:db9::1"),
        "mask.icloud.com",
        r"a\.home.arpa.example",
    ],
)
def test_what_means_nothing_here(name: str) -> None:
    assert NONE.find(wire(name), Type.A) is None


def test_an_escaped_dot_does_not_make_a_special_name() -> None:
    assert NONE.find(wire(r"home\.arpa"), Type.A) is None


@pytest.mark.parametrize("name", ["resolver.arpa", "_dns.resolver.arpa"])
def test_resolver_arpa_is_empty_without_encrypted_listeners(name: str) -> None:
    assert target(NONE, name, 64) == Nodata()


def test_what_is_never_blocked() -> None:
    assert wire("ipv4only.arpa") == NEVER_BLOCKED
