"""How devices are known and who is of which group: mistakes, and what is none."""

from __future__ import annotations

import pathlib

import pytest

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.errors import ConfigError


def _problems(text: str) -> list[str]:
    try:
        parse(("lists: []\n" + text).encode(), pathlib.Path("lull.yaml"), Known())
    except ConfigError as error:
        return [line.removeprefix("lull.yaml:") for line in str(error).splitlines()]
    return []


_DEFAULT = "the group default is every client that no other group names; only MAC addresses and names of devices can"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "groups:\n  default:\n    clients: [192.0.2.1]",
            f"4: groups.default.clients[0]: {_DEFAULT} stand here",
        ),
        (
            "groups:\n  a: {clients: [192.0.2.1]}\n  b: {clients: [192.0.2.1/32]}",
            '4: groups.b.clients[0]: the client "192.0.2.1" is already at groups.a.clients[0] (line 3); remove one',
        ),
        (
            "groups: {a: {clients: [198.51.100.0/24, 198.51.100.0/24]}}",
            '2: groups.a.clients[1]: the client "198.51.100.0/24" is already at groups.a.clients[0] (line 2); '
            "remove one",
        ),
        (
            "groups:\n  a: {clients: ['02:00:5e:10:00:AB']}\n  b: {clients: [02-00-5E-10-00-ab]}",
            '4: groups.b.clients[0]: the client "02:00:5e:10:00:ab" is already at groups.a.clients[0] (line 3); '
            "remove one",
        ),
        (
            "devices: {TV: {names: [tv]}}\ngroups:\n  a: {clients: [tv]}\n  b: {clients: [TV]}",
            '5: groups.b.clients[0]: the client "tv" is already at groups.a.clients[0] (line 4); remove one',
        ),
        (
            "devices: {TV: {mac: '02:00:5e:10:00:01'}}\n"
            "groups:\n  a: {clients: [tv]}\n  b: {clients: ['02:00:5e:10:00:01']}",
            '5: groups.b.clients[0]: "02:00:5e:10:00:01" is the MAC address of the device at groups.a.clients[0] '
            "(line 4); remove one",
        ),
        (
            "devices: {tablet: {names: [tv]}}\ngroups: {a: {clients: [tablte]}}",
            '3: groups.a.clients[0]: there is no device "tablte"; did you mean "tablet"?',
        ),
        (
            "groups: {a: {clients: [tv]}}",
            '2: groups.a.clients[0]: there is no device "tv"; add it to devices, with its mac, names or addresses',
        ),
        (
            "groups: {a: {clients: ['tv?']}}",
            '2: groups.a.clients[0]: "tv?" is not an address or a network, such as "192.0.2.20" or "198.51.100.0/24"; '
            "nor is it a MAC address or the name of a device",
        ),
        (
            "devices:\n  TV: {addresses: [192.0.2.1]}\n  Tv: {addresses: [192.0.2.2]}",
            '4: devices.Tv: the device "Tv" is already at devices.TV (line 3); rename one: capitals make no difference',
        ),
        (
            "devices:\n  a: {addresses: [192.0.2.1, '::1']}\n  b: {addresses: ['0::1']}",
            '4: devices.b.addresses[0]: the address "::1" is already at devices.a.addresses[1] (line 3); remove one',
        ),
        (
            "devices:\n  a: {mac: '02:00:5e:10:00:AB'}\n  b: {mac: 02-00-5E-10-00-ab}",
            '4: devices.b.mac: the MAC address "02:00:5e:10:00:ab" is already at devices.a.mac (line 3); remove one',
        ),
        (
            "devices:\n  a: {names: [Box.lan]}\n  b: {names: [x, box.LAN]}",
            '4: devices.b.names[1]: the host name "box.lan" is already at devices.a.names[0] (line 3); remove one',
        ),
        (
            "devices:\n  a: {tags: [device_tv]}",
            "3: devices.a: has nothing by which it is known; write its mac, its names, its addresses or its id",
        ),
        (
            "devices: {a: {names: ['a b']}}",
            '2: devices.a.names[0]: "a b" is not a host name: letters, digits, _, - and dots',
        ),
        (
            "devices: {02-00-5e-10-00-01: {names: [a]}}",
            '2: devices.02-00-5e-10-00-01: "02-00-5e-10-00-01" is not a device\'s name: up to 64 letters, digits, '
            "spaces and _ - ' \N{RIGHT SINGLE QUOTATION MARK} & ( ), a letter or digit first; no MAC address",
        ),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    assert _problems(text) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "devices: {a: {addresses: [192.0.2.0/24]}, b: {addresses: [192.0.2.1]}}",
        "groups: {a: {clients: [192.0.2.1]}, b: {clients: [192.0.2.0/24]}}",
        "devices: {TV: {mac: '02:00:5e:10:00:01'}}\ngroups: {a: {clients: [192.0.2.0/24]}, default: {clients: [tv]}}",
        "groups: {default: {clients: ['02:00:5e:10:00:01']}}",
        "devices: {a: {names: [box]}, b: {names: [box.lan]}}",
    ],
)
def test_what_is_no_mistake(text: str) -> None:
    assert _problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "devices: {a: {addresses: [192.0.2]}}",
        "devices: {a: {mac: 02005e100001}}",
        "devices: {a: {names: [a b]}}",
        "devices: {tv: []}\ngroups: {a: {clients: [tv]}}",
        "devices: {tv: {colour: red, names: [a]}}\ngroups: {a: {clients: [tv]}}",
        "devices: [tv]\ngroups: {a: {clients: [tv]}}",
        "devices: {tvs: {names: [a]}}\ngroups: {a: {clients: [tv]}}",
    ],
)
def test_one_mistake_is_one_problem(text: str) -> None:
    assert len(_problems(text)) == 1


def test_a_device_that_cannot_be_read_hides_no_other() -> None:
    text = "devices: {tv2: {names: [a b]}, tv: {names: [a b]}}\ngroups: {a: {clients: [tv, tv2, box]}}"
    assert [one.split(": ")[1] for one in _problems(text)] == [
        "devices.tv2.names[0]",
        "devices.tv.names[0]",
        "groups.a.clients[2]",
    ]
