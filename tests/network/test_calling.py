import ipaddress

import pytest

from resolver.config.people import Device
from resolver.errors import ApiError
from resolver.network.calling import Calling
from resolver.network.claims import claims
from tests.network.rolls import MAC, NOW, OTHER, THIRD, config, known, roll

V4, V6, NEXT = "192.0.2.10", "fd00::10", "192.0.2.11"
TABLET, PHONE, LAPTOP, LATER = "192.0.2.20", "192.0.2.21", "192.0.2.22", "192.0.2.23"


@pytest.fixture
def calling() -> Calling:
    written = config(
        Living_TV=Device(mac=MAC),
        printer=Device(addresses=(ipaddress.ip_network("192.0.2.50"),)),
        office=Device(addresses=(ipaddress.ip_network("198.51.100.0/24"),)),
        box=Device(mac=THIRD),
    )
    rows = roll(
        known(1, V4, V6, mac=MAC),
        known(2, TABLET, name="Tablet", mac=OTHER, host="kids-tablet.lan"),
        known(3, PHONE, mac="02:00:5e:10:00:09", host="phone.lan"),
        known(4, LAPTOP, host="laptop"),
        known(5, LATER, host="laptop-2.lan"),
        known(6, "198.51.100.7"),
        known(7, "198.51.100.8", name="fax"),
    )
    return Calling(written, rows, claims(written, rows, NOW))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (V4, "Living TV"),
        (V6, "Living TV"),
        (TABLET, "Tablet"),
        ("192.0.2.50", "printer"),
        ("198.51.100.7", "office"),
        ("198.51.100.8", "fax"),
        (PHONE, ""),
        ("192.0.2.99", ""),
        ("", ""),
        ("not kept", ""),
    ],
)
def test_what_an_address_is_called(calling: Calling, address: str, name: str) -> None:
    assert calling.of(address) == name


def test_names_as_they_were_written(calling: Calling) -> None:
    assert (calling.written["living tv"], calling.written["tablet"]) == ("Living TV", "Tablet")
    assert calling.written.keys() == calling.names


@pytest.mark.parametrize(
    ("given", "scope"),
    [
        (V4, "living tv"),
        (f" {V6} ", "living tv"),
        ("fd00:0:0::10", "living tv"),
        (f"::ffff:{V4}", "living tv"),
        (MAC, "living tv"),
        (MAC.upper().replace(":", "-"), "living tv"),
        ("Living TV", "living tv"),
        (THIRD, "box"),  # never seen
        ("box", "box"),
        ("192.0.2.50", "printer"),
        ("tablet", "tablet"),
        (TABLET, "tablet"),
        ("kids-tablet", "tablet"),
        (PHONE, PHONE),
        ("laptop", LAPTOP),
        ("192.0.2.99", "192.0.2.99"),  # anybody's
        ("198.51.100.7", "198.51.100.7"),  # not all of the office
        ("office", "office"),
    ],
)
def test_scopes(calling: Calling, given: str, scope: str) -> None:
    assert calling.scope(given) == scope


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ("tabelt", 404, 'no device is called "tabelt"; did you mean "tablet"'),
        ("02:00:5e:10:00:77", 404, "no device is called"),
        ("phone", 409, "lull devices name 02:00:5e:10:00:09 NAME"),
        ("02:00:5e:10:00:09", 409, "has no name yet"),
        ("", 404, "no device is called"),
        ("\x1b[2Jevil", 404, r"\\x1b\[2Jevil"),
        ("x" * 5000, 404, "no device is called"),
    ],
)
def test_what_nobody_is_called(calling: Calling, given: str, status: int, words: str) -> None:
    with pytest.raises(ApiError, match=words) as refused:
        calling.scope(given)
    assert (refused.value.status, refused.value.path) == (status, "client")
    assert len(str(refused.value)) < 500
    assert str(refused.value).isprintable()


def test_addresses_of_a_scope(calling: Calling) -> None:
    assert calling.addresses("living tv") == (V4, V6)
    assert calling.addresses(PHONE) == (PHONE,)
    assert calling.addresses("printer") == ("192.0.2.50",)
    assert calling.addresses("office") == ("198.51.100.7",)
    assert calling.addresses("box") == ()


def test_who_is_meant(calling: Calling) -> None:
    def id(text: str) -> int:
        found = calling.find(text)
        return found.id if found else 0

    assert [id(text) for text in (V6, MAC, "living tv", "phone", "laptop", "fax", "nobody", "192.0.2.99", "")] == [
        1, 1, 1, 3, 4, 7, 0, 0, 0,
    ]  # fmt: skip


def test_a_host_name_that_two_have_means_nobody() -> None:
    rows = roll(known(1, V4, host="phone.lan"), known(2, NEXT, host="phone.home"))
    calling = Calling(config(), rows, claims(config(), rows, NOW))
    assert calling.find("phone") is None
    found = calling.find("phone.lan")
    assert found is not None
    assert found.id == 1


def test_names(calling: Calling) -> None:
    assert calling.names == {"living tv", "printer", "office", "box", "tablet", "fax"}
