"""Names with a meaning: every row of PROTOCOL, and local records before them."""

from __future__ import annotations

import ipaddress

import pytest

from resolver.model import Nodata, Nxdomain, Records, Rewrite, RewriteTarget, RRset, Tier, Type
from resolver.policy.special import NEVER_BLOCKED, LocalNames
from tests.support import wire

NONE = LocalNames(())


def record(owner: str, type: int, *rdatas: bytes) -> RRset:
    return RRset(wire(owner), type, 300, rdatas)


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


PRINTER = record("printer.home.arpa", Type.A, bytes((192, 0, 2, 9)))


def test_local_records_come_before_special_names() -> None:
    local = LocalNames([PRINTER])
    found = local.find(wire("printer.home.arpa"), Type.A)
    assert isinstance(found, Rewrite)
    assert (found.target, found.rule.source, found.rule.tier) == (Records((PRINTER,)), "records", Tier.LOCAL)
    assert target(local, "printer.home.arpa", Type.AAAA) == Nodata()
    assert target(local, "scanner.home.arpa") == Nxdomain()
    assert target(local, "below.printer.home.arpa") == Nxdomain()


def test_a_name_with_records_below_it_exists() -> None:
    local = LocalNames([record("a.b.home.arpa", Type.A, bytes(4)), record("x.localhost", Type.A, bytes(4))])
    assert target(local, "b.home.arpa") == Nodata()
    assert target(local, "home.arpa") == Nodata()
    assert target(local, "c.home.arpa") == Nxdomain()
    assert target(local, "localhost") == target(NONE, "localhost")
    assert target(local, "x.localhost") == Records((record("x.localhost", Type.A, bytes(4)),))


def test_local_records_of_public_names_leave_the_names_around_them_alone() -> None:
    local = LocalNames([record("nas.example.com", Type.A, bytes(4))])
    assert target(local, "example.com") is None
    assert target(local, "x.nas.example.com") is None


def test_local_records_can_give_a_special_name_back() -> None:
    local = LocalNames([record("9.2.0.192.in-addr.arpa", Type.PTR, wire("printer.home.arpa"))])
    assert isinstance(target(local, "9.2.0.192.in-addr.arpa", Type.PTR), Records)


def test_local_aliases_are_followed_as_far_as_local_records_go() -> None:
    alias = record("a.home.arpa", Type.CNAME, wire("b.home.arpa"))
    second = record("b.home.arpa", Type.CNAME, wire("printer.home.arpa"))
    away = record("c.home.arpa", Type.CNAME, wire("www.example"))
    local = LocalNames([alias, second, away, PRINTER])
    assert target(local, "a.home.arpa") == Records((alias, second, PRINTER))
    assert target(local, "a.home.arpa", Type.CNAME) == Records((alias,))
    assert target(local, "a.home.arpa", Type.AAAA) == Records((alias, second))
    assert target(local, "c.home.arpa") == Records((away,))


def test_a_circle_of_local_aliases_ends() -> None:
    alias = record("a.home.arpa", Type.CNAME, wire("b.home.arpa"))
    back = record("b.home.arpa", Type.CNAME, wire("a.home.arpa"))
    assert target(LocalNames([alias, back]), "a.home.arpa") == Records((alias, back))
