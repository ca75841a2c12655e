import pathlib

from resolver.store.pauses import NewPause
from resolver.store.people import PeopleStore
from tests.store.making import NOON, StillClock, look


def test_a_longer_pause_takes_the_place_of_a_shorter(people: PeopleStore) -> None:
    first = people.pause(NewPause(NOON + 60, group="kids", who="ada"))
    assert first.created
    assert not people.pause(NewPause(NOON + 30, group="kids")).created
    longer = people.pause(NewPause(NOON + 90, group="kids"))
    assert longer.replaced == (first.pause,)
    everyone = people.pause(NewPause(NOON + 10))
    assert people.pauses() == [longer.pause, everyone.pause]


def test_ending_one_those_of_a_scope_or_all(people: PeopleStore) -> None:
    kids = people.pause(NewPause(NOON + 60, group="kids")).pause
    tv = people.pause(NewPause(NOON + 60, client="tv")).pause
    everyone = people.pause(NewPause(NOON + 60)).pause
    assert people.end(client="phone") == people.end(group="tv") == people.end(99) == []
    assert people.end(tv.id) == [tv]
    assert people.end(tv.id) == []
    assert people.end(group="kids") == [kids]
    again = people.pause(NewPause(NOON + 60, client="tv")).pause
    assert people.end() == [everyone, again]
    assert people.pauses() == []


def test_what_it_is_called(people: PeopleStore) -> None:
    people.pause(NewPause(NOON + 1800, group="kids", who="ada"))
    people.pause(NewPause(NOON + 3600))
    people.end(group="kids", who="bob")
    people.pause(NewPause(NOON + 60, client="tv"))
    people.end(who="eve")
    assert [(change.who, change.what) for change in reversed(people.changes())] == [
        ("ada", "pause for group kids for 30 min"),
        ("", "pause for everyone for 1 h"),
        ("bob", "end the pause for group kids"),
        ("", "pause for tv for 1 min"),
        ("eve", "end 2 pauses"),
    ]


def test_one_that_has_ended_is_as_good_as_none(people: PeopleStore, clock: StillClock, path: pathlib.Path) -> None:
    people.pause(NewPause(NOON + 60))
    clock.now += 60
    assert people.pauses() == []
    assert people.pause(NewPause(NOON + 90)).created
    assert look(path, "SELECT until FROM pauses") == [(NOON + 90.0,)]
