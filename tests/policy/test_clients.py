"""Which group an address belongs to, and who may ask."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.policy.clients import AccessList, ClientIndex, parse_address, parse_network, place


def test_an_ipv6_client_is_its_network() -> None:
    assert place("2001:db8::1") == place("2001:db8::ffff:2%eth0") == "2001:db8::/64" != place("2001:db8:0:1::1")
    assert place("::1") == "::/64"


def test_an_ipv4_client_is_its_address_also_when_it_is_mapped() -> None:
    assert place("::ffff:192.0.2.1") == place("192.0.2.1") == "192.0.2.1" != place("::ffff:192.0.2.2")


@pytest.mark.parametrize("text", ["", "not an address", "192.0.2.256", "2001:db8::/64", "1::2::3", "192.0.2.1\0"])
def test_what_is_no_address_is_nowhere(text: str) -> None:
    assert place(text) == ""


@given(st.ip_addresses(v=6))
def test_a_place_is_the_network_that_holds_the_address(address: ipaddress.IPv6Address) -> None:
    mapped = address.ipv4_mapped
    expected = str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    assert place(str(address)) == place(f"{address}%lo") == expected


def group_of(address: str, **groups: tuple[str, ...]) -> str:
    index = ClientIndex((text, name) for name, texts in groups.items() for text in texts)
    return index.of(str(parse_address(address))) or "default"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201%3", "192.0.2.1"),
        ("::192.0.2.1", "::c000:201"),  # compatible, not mapped: another address
    ],
)
def test_addresses_have_one_form(text: str, expected: str) -> None:
    assert str(parse_address(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1/32"),
        ("192.0.2.77/24", "192.0.2.0/24"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("fe80::1%eth0", "fe80::1/128"),
        ("fe80::1%eth0/128", "fe80::1/128"),
        ("fe80::%eth0/64", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::ffff:0:0/95", "::fffe:0:0/95"),
        ("::/0", "::/0"),
    ],
)
def test_networks_have_one_form(text: str, expected: str) -> None:
    assert str(parse_network(text)) == expected


@pytest.mark.parametrize("text", ["", "x", "192.0.2.0/33", "2001:db8::/129", "192.0.2", "private"])
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(ValueError):
        parse_network(text)


def test_the_exact_address_then_the_longest_prefix_then_the_default() -> None:
    groups = {"wide": ("192.0.2.0/24",), "narrow": ("192.0.2.128/25",), "one": ("192.0.2.200",)}
    assert group_of("192.0.2.200", **groups) == "one"
    assert group_of("192.0.2.201", **groups) == "narrow"
    assert group_of("192.0.2.1", **groups) == "wide"
    assert group_of("198.51.100.1", **groups) == "default"


def test_the_order_of_groups_does_not_matter() -> None:
    assert group_of("192.0.2.200", narrow=("192.0.2.128/25",), wide=("192.0.2.0/24",)) == "narrow"
    assert group_of("192.0.2.200", one=("192.0.2.200",), narrow=("192.0.2.200/31",)) == "one"


@pytest.mark.parametrize(
    ("client", "address"),
    [
        ("fe80::1%eth0", "fe80::1%eth1"),  # a zone is this machine's, not the client's
        ("fe80::1", "fe80::1%eth0"),
        ("fe80::%eth0/64", "fe80::2%eth0"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("::ffff:192.0.2.0/120", "192.0.2.9"),
        ("2001:0DB8::1", "2001:db8::1"),
        ("2001:db8::/32", "2001:db8:1::1"),
    ],
)
def test_whatever_the_way_it_is_written(client: str, address: str) -> None:
    assert group_of(address, mine=(client,)) == "mine"


def test_of_equal_ones_the_last_counts() -> None:
    for text in ("192.0.2.0/24", "192.0.2.1"):
        assert group_of("192.0.2.1", first=(text,), last=(text,)) == "last"


def test_families_are_kept_apart() -> None:
    assert group_of("2001:db8::1", all4=("0.0.0.0/0",)) == "default"
    assert group_of("192.0.2.1", all6=("::/0",)) == "default"


NETWORKS = st.tuples(st.integers(0, 2**32 - 1), st.integers(20, 32)).map(
    lambda pair: ipaddress.IPv4Network((pair[0] & 0xFFFF | 0xC0000000, pair[1]), strict=False)
)


@given(st.dictionaries(NETWORKS, st.sampled_from("abc"), max_size=8), st.integers(0xC0000000, 0xC000FFFF))
def test_as_a_slow_one_does(networks: dict[ipaddress.IPv4Network, str], number: int) -> None:
    address = ipaddress.IPv4Address(number)
    entries = [(str(network), owner) for network, owner in networks.items()]
    matching = [network for network in networks if address in network]
    expected = networks[max(matching, key=lambda network: network.prefixlen)] if matching else None
    assert ClientIndex(entries).of(str(address)) == expected


@pytest.mark.parametrize(
    ("allow", "address", "admitted"),
    [
        (("any",), "8.8.8.8", True),
        (("any",), "2001:4860::1", True),
        (("private",), "192.168.1.1", True),
        (("private",), "10.1.2.3", True),
        (("private",), "100.64.0.1", True),  # carrier-grade NAT is not globally routable
        (("private",), "127.0.0.1", True),
        (("private",), "::1", True),
        (("private",), "fe80::1%eth0", True),
        (("private",), "fd00::1", True),
        (("private",), "::ffff:192.168.1.1", True),
        (("private",), "8.8.8.8", False),
        (("private",), "::ffff:8.8.8.8", False),
        (("private",), "2001:4860::1", False),
        (("198.51.100.0/24",), "198.51.100.9", True),
        (("198.51.100.0/24",), "::ffff:198.51.100.9", True),
        (("::ffff:198.51.100.0/120",), "198.51.100.9", True),
        (("198.51.100.0/24",), "192.168.1.1", False),
        (("2001:4860::/32", "private"), "2001:4860::1", True),
        (("2001:4860::/32", "private"), "10.0.0.1", True),
        ((), "127.0.0.1", False),
    ],
)
def test_who_may_ask(allow: tuple[str, ...], address: str, admitted: bool) -> None:
    assert AccessList(allow).admits(address) is admitted
