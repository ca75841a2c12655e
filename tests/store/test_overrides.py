import msgspec

from resolver.store import overrides
from resolver.store.overrides import NewOverride, Override
from resolver.store.people import PeopleStore
from tests.store.making import NOON, StillClock

LATER = NewOverride("bedtime", False, NOON + 60, NOON + 1860, group="kids", why="30 more minutes", who="ada")


def test_one_of_a_schedule_and_scope_takes_the_place_of_the_other(people: PeopleStore) -> None:
    first = people.put_override(LATER)
    assert first == Override(**msgspec.structs.asdict(LATER), id=1, created=NOON)
    assert people.overrides() == [first], "before it has begun, too"
    second = people.put_override(msgspec.structs.replace(LATER, on=True, begins=NOON, why=""))
    others = [
        people.put_override(msgspec.structs.replace(LATER, schedule="school")),
        people.put_override(msgspec.structs.replace(LATER, group="", client="tv")),
        people.put_override(msgspec.structs.replace(LATER, group="")),
    ]
    assert people.overrides() == [second, *others]
    assert people.end_overrides("bedtime", group="kids", who="bob") == [second]
    assert people.end_overrides("bedtime", group="kids") == []
    assert people.overrides() == others
    assert people.changes()[0].what == "schedule bedtime: as usual again for group kids"


def test_one_that_is_over_is_gone(people: PeopleStore, clock: StillClock) -> None:
    people.put_override(LATER)
    clock.now += 1860
    assert people.overrides() == []
    assert people.end_overrides("bedtime", group="kids") == []


def test_what_it_is_called() -> None:
    assert overrides.told(LATER, NOON) == "schedule bedtime: 30 more minutes for group kids"
    assert overrides.told(msgspec.structs.replace(LATER, why=""), NOON) == (
        "schedule bedtime: off for 30 min for group kids"
    )
    now = NewOverride("bedtime", True, NOON - 60, NOON + 3600, client="tv")
    assert overrides.told(now, NOON) == "schedule bedtime: on for 1 h for tv"
