"""Which addresses a public name may not have."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.policy.rebinding import is_exempt, is_local

LOCAL_V4 = [
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
]


def packed(text: str) -> bytes:
    return ipaddress.ip_address(text).packed


@pytest.mark.parametrize(
    "text",
    [
        *("10.0.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255"),
        *("192.168.0.1", "::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1"),
        *("::ffff:192.168.1.1", "64:ff9b::10.0.0.1", "64:ff9b::192.168.1.1"),
    ],
)
def test_local(text: str) -> None:
    assert is_local(packed(text))


@pytest.mark.parametrize(
    "text",
    [
        *("0.0.0.0", "9.255.255.255", "11.0.0.0", "100.64.0.1", "126.255.255.255", "128.0.0.1", "169.253.255.255"),
        *("169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "192.0.2.1", "203.0.113.1"),
        *("::", "::2", "2001:db8::1", "fbff::1", "fe00::1", "fec0::1", "ff02::1", "::ffff:203.0.113.1"),
        *("64:ff9b::8.8.8.8", "64:ff9b:1::10.0.0.1", "::fffe:10.0.0.1", "2002:a00:1::"),
    ],
)
def test_not_local(text: str) -> None:
    assert not is_local(packed(text))


@given(st.ip_addresses(v=4))
def test_every_ipv4_address_is_as_the_networks_say(address: ipaddress.IPv4Address) -> None:
    expected = any(address in network for network in LOCAL_V4)
    assert is_local(address.packed) == expected
    assert is_local(bytes(10) + b"\xff\xff" + address.packed) == expected


def test_a_name_is_exempt_with_all_below_it() -> None:
    local = {"plex.direct"}
    assert is_exempt("plex.direct", local)
    assert is_exempt("a.b.plex.direct", local)
    assert not is_exempt("notplex.direct", local)
    assert not is_exempt("direct", local)
    assert not is_exempt("plex.direct.example", local)
    assert not is_exempt(".", local)
