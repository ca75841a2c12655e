"""Keys of names and networks."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules import keys
from resolver.rules.keys import IPNetwork

NETWORKS = st.one_of(
    st.builds(
        lambda number, bits: ipaddress.ip_network((number, bits), strict=False),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda number, bits: ipaddress.ip_network((number.to_bytes(16, "big"), bits), strict=False),
        st.integers(0, 2**128 - 1),
        st.integers(0, 128),
    ),
)


@given(st.text("ab.", min_size=1))
def test_a_key_gives_its_name_back(name: str) -> None:
    assert keys.name_of(keys.key(name)) == name


def test_an_ancestor_is_a_prefix_and_half_a_label_is_not() -> None:
    assert keys.key("ads.example") == "elpmaxe.sda."
    assert keys.key("x.ads.example").startswith(keys.key("ads.example"))
    assert not keys.key("xads.example").startswith(keys.key("ads.example"))


@given(NETWORKS)
def test_a_key_gives_its_network_back(network: IPNetwork) -> None:
    assert keys.network_of(keys.network_key(network)) == network
    assert keys.network_key(network)[0] in keys.NETWORKS


@given(NETWORKS, NETWORKS)
def test_a_network_is_a_prefix_of_the_addresses_inside_it(one: IPNetwork, other: IPNetwork) -> None:
    address = other.network_address
    assert keys.address_key(address.packed).startswith(keys.network_key(one)) == (address in one)
    assert keys.address_key(address.packed).startswith(keys.network_key(other))


def test_keys_of_networks_are_in_no_name_that_is_asked_for() -> None:
    assert not any(mark.isascii() for mark in keys.NETWORKS)


@given(NETWORKS, st.text(max_size=5), st.text(max_size=5))
def test_a_text_is_put_together_again(network: IPNetwork, before: str, after: str) -> None:
    for text in (f"{before}{network}{after}", f"{before}{network.network_address}{after}", before):
        form, frame = keys.fold(network, text)
        assert form in keys.FOLDS
        assert keys.unfold(network, form, frame) == text


@pytest.mark.parametrize(
    ("network", "text", "frame"),
    [
        ("192.0.2.1/32", "||192.0.2.1^", ("||", "^")),
        ("192.0.2.0/24", "||192.0.2.0/24^", ("||", "^")),
        ("192.0.2.0/24", "24.0.2.0.192.rpz-ip CNAME .", ("", ".rpz-ip CNAME .")),
        ("192.0.2.1/32", "32.1.2.0.192.rpz-ip CNAME .", ("", ".rpz-ip CNAME .")),
        ("2001:db8::1/128", "||2001:db8::1^", ("||", "^")),
        ("2001:db8::1/128", "||2001:DB8::1^", ("||2001:DB8::1^", "")),
        ("2001:db8::1/128", "128.1.zz.db8.2001.rpz-ip CNAME .", ("128.1.zz.db8.2001.rpz-ip CNAME .", "")),
    ],
)
def test_rules_about_many_networks_share_a_frame(network: str, text: str, frame: tuple[str, str]) -> None:
    parsed = ipaddress.ip_network(network)
    form, found = keys.fold(parsed, text)
    assert found == frame
    assert keys.unfold(parsed, form, found) == text
