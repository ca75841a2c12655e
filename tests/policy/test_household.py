"""What the config says, joined with what people made."""

from __future__ import annotations

import pathlib

from resolver.config.load import parse
from resolver.config.schema import Config
from resolver.lists.catalogue import Catalogue
from resolver.model import RRset
from resolver.policy.build import document
from resolver.policy.document import Change, DeviceEntry, Machine, OwnRule, Pause, People, SiteEntry
from resolver.policy.household import devices_of, people_of, rules_of, sites_of
from tests.support import wire

CONFIG = """
lists: []
groups:
  kids:
    clients: ["192.0.2.0/24", "02:00:5e:10:00:07", "02-00-5e-10-00-02", tv]
    rules: ["deny games.example"]
    privacy: no-name
  teens: {clients: [Phone]}
devices:
  Phone: {mac: "02-00-5E-10-00-01", rules: ["allow exact a.example", "deny ||b.example^$dnstype=AAAA"]}
  TV: {addresses: ["198.51.100.9"], names: [tv-livingroom], tags: [device_tv]}
rules: ["allow a.example", "deny /^ads/"]
sites:
  - {site: news.example, allow: [player.example.net, cdn.example]}
  - {site: shop.example, allow: all, window: always, client: TV}
  - {site: bank.example, allow: [pay.example], window: 5m, group: kids}
"""


def config(text: str = CONFIG) -> Config:
    return parse(text.encode(), pathlib.Path("lull.yaml"), Catalogue.load().known())


def test_rules_of_everyone_groups_and_devices_with_keys_that_stay() -> None:
    assert rules_of(config()) == (
        OwnRule("allow", "a.example", origin="config", key="config::allow a.example"),
        OwnRule("deny", "", origin="config", text="/^ads/", key="config::deny /^ads/"),
        OwnRule("deny", "games.example", group="kids", origin="config", key="config:group kids:deny games.example"),
        OwnRule(
            "allow",
            "a.example",
            "phone",
            origin="config",
            exact=True,
            key="config:device phone:allow exact a.example",
        ),
        OwnRule(
            "deny",
            "b.example",
            "phone",
            origin="config",
            text="||b.example^$dnstype=AAAA",
            key="config:device phone:deny ||b.example^$dnstype=AAAA",
        ),
    )
    assert rules_of(config()) == rules_of(config())


def test_sites() -> None:
    assert sites_of(config()) == (
        SiteEntry(
            "news.example",
            ("player.example.net", "cdn.example"),
            origin="config",
            key="config::on news.example allow player.example.net cdn.example",
        ),
        SiteEntry(
            "shop.example",
            (),
            everything=True,
            window=None,
            client="tv",
            origin="config",
            key="config:device tv:on shop.example allow all",
        ),
        SiteEntry(
            "bank.example",
            ("pay.example",),
            window=300,
            group="kids",
            origin="config",
            key="config:group kids:on bank.example allow pay.example",
        ),
    )


AT = (("192.0.2.50", "MAC 02:00:5e:10:00:01"),)
LIVING = (("192.0.2.51", "name tv-livingroom"),)
UNNAMED = (("192.0.2.52", "MAC 02:00:5e:10:00:07"),)


def test_devices_of_the_config_and_of_people() -> None:
    people = People(
        devices=(
            DeviceEntry("Pad", found=(("192.0.2.60", "MAC 02:00:5e:10:00:02"),), mac="02:00:5e:10:00:02", group="own"),
            DeviceEntry("Laptop", mac="02:00:5e:10:00:03", group="teens"),
            DeviceEntry("phone", found=(("192.0.2.99", "name phone"),), group="kids"),
        ),
        found={"phone": AT, "tv": LIVING, "02:00:5e:10:00:07": UNNAMED, "nobody": AT},
    )
    assert devices_of(config(), people) == (
        DeviceEntry("Phone", (), AT, "02:00:5e:10:00:01", (), "teens"),
        DeviceEntry("TV", ("198.51.100.9/32",), LIVING, "", ("device_tv",), "kids"),
        DeviceEntry("Pad", (), people.devices[0].found, "02:00:5e:10:00:02", (), "kids"),
        DeviceEntry("Laptop", mac="02:00:5e:10:00:03", group="teens"),
        DeviceEntry("", (), UNNAMED, "02:00:5e:10:00:07", (), "kids"),
    )


def test_a_group_may_name_the_mac_address_of_a_device_of_the_config() -> None:
    text = 'lists: []\ngroups: {kids: {clients: ["02-00-5E-10-00-01"]}}\ndevices: {TV: {mac: "02:00:5e:10:00:01"}}'
    (found,) = devices_of(config(text), People(found={"02:00:5e:10:00:01": AT}))
    assert found == DeviceEntry("TV", mac="02:00:5e:10:00:01", group="kids")


def test_people_lend_a_group_to_a_device_of_the_config_that_has_none_there() -> None:
    text = "lists: []\ngroups: {kids: {}}\ndevices: {TV: {names: [tv]}}"
    (found,) = devices_of(config(text), People(devices=(DeviceEntry("tv", group="kids"),)))
    assert found == DeviceEntry("TV", group="kids")


def test_what_people_made_can_be_had_back() -> None:
    people = People(
        (OwnRule("deny", "x.example", "pad", until=5.0, key="rule:1"),),
        (Pause(7.0),),
        (SiteEntry("a.example", ("b.example",), key="site:1"),),
        (Change("bedtime", True, 1.0, 2.0),),
        (DeviceEntry("Pad", found=AT, mac="02:00:5e:10:00:02", group="own"), DeviceEntry("tv", group="teens")),
        {"tv": LIVING, "02:00:5e:10:00:07": UNNAMED},
    )
    record = RRset(wire("box.home.arpa"), 1, 60, (bytes(4),))
    read = config()
    made = document(read, (), (), people, Catalogue.load().offered, Machine("boot", 9.5, (record,)))
    assert (made.boot, made.offset, made.records, made.pauses, made.changes) == (
        "boot",
        9.5,
        (record,),
        people.pauses,
        people.changes,
    )
    assert made.rules == (*rules_of(read), *people.rules)
    assert made.sites == (*sites_of(read), *people.sites)
    assert [group.privacy for group in made.groups] == [None, "no-name", None]
    again = people_of(made)
    assert (again.rules, again.pauses, again.sites, again.changes) == (
        people.rules,
        people.pauses,
        people.sites,
        people.changes,
    )
    machine = Machine("boot", 9.5, (record,))
    assert document(read, (), (), again, Catalogue.load().offered, machine) == made


def test_the_key_of_a_very_long_rule_is_short_and_its_own() -> None:
    """A database finds nothing by thousands of bytes."""
    but = "|".join(f"n{number}.a.example" for number in range(90))
    text = "lists: []\nrules: " + str([f"deny ||a.example^$denyallow={but}|{end}.a.example" for end in "xy"])
    first, second = rules_of(config(text))
    assert first.key != second.key
    assert first.key.startswith("config::deny ||a.example^$denyallow=n0.a.example|n1")
    assert len(first.key.encode()) < 1000
    assert [rule.key for rule in rules_of(config(text))] == [first.key, second.key]
