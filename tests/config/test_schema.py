"""What the structs of the config can do."""

from __future__ import annotations

import ipaddress

import pytest

from resolver import model
from resolver.config.schema import Blocking, Config, Crowd, Dns, Endpoint, Group, ListSource


@pytest.mark.parametrize(
    ("mode", "answer"),
    [
        ("null-address", model.NullAddress()),
        ("nxdomain", model.Nxdomain()),
        ("nodata", model.Nodata()),
        ("refused", model.Refused()),
        ("address", model.Address((b"\xc0\0\2\1",), (b"\0" * 15 + b"\1",))),
    ],
)
def test_answers(mode: str, answer: model.BlockAnswer) -> None:
    addresses = (ipaddress.ip_address("::1"), ipaddress.ip_address("192.0.2.1"))
    assert Blocking(mode=mode, addresses=addresses).answer() == answer  # type: ignore[arg-type] # a parameter is a str


@pytest.mark.parametrize(
    ("client", "private"),
    [
        ("127.0.0.1", True),
        ("192.168.1.20", True),
        ("100.64.0.1", True),
        ("169.254.1.1", True),
        ("9.9.9.9", False),
        ("::1", True),
        ("fd00::1", True),
        ("fe80::1%eth0", True),
        ("2620:fe::fe", False),
        ("::ffff:192.168.1.20", True),
        ("::ffff:9.9.9.9", False),
    ],
)
def test_who_may_ask(client: str, private: bool) -> None:
    address = ipaddress.ip_address(client)
    assert Dns(allow=(Crowd.PRIVATE,)).admits(address) is private
    assert Dns(allow=(Crowd.ANY,)).admits(address)


def test_networks_that_may_ask() -> None:
    dns = Dns(allow=(ipaddress.ip_network("9.9.9.0/24"), ipaddress.ip_network("2001:db8::/32")))
    assert dns.admits(ipaddress.ip_address("9.9.9.9"))
    assert dns.admits(ipaddress.ip_address("::ffff:9.9.9.9"))
    assert dns.admits(ipaddress.ip_address("2001:db8::1"))
    assert not dns.admits(ipaddress.ip_address("192.168.1.20"))
    assert not dns.admits(ipaddress.ip_address("::1"))


def test_lists_of_a_group() -> None:
    groups = {"default": Group(), "kids": Group(lists=("b",)), "guests": Group(lists=())}
    config = Config(lists=(ListSource("a"), ListSource("b")), groups=groups)
    assert [config.lists_of(group) for group in groups] == [("a", "b"), ("b",), ()]


def test_endpoints_as_text() -> None:
    assert [str(Endpoint("127.0.0.1", 53)), str(Endpoint("::1", 53))] == ["127.0.0.1:53", "[::1]:53"]
