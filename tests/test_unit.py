"""The unit files that are shown to people: that they say what the daemon understands."""

from __future__ import annotations

import configparser

import pytest

from resolver.paths import shipped

DIRECTORY = shipped("config", "examples", "systemd")


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # keys as they are written
    parser.read_string((DIRECTORY / name).read_text())
    return parser


def test_the_service_tells_how_it_is_and_is_shut_in() -> None:
    service = unit("lull.service")["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 20  # a worker that hangs is replaced after ten
    assert " serve " in service["ExecStart"]
    for key, value in (
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("CapabilityBoundingSet", "CAP_NET_BIND_SERVICE"),
    ):
        assert service[key] == value
    assert "AF_NETLINK" in service["RestrictAddressFamilies"]  # by which devices are found


def test_it_is_tried_again_for_as_long_as_its_address_is_not_there() -> None:
    parser = unit("lull.service")
    assert parser["Service"]["Restart"] == "always"
    assert parser["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("key", ["ListenDatagram", "ListenStream"])
def test_the_socket_has_both_kinds(key: str) -> None:
    assert unit("lull.socket")["Socket"][key].endswith(":53")
