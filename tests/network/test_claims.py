import ipaddress

from resolver.config.people import Device
from resolver.config.schema import Config
from resolver.network.claims import AWAY, Claims, claims, wanted
from resolver.policy.document import DeviceEntry
from resolver.store.devices import Known
from tests.network.rolls import MAC, NOW, OTHER, THIRD, config, known, roll

V4, V6, NEXT = "192.0.2.10", "fd00::10", "192.0.2.11"


def of(config: Config, *devices: Known) -> Claims:
    return claims(config, roll(*devices), NOW)


def test_devices_of_the_config_by_mac_address_then_by_name() -> None:
    found = of(
        config(Living_TV=Device(mac=MAC, names=("tv",)), tablet=Device(names=("tablet",))),
        known(1, V4, V6, mac=MAC, host="tablet.lan"),
        known(2, NEXT, host="tablet.lan"),
        known(3, "192.0.2.12", host="tv"),
        known(4, "192.0.2.13", mac=OTHER, host="tablets"),
    )
    assert found.found == {
        "living tv": ((V4, f"MAC {MAC}"), ("192.0.2.12", "name tv"), (V6, f"MAC {MAC}")),
        "tablet": ((NEXT, "name tablet"),),
    }
    assert found.owners == {1: "Living TV", 2: "tablet", 3: "Living TV"}
    assert found.entries == ()


def test_what_people_named_or_grouped() -> None:
    found = of(
        config({"kids": ()}),
        known(1, V4, V6, name="TV", mac=MAC),
        known(2, NEXT, name="Printer"),
        known(3, "192.0.2.12", group="kids", mac=OTHER),
        known(4, "192.0.2.13", mac=THIRD),
    )
    assert found.entries == (
        DeviceEntry("TV", found=((V4, f"MAC {MAC}"), (V6, f"MAC {MAC}")), mac=MAC),
        DeviceEntry("Printer", found=((NEXT, f"address {NEXT}"),)),
        DeviceEntry("", found=(("192.0.2.12", f"MAC {OTHER}"),), mac=OTHER, group="kids"),
    )
    assert found.found == {}


def test_what_people_said_that_the_log_keeps() -> None:
    found = of(
        config(tv=Device(mac=THIRD)),
        known(1, V4, mac=MAC, privacy="off"),
        known(2, NEXT, privacy="no-client"),
        known(3, "192.0.2.12", mac=THIRD, privacy="no-name"),
        known(4, "192.0.2.13", mac=OTHER, name="old", privacy="what a newer version knows"),
    )
    assert found.entries == (
        DeviceEntry("", found=((V4, f"MAC {MAC}"),), mac=MAC, privacy="off"),
        DeviceEntry("", found=((NEXT, f"address {NEXT}"),), privacy="no-client"),
        DeviceEntry("tv", privacy="no-name"),  # it is lent to that of the config
        DeviceEntry("old", found=(("192.0.2.13", f"MAC {OTHER}"),), mac=OTHER),
    )


def test_the_config_outranks_what_was_said_later() -> None:
    found = of(config(tv=Device(mac=MAC)), known(1, V4, name="box", group="kids", mac=MAC))
    assert found.found == {"tv": ((V4, f"MAC {MAC}"),)}
    assert found.entries == (DeviceEntry("tv", group="kids"),)  # it lends its group


def test_groups_name_devices_by_mac_address_and_by_name() -> None:
    found = of(
        config({"kids": (MAC, OTHER, "switch"), "things": ("camera",)}, tv=Device(mac=THIRD)),
        known(1, V4, mac=MAC),
        known(2, NEXT, name="tablet", group="adults", mac=OTHER),
        known(3, "192.0.2.12", host="switch.lan"),
        known(4, "192.0.2.13", name="Camera", group="kids"),
        known(5, "192.0.2.14", mac=THIRD, host="switch"),
    )
    assert found.found == {
        MAC: ((V4, f"MAC {MAC}"),),
        "switch": (("192.0.2.12", "name switch"),),
        "tv": (("192.0.2.14", f"MAC {THIRD}"),),
    }
    assert [(entry.name, entry.group) for entry in found.entries] == [("tablet", "kids"), ("Camera", "things")]


def test_an_address_of_the_config_tells_whose_row_it_is() -> None:
    written = config(tv=Device(addresses=(ipaddress.ip_network(V4), ipaddress.ip_network("198.51.100.0/24"))))
    found = of(written, known(1, V4, mac=MAC, group="kids"), known(2, "198.51.100.7"))
    assert found.owners == {1: "tv"}
    assert found.found == {}  # there is nothing to find
    assert found.entries == (DeviceEntry("tv", group="kids"),)
    assert of(written, known(1, V4, name="box")).owners == {}


def test_an_address_is_a_sleeping_devices_for_a_month() -> None:
    asleep, gone = known(1, V4, mac=MAC, name="tv", ago=AWAY - 1), known(1, V4, mac=MAC, name="tv", ago=AWAY)
    assert of(config(), asleep).entries[0].found == ((V4, f"MAC {MAC}"),)
    assert of(config(), gone).entries[0].found == ()
    assert of(config(tv=Device(mac=MAC)), gone).found == {}
    for_good = known(1, V4, name="printer", ago=10 * AWAY)
    assert of(config(), for_good).entries[0].found == ((V4, f"address {V4}"),)


def test_who_is_wanted() -> None:
    is_wanted = wanted(config({"kids": (OTHER, "switch")}, tv=Device(mac=MAC, names=("telly.lan",))))
    assert is_wanted(MAC, "")
    assert is_wanted(OTHER, "")
    assert is_wanted("", "switch.fritz.box")
    assert is_wanted(THIRD, "telly.lan")
    assert not is_wanted(THIRD, "telly")
    assert not is_wanted("", "")
