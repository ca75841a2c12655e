"""A bundle in memory, from its files."""

from __future__ import annotations

import pathlib

import msgspec
import pytest

from resolver.errors import BundleError
from resolver.model import Address, Client, Nxdomain, RRset, Type
from resolver.policy.bundle import DOCUMENT, Bundle, Group
from resolver.policy.document import VERSION, Change, DeviceEntry, Document, GroupEntry, OwnRule, Pause, SiteEntry
from tests.support import bundle, compile_lists

FULL = Document(
    groups=(GroupEntry("default", (), ("ads",)), GroupEntry("kids", ("192.0.2.20", "2001:db8::/32"), ("ads", "more"))),
    rules=(OwnRule("deny", "a.example", client="192.0.2.1", until=5.0), OwnRule("allow", "b.example", group="kids")),
    pauses=(Pause(7.0, group="kids"),),
    records=(RRset(b"\x01a\0", 1, 60, (b"\1\2\3\4",)),),
    answer=Address((b"\1\2\3\4",), (bytes(16),)),
    ttl=3,
    upstreams=("udp://192.0.2.53",),
    allow=("any",),
    privacy="no-name",
)


def written(directory: pathlib.Path, document: Document) -> pathlib.Path:
    """A bundle's files, as control would leave them."""
    lists = tuple(compile_lists(directory, {"ads": "||ads.example^", "more": "||more.example^"}))
    document = msgspec.structs.replace(document, lists=lists)
    (directory / DOCUMENT).write_bytes(msgspec.msgpack.encode(document))
    return directory


def test_a_document_goes_to_disk_and_back(tmp_path: pathlib.Path) -> None:
    made = Bundle.open(written(tmp_path, FULL))
    assert made.generation == tmp_path.name
    assert msgspec.structs.replace(made.document, lists=()) == FULL
    assert made.groups == {
        "default": Group("default", 0b01, 0, FULL.answer, 3),
        "kids": Group("kids", 0b11, 0, FULL.answer, 3),
    }
    winner = made.names.winner("x.more.example", 0b11, Type.A, Client("192.0.2.1", "kids"))
    assert winner is not None
    assert winner.list == "more"


def test_lists_in_shadow_mode_are_told_apart() -> None:
    groups = (GroupEntry("default", (), ("ads", "tried")), GroupEntry("kids", (), ("tried",)))
    made = bundle({"ads": "a.example", "tried": "b.example"}, shadow=["tried"], groups=groups)
    assert [(group.mask, group.shadow) for group in made.groups.values()] == [(0b01, 0b10), (0, 0b10)]


def test_devices_are_known_by_the_longest_match() -> None:
    devices = (
        DeviceEntry("Phone", ("192.0.2.20",), mac="02:00:5e:10:00:01", tags=("device_phone",)),
        DeviceEntry("guests", ("192.0.2.0/24",), tags=("user_regular",)),
    )
    made = bundle(devices=devices)
    phone, guest, other = map(made.identify, ("192.0.2.20", "192.0.2.21", "198.51.100.1"))
    assert (phone.device, phone.mac, phone.tags) == ("phone", "02:00:5e:10:00:01", ("device_phone",))
    assert (guest.device, guest.mac, guest.tags) == ("guests", "", ("user_regular",))
    assert (other.device, other.mac, other.tags) == ("", "", ())


def test_who_asks() -> None:
    made = bundle(groups=FULL.groups, allow=("192.0.2.0/24", "2001:db8::/32"))
    assert [getattr(made.identify("::ffff:192.0.2.20"), field) for field in ("address", "group", "admitted")] == [
        "192.0.2.20",
        "kids",
        True,
    ]
    stranger = made.identify("fe80::1%eth0")
    assert (stranger.address, stranger.group, stranger.admitted) == ("fe80::1", "default", False)


def test_how_they_are_known() -> None:
    devices = (DeviceEntry("Pad", found=(("192.0.2.20", "MAC 02:00:5e:10:00:01"),), group="kids"),)
    made = bundle(groups=FULL.groups, devices=devices)
    client, how = made.identified("::ffff:192.0.2.20%eth0")
    assert (client, how) == (made.identify("192.0.2.20"), "MAC 02:00:5e:10:00:01")
    assert (client.device, client.key, client.group) == ("pad", "pad", "kids")
    assert made.identified("2001:db8::1")[1] == "network 2001:db8::/32 of group kids"


def test_who_has_something_of_their_own() -> None:
    made = bundle(
        rules=(OwnRule("deny", "a.example", "tv"), OwnRule("deny", "", "192.0.2.4", text="/x/")),
        pauses=(Pause(7.0, "192.0.2.1"), Pause(7.0, group="kids")),
        sites=(SiteEntry("a.example", ("b.example",), client="pad"),),
        changes=(Change("bedtime", True, 1.0, 2.0, "phone"),),
    )
    assert made.personal == {"tv", "192.0.2.4", "192.0.2.1", "pad", "phone"}


def test_rules_tell_clients_apart_those_of_lists_and_of_people() -> None:
    rule = OwnRule("deny", "", text="||b.example^$client=tv")
    made = bundle({"ads": "||a.example^$client=pad"}, rules=(rule,))
    tv, pad, other = (Client("192.0.2.1", "default", device=name) for name in ("tv", "pad", "phone"))
    assert len({made.signature(client) for client in (tv, pad, other)}) == 3
    assert made.signature(other) == made.signature(Client("192.0.2.9", "default")) == bundle().signature(tv) == 0


def test_the_same_names_under_moved_ends() -> None:
    rules = (OwnRule("deny", "", text="/^x/", until=5.0),)
    made = bundle({"ads": "||a.example^"}, rules=rules)
    moved = made.over(msgspec.structs.replace(made.document, rules=(msgspec.structs.replace(rules[0], until=9.0),)))
    assert (moved.names, moved.own, moved.generation) == (made.names, made.own, made.generation)
    client = Client("192.0.2.1", "default")
    for one, expected in ((made, 0), (moved, 1)):
        assert len(one.overlay.matches("x.example", Type.A, client, 6.0)) == expected


def test_a_device_has_its_own_privacy_or_that_of_its_group_or_that_of_all() -> None:
    groups = (
        GroupEntry("default", privacy="off"),
        GroupEntry("kids", ("192.0.2.0/28",), privacy="no-name"),
        GroupEntry("teens", ("192.0.2.16/28",)),
    )
    devices = (
        DeviceEntry("Tablet", ("192.0.2.1",), privacy="full"),
        DeviceEntry("Phone", ("192.0.2.2",)),
        DeviceEntry("Laptop", ("192.0.2.99",), group="teens", privacy="no-name"),
        DeviceEntry("", found=(("192.0.2.98", "MAC 02:00:5e:10:00:01"),), privacy="no-client"),
    )
    made = bundle(groups=groups, devices=devices, privacy="no-client")
    told = {address: made.identify(f"192.0.2.{address}").privacy for address in (1, 2, 3, 17, 97, 98, 99)}
    assert told == {
        1: "full",  # its own, though its group keeps less
        2: "no-name",
        3: "no-name",
        17: "no-client",
        97: "off",
        98: "no-client",
        99: "no-name",
    }


def test_lists_that_are_not_compiled_are_no_bits() -> None:
    made = bundle({"ads": "||a.example^"}, groups=(GroupEntry("default", (), ("gone", "ads", "ads")),))
    assert made.groups["default"].mask == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": VERSION + 1}, f"version {VERSION + 1}"),
        ({"groups": (GroupEntry("kids"),)}, "default"),
        ({"groups": (GroupEntry("default", ("not an address",)),)}, "not an address"),
        ({"allow": ("nobody",)}, "nobody"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: pathlib.Path, change: dict[str, object], reason: str) -> None:
    document = msgspec.structs.replace(Document(answer=Nxdomain()), **change)
    with pytest.raises(BundleError, match=reason):
        Bundle.open(written(tmp_path, document))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"garbage", msgspec.msgpack.encode({"version": "x"}), b"\x81"])
def test_a_damaged_document_is_refused(tmp_path: pathlib.Path, data: bytes) -> None:
    written(tmp_path, FULL)
    (tmp_path / DOCUMENT).write_bytes(data)
    with pytest.raises(BundleError, match=DOCUMENT):
        Bundle.open(tmp_path)


def test_missing_files_are_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(BundleError):
        Bundle.open(tmp_path)
    written(tmp_path, FULL)
    (tmp_path / "names.trie").unlink()
    with pytest.raises(BundleError, match=r"names\.trie"):
        Bundle.open(tmp_path)


def test_a_document_of_an_older_version_of_lull_still_opens(tmp_path: pathlib.Path) -> None:
    """Fields that were not there then have their defaults; those that are there no more are passed over."""
    written(tmp_path, FULL)
    (tmp_path / DOCUMENT).write_bytes(msgspec.msgpack.encode({"lists": [{"id": "ads"}, {"id": "more"}], "gone": 1}))
    made = Bundle.open(tmp_path)
    assert made.groups["default"].ttl == 10
