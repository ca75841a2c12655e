import itertools
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from resolver.store.sightings import CREEP, KEPT, MOST_ADDRESSES, MOST_DEVICES, Address, Book, Device, Seen

NOW = 1_767_268_800.0
MAC, OTHER = "02:00:5e:10:00:01", "02:00:5e:10:00:02"
V4, V6, NEXT = "192.0.2.10", "fd00::10", "192.0.2.11"


def nobody(_: Device) -> bool:
    return False


def book(*devices: Device, addresses: Iterable[tuple[str, int]] = (), last: float = NOW - 1000) -> Book:
    return Book(devices, [Address(address, id, 1.0, last) for address, id in addresses])


def note(rows: Book, *seen: Seen, now: float = NOW) -> Book:
    for one in seen:
        rows.note(one, now, nobody)
    return rows


def held(rows: Book) -> dict[str, int]:
    return {one.address: one.device for one in rows.addresses.values()}


def test_who_asks_appears_by_itself() -> None:
    rows = note(book(), Seen(V4, at=NOW - 5), Seen(V6, MAC, NOW - 3))
    by_address, by_mac = rows.devices[-1], rows.devices[-2]
    assert (by_address.mac, by_address.first, by_address.last) == ("", NOW - 5, NOW - 5)
    assert (by_mac.mac, by_mac.first, by_mac.last) == (MAC, NOW - 3, NOW - 3)
    assert held(rows) == {V4: -1, V6: -2}
    assert set(rows.changed_devices) == {-1, -2}
    assert set(rows.changed_addresses) == {V4, V6}


def test_addresses_without_a_device_go() -> None:
    rows = book(Device(1), addresses=[(V4, 1), (V6, 2)])
    assert held(rows) == {V4: 1}
    assert rows.gone_addresses == {V6}


def test_one_that_was_forgotten_seen_again_and_brought_back_is_one() -> None:
    rows = book(Device(3, mac=MAC), Device(9, "tv", mac=MAC), addresses=[(V4, 3)])
    assert set(rows.devices) == {9}
    assert held(rows) == {V4: 9}
    assert rows.gone_devices == {3}
    rows = book(Device(3, "box", mac=MAC), Device(9, "tv", mac=MAC), addresses=[(V4, 9)])
    assert {id: one.mac for id, one in rows.devices.items()} == {3: MAC, 9: ""}
    assert held(rows) == {V4: 3}


def test_neighbours_who_never_asked_are_nobody_unless_they_are_wanted() -> None:
    rows = note(book(), Seen(V4, MAC), Seen(V6, OTHER, wanted=True))
    assert [(one.mac, one.first, one.last) for one in rows.devices.values()] == [(OTHER, 0.0, 0.0)]
    assert held(rows) == {V6: -1}


def test_rotating_addresses_are_the_same_device() -> None:
    rows = book(Device(1, "tv", mac=MAC, first=5.0, last=5.0), addresses=[(V4, 1)])
    note(rows, *(Seen(f"fd00::{n:x}", MAC) for n in range(1, 5)))
    assert held(rows) == {V4: 1} | {f"fd00::{n:x}": 1 for n in range(1, 5)}
    assert rows.devices[1].last == 5.0  # it was not seen asking
    assert not rows.changed_devices


def test_a_device_known_by_address_gets_its_mac_address() -> None:
    rows = note(book(Device(1, "tv", first=5.0, last=NOW), addresses=[(V4, 1)]), Seen(V4, MAC))
    assert rows.devices == {1: Device(1, "tv", mac=MAC, first=5.0, last=NOW)}
    assert rows.moved == set()


def test_a_device_known_by_address_becomes_one_with_that_of_the_mac_address() -> None:
    rows = book(
        Device(1, "tv", "kids", first=5.0, last=9.0),
        Device(2, mac=MAC, first=7.0, last=8.0),
        addresses=[(V4, 1), (V6, 2)],
    )
    note(rows, Seen(V4, MAC, NOW))
    assert rows.devices == {2: Device(2, "tv", "kids", MAC, first=5.0, last=NOW)}
    assert held(rows) == {V4: 2, V6: 2}
    assert rows.gone_devices == {1}
    assert rows.moved == {V4}


def test_what_is_kept_of_a_device_goes_where_it_goes() -> None:
    rows = book(Device(1, privacy="off"), Device(2, mac=MAC), addresses=[(V4, 1)])
    note(rows, Seen(V4, MAC, NOW))
    assert {id: one.privacy for id, one in rows.devices.items()} == {2: "off"}
    rows.tidy(NOW + 2 * KEPT, nobody)
    assert set(rows.devices) == {2}, "it would be logged again if it were forgotten"


def test_what_people_named_twice_stays_two() -> None:
    rows = book(Device(1, "tv", first=5.0), Device(2, "box", mac=MAC), addresses=[(V4, 1)])
    note(rows, Seen(V4, MAC, NOW))
    assert {id: one.name for id, one in rows.devices.items()} == {1: "tv", 2: "box"}
    assert held(rows) == {V4: 2}


def test_an_address_belongs_to_the_mac_address_last_seen_with_it() -> None:
    rows = book(Device(1, "tv", mac=MAC), Device(2, "box", mac=OTHER), addresses=[(V4, 1), (V6, 2)])
    note(rows, Seen(V4, OTHER))
    assert held(rows) == {V4: 2, V6: 2}
    assert rows.moved == {V4}
    assert set(rows.devices) == {1, 2}  # a device that is known by its MAC address stays without an address


def test_an_address_that_a_stranger_has_is_nobodys() -> None:
    rows = note(book(Device(1, "tv", mac=MAC), addresses=[(V4, 1)]), Seen(V4, OTHER))
    assert held(rows) == {}
    assert rows.gone_addresses == rows.moved == {V4}
    note(rows, Seen(V4, OTHER, NOW))
    assert held(rows) == {V4: -1}
    assert rows.devices[1].name == "tv"


def test_while_the_network_is_silent_an_address_stays_where_it_was() -> None:
    rows = note(book(Device(1, "tv", mac=MAC, last=5.0), addresses=[(V4, 1)]), Seen(V4, "", NOW))
    assert held(rows) == {V4: 1}
    assert rows.devices[1].last == NOW


def test_sights_are_not_written_each_time() -> None:
    rows = book(Device(1, first=5.0, last=NOW - 30), addresses=[(V4, 1)], last=NOW - 30)
    note(rows, Seen(V4, at=NOW))
    assert not rows.changed_devices
    assert not rows.changed_addresses
    note(rows, Seen(V4, at=NOW - 30 + CREEP))
    assert rows.devices[1].last == rows.addresses[V4].last == NOW - 30 + CREEP


def test_a_sight_of_a_clock_that_ran_ahead_is_put_right() -> None:
    ahead = NOW + 400 * 86_400
    rows = book(Device(1, first=ahead, last=ahead), addresses=[(V4, 1)], last=ahead)
    note(rows, Seen(V4, at=NOW))
    assert rows.devices[1].last == rows.addresses[V4].last == NOW


def test_addresses_that_are_alive_last_a_day_more_each_day() -> None:
    rows = book(Device(1, mac=MAC, last=5.0), addresses=[(V4, 1), (V6, 1)], last=NOW - 86_400)
    note(rows, Seen(V4, MAC))
    assert rows.addresses[V4].last == NOW
    assert rows.devices[1].last == 5.0
    rows = book(Device(1, mac=MAC), addresses=[(V4, 1)], last=NOW - 80_000)
    note(rows, Seen(V4, MAC))
    assert not rows.changed_addresses


def test_of_too_many_addresses_those_long_unused_go() -> None:
    rows = book(Device(1, "tv", mac=MAC))
    note(rows, *(Seen(f"fd00::{n:x}", MAC, NOW + n) for n in range(MOST_ADDRESSES + 10)))
    assert len(held(rows)) == MOST_ADDRESSES
    assert "fd00::9" not in held(rows)
    assert "fd00::a" in held(rows)


def test_of_too_many_devices_those_that_nobody_named_give_way() -> None:
    named = Device(1, "tv", last=1.0)
    grouped = Device(2, "", "kids", last=1.0)
    kept = Device(3, mac=MAC, last=1.0)
    others = [Device(n, last=float(n)) for n in range(4, MOST_DEVICES + 1)]
    rows = Book([named, grouped, kept, *others], [Address("192.0.2.99", 4, 1.0, 1.0)])
    rows.note(Seen(V4, at=NOW), NOW, lambda device: device.mac == MAC)
    assert {1, 2, 3, -1} <= set(rows.devices)
    assert 4 not in rows.devices
    assert len(rows.devices) <= MOST_DEVICES
    assert rows.gone_addresses == {"192.0.2.99"}


def test_when_all_are_named_newcomers_are_not_remembered() -> None:
    rows = Book([Device(n, f"d{n}") for n in range(1, MOST_DEVICES + 1)], [])
    note(rows, Seen(V4, at=NOW))
    assert held(rows) == {}


def test_the_name_that_the_network_has() -> None:
    rows = book(Device(1, mac=MAC), Device(2), addresses=[(V4, 1), (V6, 1), (NEXT, 2)])
    rows.called({V4: (1, "tablet.lan"), V6: (2, "fd00--10.lan"), "192.0.2.99": (0, "nobody")})
    assert [one.host for one in rows.devices.values()] == ["tablet.lan", ""]
    rows.called({V4: (1, "tablet.lan"), V6: (0, "phone")})  # a lease knows better
    assert rows.devices[1].host == "phone"
    rows.called({})  # no news
    assert rows.devices[1].host == "phone"
    assert set(rows.changed_devices) == {1}


def test_the_name_of_an_address_that_moved_is_of_the_device_before() -> None:
    rows = book(Device(1, mac=MAC, host="tablet"), Device(2, mac=OTHER), addresses=[(V4, 1)])
    note(rows, Seen(V4, OTHER))
    rows.called({V4: (0, "tablet")})
    assert rows.devices[2].host == ""


def test_what_was_not_seen_for_long_is_forgotten() -> None:
    old = NOW - KEPT
    rows = book(
        Device(1, last=old),
        Device(2, last=old + 1),
        Device(3, "tv", last=old),
        Device(4, mac=MAC, last=old),
        Device(5, "box", mac=OTHER, last=old),
        addresses=[(V4, 1), (V6, 3), (NEXT, 5)],
        last=old,
    )
    rows.tidy(NOW, lambda device: device.mac == MAC)
    assert set(rows.devices) == {2, 3, 4, 5}
    assert held(rows) == {V6: 3}  # the only thing that tv is known by


def test_a_device_that_never_asked_is_kept_while_it_is_there() -> None:
    rows = note(book(), Seen(V4, MAC, wanted=True))
    rows.tidy(NOW + KEPT - 1, nobody)
    assert held(rows) == {V4: -1}
    rows.tidy(NOW + KEPT, nobody)
    assert not rows.devices


@given(
    st.lists(
        st.builds(
            Seen,
            st.sampled_from([V4, V6, NEXT, "fd00::11"]),
            st.sampled_from(["", MAC, OTHER]),
            st.sampled_from([0.0, NOW, NOW + 100]),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_whatever_comes_every_address_has_one_device_and_every_mac_address_too(seen: list[Seen]) -> None:
    rows = book(Device(1, "tv"), Device(2, "box", mac=OTHER), addresses=[(V4, 1), (V6, 2)])
    for one in seen:
        note(rows, one)
        assert {address.device for address in rows.addresses.values()} <= set(rows.devices)
        macs = [device.mac for device in rows.devices.values() if device.mac]
        assert len(set(macs)) == len(macs)
        assert not rows.gone_devices & set(rows.devices)
        assert set(rows.changed_addresses) <= set(rows.addresses)
        assert sorted(itertools.chain.from_iterable(rows.of(id) for id in rows.devices)) == sorted(rows.addresses)
    assert {"tv", "box"} <= {device.name for device in rows.devices.values()}
