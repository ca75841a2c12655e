import ipaddress

from resolver.admin.deviceshown import Counts, Shown, groups, words
from resolver.config.log import Log
from resolver.config.people import Device, Group
from resolver.config.schema import Config
from resolver.network.claims import claims
from resolver.policy.bundle import Bundle
from resolver.policy.document import DeviceEntry, GroupEntry
from resolver.store.devices import Roll
from tests.network.rolls import MAC, NOW, OTHER, config, known, roll
from tests.support import bundle

V4, V6, NEXT = "192.0.2.10", "fd00::10", "192.0.2.11"
ROWS = roll(
    known(1, V4, V6, mac=MAC, host="tv.lan", ago=500.0),
    known(2, NEXT, name="Tablet", group="kids", ago=400.0),
    known(3, "192.0.2.12", ago=300.0),
    known(4, "192.0.2.13", ago=200.0),
    known(5, mac=OTHER, name="box"),
)
WRITTEN = config(
    {"kids": ("printer",)},
    Living_TV=Device(mac=MAC),
    printer=Device(addresses=(ipaddress.ip_network("192.0.2.50"), ipaddress.ip_network("198.51.100.0/24"))),
)
COUNTS = {V4: (10, 3), V6: (5, 1), "192.0.2.12": (1, 0)}


def shown(
    rows: Roll = ROWS, policy: Bundle | None = None, counts: Counts | None = COUNTS, written: Config = WRITTEN
) -> Shown:
    return Shown(written, policy, claims(written, rows, NOW), counts, lambda device: device.last + 7)


def test_named_devices_first_then_those_who_asked_last() -> None:
    every = shown().every(ROWS)
    assert [(one.id, one.name, one.origin) for one in every] == [
        (5, "box", "api"),
        (1, "Living TV", "config"),
        (None, "printer", "config"),
        (2, "Tablet", "api"),
        (4, "", "seen"),
        (3, "", "seen"),
    ]


def test_what_is_told_of_a_device() -> None:
    found = (DeviceEntry("Living TV", found=((V4, f"MAC {MAC}"),), mac=MAC, group="kids"),)
    policy = bundle(devices=found, groups=(GroupEntry("default"), GroupEntry("kids")))
    one = shown(policy=policy).info(ROWS.devices[1])
    assert (one.name, one.group, one.how, one.mac, one.host) == ("Living TV", "kids", f"MAC {MAC}", MAC, "tv.lan")
    assert one.addresses == [V4, V6]
    assert (one.first, one.last) == (NOW - 500, NOW - 493)
    assert (one.queries, one.blocked) == (15, 4)


def test_without_a_policy_or_a_log() -> None:
    one = shown(counts=None).info(ROWS.devices[2])
    assert (one.group, one.how, one.queries, one.blocked) == ("kids", "", None, None)
    assert shown().info(ROWS.devices[4]).group == "default"
    assert shown().info(ROWS.devices[5]).queries == 0


def test_a_device_of_the_config_that_was_never_seen() -> None:
    printer = next(one for one in shown().every(ROWS) if one.name == "printer")
    assert (printer.id, printer.group, printer.first, printer.last) == (None, "kids", 0.0, 0.0)
    assert printer.addresses == ["192.0.2.50", "198.51.100.0/24"]


def test_groups_and_who_is_in_them() -> None:
    everyone, kids = groups(WRITTEN, claims(WRITTEN, ROWS, NOW), ["kids", "", "kids"])
    assert (everyone.name, everyone.clients, everyone.devices, everyone.rules) == ("default", [], [], 0)
    assert (kids.clients, kids.devices, kids.rules, kids.default, kids.privacy) == (
        ["printer"],
        ["Tablet"],
        2,
        "pass",
        "full",
    )
    assert everyone.lists == [source.id for source in WRITTEN.lists]


def test_words_of_a_change() -> None:
    assert words("", V4, {"name": "tv"}) == f"name {V4} tv"
    assert words("tv", V4, {"name": "telly", "group": "kids"}) == "name tv telly; put telly in group kids"
    assert words("tv", V4, {"group": "kids"}) == "put tv in group kids"
    assert words("", V4, {"group": ""}) == f"take {V4} out of its group"
    assert words("tv", V4, {"privacy": "off"}) == "privacy of tv: off"
    assert (
        words("", V4, {"group": "kids", "privacy": ""}) == f"put {V4} in group kids; privacy of {V4}: as of its group"
    )


def test_what_the_log_keeps_and_who_says_so() -> None:
    found = (
        DeviceEntry("Living TV", found=((V4, f"MAC {MAC}"),), mac=MAC, privacy="no-name"),
        DeviceEntry("Tablet", found=((NEXT, "name tablet"),), group="kids"),
    )
    policy = bundle(
        devices=found, groups=(GroupEntry("default"), GroupEntry("kids", privacy="off")), privacy="no-client"
    )
    told = {one.id: (one.privacy, one.said_by) for one in shown(policy=policy).every(ROWS)}
    assert (told[1], told[2], told[3]) == (("no-name", "device"), ("off", "group"), ("no-client", "all"))


def test_what_the_log_will_keep_of_who_is_nowhere() -> None:
    groups = {"default": Group(), "kids": Group(privacy="off"), "teens": Group()}
    written = Config(
        groups=groups, devices={"printer": Device(names=("p",), privacy="no-name")}, log=Log(privacy="no-client")
    )
    rows = roll(
        known(1, name="a", group="kids"),
        known(2, name="b", group="teens"),
        known(3, name="c", group="kids", privacy="full"),
        known(4, name="d", group="gone", privacy="nonsense"),
    )
    told = [(one.name, one.privacy, one.said_by) for one in shown(rows, written=written).every(rows)]
    assert told == [
        ("a", "off", "group"),
        ("b", "no-client", "all"),
        ("c", "full", "device"),
        ("d", "no-client", "all"),
        ("printer", "no-name", "device"),
    ]
