"""Devices and groups as they are loaded."""

from __future__ import annotations

import pathlib

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.members import said


def test_who_is_of_a_group() -> None:
    text = (
        "devices: {TV: {mac: 02-00-5E-10-00-01, names: [TV.Lan]}}\n"
        "groups: {a: {clients: [tv, 02-00-5E-10-00-02, '2001:db8::/64', 192.0.2.1], privacy: off}}"
    )
    config = parse(text.encode(), pathlib.Path("lull.yaml"), Known(presets={"balanced": ()}))
    device = config.devices["TV"]
    assert (device.mac, device.names) == ("02:00:5e:10:00:01", ("tv.lan",))
    group = config.groups["a"]
    assert (group.members, group.macs, group.privacy) == (("tv",), ("02:00:5e:10:00:02",), "off")
    assert [str(one) for one in group.networks] == ["2001:db8::/64", "192.0.2.1/32"]
    assert [said(one) for one in group.clients] == ["tv", "02:00:5e:10:00:02", "2001:db8::/64", "192.0.2.1"]
    assert config.groups["default"].privacy is None
