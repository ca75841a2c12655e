import pytest

from resolver.errors import ConflictError
from resolver.store import christening
from resolver.store.devices import DeviceStore, Known
from resolver.store.face import Store
from resolver.store.pauses import NewPause
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.sightings import Seen
from tests.store.making import NOON, StillClock

MAC, OTHER = "02:00:5e:10:00:01", "02:00:5e:10:00:02"
V4, V6 = "192.0.2.10", "fd00::10"


class House:
    def __init__(self, database: Store) -> None:
        self.people = PeopleStore(database, StillClock())
        self.store = DeviceStore(database)
        self.people.clock_moved("boot", 0.0, NOON)
        self.store.note(
            [Seen(V4, MAC, NOON), Seen(V6, MAC, NOON), Seen("192.0.2.11", at=NOON)], {}, NOON, lambda _: False
        )

    def put(self, id: int, **said: str) -> None:
        self.people.change("ada", "change", lambda _, trail: christening.put(trail, id, said))

    def make(self, mac: str, address: str, **said: str) -> int:
        return self.people.change("ada", "make", lambda _, trail: christening.make(trail, mac, address, said))

    def forget(self, id: int) -> None:
        self.people.change("ada", "forget", lambda _, trail: christening.forget(trail, id))

    def undo(self) -> None:
        self.people.undo(self.people.changes(1)[0].id, "ada")

    def named(self) -> dict[int, tuple[str, str]]:
        return {id: (one.name, one.group) for id, one in self.store.read().devices.items()}

    def device(self, id: int) -> Known:
        return self.store.read().devices[id]

    def clients(self) -> list[str]:
        return [one.client for one in self.people.rules()] + [one.client for one in self.people.pauses()]


@pytest.fixture
def house(database: Store) -> House:
    return House(database)


def test_naming_and_grouping_and_taking_it_back(house: House) -> None:
    house.put(1, name="TV", group="kids")
    assert house.named() == {1: ("TV", "kids"), 2: ("", "")}
    house.store.note([Seen(V4, MAC, NOON + 500.0)], {V4: (0, "tv.lan")}, NOON + 500, lambda _: False)
    house.undo()  # though it was seen meanwhile
    assert house.named() == {1: ("", ""), 2: ("", "")}
    assert house.device(1).host == "tv.lan"
    house.undo()
    assert house.named() == {1: ("TV", "kids"), 2: ("", "")}


def test_what_is_kept_of_a_device(house: House) -> None:
    new = house.make(OTHER, "", privacy="off")
    house.put(1, privacy="no-client")
    assert (house.device(1).privacy, house.device(new).privacy) == ("no-client", "off")
    house.undo()
    assert (house.device(1).privacy, house.device(new).privacy) == ("", "off")


def test_what_is_for_a_device_follows_its_name(house: House) -> None:
    house.people.add(NewRule("allow", "a.example", V4))
    house.people.pause(NewPause(NOON + 600.0, V6))
    house.people.add(NewRule("allow", "a.example", "192.0.2.99"))
    house.put(1, name="TV")
    assert house.clients() == ["tv", "192.0.2.99", "tv"]
    house.put(1, name="Telly")
    assert house.clients() == ["telly", "192.0.2.99", "telly"]
    house.put(1, name="telly")  # capitals make no difference
    house.put(1, group="kids")
    assert house.clients() == ["telly", "192.0.2.99", "telly"]
    naming = house.people.changes(4)[3].id
    with pytest.raises(ConflictError, match="changed since"):
        house.people.undo(naming, "ada")


def test_a_name_is_one_devices(house: House) -> None:
    house.put(1, name="TV")
    with pytest.raises(ConflictError, match="another device is called TV"):
        house.put(2, name="tv")
    assert house.named() == {1: ("TV", ""), 2: ("", "")}


def test_devices_that_were_never_seen(house: House) -> None:
    tablet = house.make(OTHER, "", name="tablet")
    printer = house.make("", "192.0.2.50", name="printer", group="things")
    assert house.device(tablet) == Known(tablet, "tablet", "", OTHER, "", 0.0, 0.0, ())
    assert house.device(printer).addresses == (("192.0.2.50", NOON),)
    house.store.note([Seen("192.0.2.12", OTHER, NOON + 50.0)], {}, NOON + 50, lambda _: False)
    assert house.device(tablet).first == NOON + 50
    house.people.add(NewRule("deny", "a.example", "192.0.2.60"))
    house.make("", "192.0.2.60", name="camera")
    assert house.clients() == ["camera"]


def test_one_that_was_seen_meanwhile_is_not_made_twice(house: House) -> None:
    assert house.make("", V4, name="tv") == 1
    assert house.make(MAC, "192.0.2.77", group="kids") == 1
    assert house.named() == {1: ("tv", "kids"), 2: ("", "")}


def test_forgetting_and_taking_it_back(house: House) -> None:
    house.put(1, name="TV", group="kids")
    before = house.device(1)
    house.forget(1)
    assert house.named() == {2: ("", "")}
    assert V4 not in house.store.roll.by_address
    house.store.note([Seen(V4, MAC, NOON + 50.0)], {}, NOON + 50, lambda _: False)  # it asks again
    assert house.named() == {2: ("", ""), 3: ("", "")}
    house.undo()
    house.store.note([], {}, NOON + 50, lambda _: False)
    assert house.named() == {1: ("TV", "kids"), 2: ("", "")}
    assert house.device(1).addresses == ((V4, NOON + 50),)
    assert before.mac == MAC


def test_a_device_that_is_known_by_address_comes_back_with_it(house: House) -> None:
    house.put(2, name="printer")
    before = house.device(2)
    house.forget(2)
    assert "192.0.2.11" not in house.store.read().by_address
    house.undo()
    assert house.device(2) == before


def test_what_something_is_for_is_not_forgotten(house: House) -> None:
    house.put(1, name="TV")
    rule = house.people.add(NewRule("allow", "a.example", "tv")).rule
    with pytest.raises(ConflictError, match=rf"First: lull rules delete {rule.id} \(allow a.example\)$"):
        house.forget(1)
    house.people.pause(NewPause(NOON + 600.0, "tv"))
    with pytest.raises(ConflictError, match=r"a.example\); lull pause --end --client TV$"):
        house.forget(1)
    house.people.delete(rule.id)
    house.people.end(client="tv")
    house.forget(1)
    assert house.named() == {2: ("", "")}


def test_a_device_that_became_another_is_told(house: House) -> None:
    house.store.note([Seen("192.0.2.11", MAC)], {}, NOON, lambda _: False)
    with pytest.raises(ConflictError, match="not there any more"):
        house.put(2, name="box")
    with pytest.raises(ConflictError, match="not there any more"):
        house.forget(2)
