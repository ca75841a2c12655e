"""The texts of devices and clients."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config import clients
from resolver.config.values import DeviceRef, MacAddress
from resolver.errors import TextError


def test_macs_have_one_form() -> None:
    assert clients.mac("02-00-5E-10-00-AB") == clients.mac("02:00:5e:10:00:ab") == "02:00:5e:10:00:ab"


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("192.0.2.1", ipaddress.ip_network("192.0.2.1")),
        ("2001:db8::/32", ipaddress.ip_network("2001:db8::/32")),
        ("02-00-5E-10-00-AB", MacAddress("02:00:5e:10:00:ab")),
        ("02:00:5e:10:00:ab", MacAddress("02:00:5e:10:00:ab")),
        ("Living Room TV", DeviceRef("living room tv")),
        ("1234", DeviceRef("1234")),
    ],
)
def test_members(text: str, member: object) -> None:
    assert clients.member(text) == member


@pytest.mark.parametrize(
    ("text", "whom"),
    [("192.0.2.1", "192.0.2.1"), ("2001:DB8:0::1", "2001:db8::1"), ("Living Room TV", "living room tv")],
)
def test_whom(text: str, whom: str) -> None:
    assert clients.whom(text) == whom


@pytest.mark.parametrize(
    ("parse", "text", "said"),
    [
        ("member", "192.0.2.1/24", 'did you mean "192.0.2.0/24"?; nor is it a MAC address or the name of a device'),
        ("whom", "192.0.2.0/24", 'is not an address, such as "192.0.2.20", nor the name of a device'),
        ("whom", "02:00:5e:10:00:01", "is a MAC address; give the device a name in devices, and write that here"),
        ("whom", "", "nor the name of a device"),
        ("router", "auto.", "is not an address; write one, or auto or off"),
    ],
)
def test_what_is_none(parse: str, text: str, said: str) -> None:
    with pytest.raises(TextError) as caught:
        getattr(clients, parse)(text)
    assert str(caught.value).endswith(said)


@pytest.mark.parametrize("text", ["auto", "off", "192.0.2.1", "fe80::1%eth0"])
def test_router(text: str) -> None:
    assert clients.router(text) == text


@pytest.mark.parametrize("parse", ["member", "whom", "router"])
@given(text=st.text() | st.from_regex(r"[A-F0-9a-z:./ -]{0,40}", fullmatch=True))
def test_any_text_gives_a_value_or_a_sentence(parse: str, text: str) -> None:
    try:
        getattr(clients, parse)(text)
    except TextError as error:
        assert str(error).isprintable()
