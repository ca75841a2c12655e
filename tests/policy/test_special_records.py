"""Local records: before special names, with wildcards, and with the names of their addresses."""

from __future__ import annotations

import ipaddress

import pytest

from resolver.model import Nodata, Nxdomain, Records, Rewrite, RewriteTarget, RRset, Tier, Type
from resolver.policy.special import LocalNames
from tests.support import wire

NONE = LocalNames(())


def record(owner: str, type: int, *rdatas: bytes) -> RRset:
    return RRset(wire(owner), type, 300, rdatas)


def target(local: LocalNames, name: str, type: int = Type.A) -> RewriteTarget | None:
    found = local.find(wire(name), type)
    return None if found is None else found.target


def reverse(address: str) -> str:
    return ipaddress.ip_address(address).reverse_pointer


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


# The zone of RFC 4592 section 2.2.1, below home.arpa.
RFC4592 = LocalNames(
    [
        record("*.z.home.arpa", Type.TXT, b"\4wild"),
        record("*.z.home.arpa", Type.MX, b"\0\12" + wire("host1.z.home.arpa")),
        record("sub.*.z.home.arpa", Type.TXT, b"\3not"),
        record("host1.z.home.arpa", Type.A, bytes((192, 0, 2, 1))),
        record("_ssh._tcp.host1.z.home.arpa", Type.SRV, bytes(6) + wire("host1.z.home.arpa")),
    ]
)


@pytest.mark.parametrize(
    ("name", "type", "made"),
    [
        ("host3.z.home.arpa", Type.MX, True),
        ("host3.z.home.arpa", Type.TXT, True),
        ("foo.bar.z.home.arpa", Type.TXT, True),
        ("*.z.home.arpa", Type.TXT, True),
        ("host3.z.home.arpa", Type.A, False),
        ("host1.z.home.arpa", Type.MX, False),
        ("_tcp.host1.z.home.arpa", Type.TXT, False),
        ("sub.*.z.home.arpa", Type.MX, False),
        ("z.home.arpa", Type.TXT, False),
    ],
)
def test_wildcards(name: str, type: int, made: bool) -> None:
    found = target(RFC4592, name, type)
    assert found == (Records((record(name, type, *_wild(type)),)) if made else Nodata())


def _wild(type: int) -> tuple[bytes, ...]:
    return (b"\4wild",) if type == Type.TXT else (b"\0\12" + wire("host1.z.home.arpa"),)


@pytest.mark.parametrize(
    ("name", "wildcard"),
    [
        ("host3.z.home.arpa", "*.z.home.arpa"),
        ("foo.bar.z.home.arpa", "*.z.home.arpa"),
        ("*.z.home.arpa", ""),  # it exists itself
        ("host1.z.home.arpa", ""),
        ("_tcp.host1.z.home.arpa", ""),
        ("ghost.*.z.home.arpa", ""),
        ("z.home.arpa", ""),
        ("www.example", ""),
        (".", ""),
    ],
)
def test_which_wildcard_stands_for_a_name(name: str, wildcard: str) -> None:
    assert RFC4592.wildcard(wire(name)) == (wire(wildcard) if wildcard else b"")
    assert LocalNames([]).wildcard(wire(name)) == b""


@pytest.mark.parametrize("name", ["_telnet._tcp.host1.z.home.arpa", "x.host1.z.home.arpa", "ghost.*.z.home.arpa"])
def test_a_wildcard_does_not_reach_below_names_that_exist(name: str) -> None:
    assert target(RFC4592, name, Type.MX) == Nxdomain()


def test_wildcards_of_public_names_leave_what_exists_alone() -> None:
    local = LocalNames([record("*.lab.example", Type.A, bytes(4)), record("a.b.lab.example", Type.A, bytes(4))])
    assert target(local, "x.lab.example") == Records((record("x.lab.example", Type.A, bytes(4)),))
    assert target(local, "x.lab.example", Type.AAAA) == Nodata()
    for name in ("lab.example", "b.lab.example", "x.b.lab.example", "x.a.b.lab.example", "labs.example"):
        assert target(local, name) is None


def test_wildcards_stand_for_special_names_and_aliases_of_them() -> None:
    alias = record("*.onion", Type.CNAME, wire("x.lab.home.arpa"))
    local = LocalNames([alias, record("*.lab.home.arpa", Type.CNAME, wire("printer.home.arpa")), PRINTER])
    chain = (
        record("a.b.onion", Type.CNAME, wire("x.lab.home.arpa")),
        record("x.lab.home.arpa", Type.CNAME, wire("printer.home.arpa")),
        PRINTER,
    )
    assert target(local, "a.b.onion") == Records(chain)
    assert target(local, "a.b.onion", Type.CNAME) == Records(chain[:1])
    assert target(local, "onion") == Nodata()


def test_a_wildcard_alias_that_leads_to_itself_ends() -> None:
    local = LocalNames([record("*.home.arpa", Type.CNAME, wire("x.home.arpa"))])
    away = record("y.home.arpa", Type.CNAME, wire("x.home.arpa"))
    itself = record("x.home.arpa", Type.CNAME, wire("x.home.arpa"))
    assert target(local, "y.home.arpa") == Records((away, itself))
    assert target(local, "x.home.arpa") == Records((itself,))


def test_addresses_have_names() -> None:
    six = record("printer.home.arpa", Type.AAAA, bytes.fromhex("fd00") + bytes(13) + b"\7")
    other = RRset(wire("laser.example.com"), Type.A, 60, (bytes((192, 0, 2, 9)), bytes((203, 0, 113, 5))))
    local = LocalNames([PRINTER, six, other, record("*.home.arpa", Type.A, bytes((192, 0, 2, 77)))])
    names = (wire("printer.home.arpa"), wire("laser.example.com"))
    for address, ttl, owners in (("192.0.2.9", 60, names), ("203.0.113.5", 60, names[1:]), ("fd00::7", 300, names[:1])):
        rrset = RRset(wire(reverse(address)), Type.PTR, ttl, owners)
        assert target(local, reverse(address), Type.PTR) == Records((rrset,))
        assert target(local, reverse(address), Type.A) == Nodata()
    assert target(local, reverse("192.0.2.77"), Type.PTR) == Nxdomain()
    assert target(local, "2.0.192.in-addr.arpa", Type.PTR) == Nodata()


def test_a_ptr_record_of_the_house_counts_alone() -> None:
    own = record(reverse("192.0.2.9"), Type.PTR, wire("laser.home.arpa"))
    assert target(LocalNames([PRINTER, own]), reverse("192.0.2.9"), Type.PTR) == Records((own,))
    text = record(reverse("192.0.2.9"), Type.TXT, b"\1x")
    both = LocalNames([text, PRINTER])
    assert target(both, reverse("192.0.2.9"), Type.TXT) == Records((text,))
    assert isinstance(target(both, reverse("192.0.2.9"), Type.PTR), Records)


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "::", "::1"])
def test_addresses_that_lead_nowhere_have_no_name(address: str) -> None:
    packed = ipaddress.ip_address(address).packed
    local = LocalNames([record("a.example", Type.A if len(packed) == 4 else Type.AAAA, packed)])
    assert target(local, reverse(address), Type.PTR) == Nxdomain()


def test_of_two_sets_of_a_name_and_type_the_last_counts() -> None:
    other = record("printer.home.arpa", Type.A, bytes((192, 0, 2, 10)))
    assert target(LocalNames([other, PRINTER]), "printer.home.arpa") == Records((PRINTER,))


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("a.lan", False),
        ("printer.home.arpa", False),
        ("other.test", True),
        ("9.0.0.10.in-addr.arpa", False),
        ("9.1.0.10.in-addr.arpa", False),
        (reverse("192.168.0.1"), True),
        ("localhost", True),
    ],
)
def test_domains_that_others_know_have_no_meaning_of_their_own(name: str, local: bool) -> None:
    names = LocalNames((), {wire("lan"), wire("home.arpa"), wire("10.in-addr.arpa"), wire("arpa")})
    assert (names.find(wire(name), Type.A) is not None) == local


def test_a_local_record_comes_before_those_who_know_its_domain() -> None:
    names = LocalNames([record("a.lan", Type.A, b"\1\2\3\4")], {wire("lan")})
    assert target(names, "a.lan") is not None
    assert target(names, "b.lan") is None


def test_names_of_addresses_and_wildcards_stand_in_domains_that_others_know() -> None:
    zones = {wire("lan"), wire("10.in-addr.arpa")}
    address = record("a.lan", Type.A, bytes((10, 0, 0, 9)))
    names = LocalNames([address, record("*.w.lan", Type.A, bytes((10, 0, 0, 8)))], zones)
    assert target(names, reverse("10.0.0.9"), Type.PTR) == Records((record(reverse("10.0.0.9"), 12, wire("a.lan")),))
    assert names.find(wire(reverse("10.0.0.8")), Type.PTR) is None
    assert target(names, "x.w.lan") == Records((record("x.w.lan", Type.A, bytes((10, 0, 0, 8))),))
    assert names.find(wire("x.v.lan"), Type.A) is None
