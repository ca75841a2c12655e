"""Wall-clock jumps: nothing lasts longer or ends sooner for them, and nothing is lost."""

import pathlib

import pytest

from resolver.store.clockrow import Reading, drop_ended, follow, seen
from resolver.store.database import Database
from resolver.store.overrides import NewOverride
from resolver.store.pauses import NewPause
from resolver.store.people import PeopleStore
from resolver.store.repairs import Repair
from resolver.store.rules import NewRule
from resolver.store.sites import NewSite
from tests.store.making import NOON, StillClock, look, remember

YEAR = 365 * 86_400.0


def tick(people: PeopleStore, clock: StillClock, boot: str = "boot") -> float:
    return people.clock_moved(boot, clock.offset, clock.time())


def begin(people: PeopleStore) -> None:
    people.add(NewRule("allow", "a.example", until=NOON + 600))
    people.add(NewRule("deny", "b.example"))
    people.pause(NewPause(NOON + 600))
    people.put_site(NewSite("news.example", everything=True, until=NOON + 600))
    people.put_override(NewOverride("bedtime", False, NOON + 60, NOON + 600))
    remember(people, Repair("news.example", "tv", "{}", NOON + 600))


def ends(path: pathlib.Path) -> set[object]:
    found = (look(path, f"SELECT until FROM {name}") for name in ("rules", "pauses", "sites", "overrides", "repairs"))
    return {until for rows in found for (until,) in rows}


@pytest.mark.parametrize("by", [2 * YEAR, -3 * YEAR, 3600.0, -1.5])
def test_an_exception_lasts_as_long_as_was_said(
    people: PeopleStore, clock: StillClock, path: pathlib.Path, by: float
) -> None:
    begin(people)
    clock.now += 300
    clock.wrong = by
    assert len(people.rules()) == 2, "nothing changes before the jump was followed"
    assert tick(people, clock) == by
    assert tick(people, clock) == 0.0
    assert ends(path) == {None, NOON + 600 + by}
    assert look(path, "SELECT begins FROM overrides") == [(NOON + 60 + by,)]
    assert people.own_rules()[0].until == NOON + 600 + by
    clock.now += 299
    assert len(people.rules()) == 2
    clock.now += 1
    tick(people, clock)
    assert [rule.name for rule in people.rules()] == ["b.example"]
    assert [people.pauses(), people.sites(), people.overrides(), people.repairs()] == [[], [], [], []]
    clock.wrong = 0
    assert tick(people, clock) == -by
    assert [rule.name for rule in people.rules()] == ["b.example"], "and setting it right brings nothing back"


def test_to_and_fro(people: PeopleStore, clock: StillClock, path: pathlib.Path) -> None:
    begin(people)
    for wrong in (YEAR, -YEAR, 0.0):
        clock.wrong = wrong
        tick(people, clock)
    assert ends(path) == {None, NOON + 600.0}


def test_a_change_catches_up_by_itself(people: PeopleStore, clock: StillClock, path: pathlib.Path) -> None:
    """Should it come before control has noticed."""
    begin(people)
    clock.wrong = 2 * YEAR
    people.add(NewRule("allow", "c.example", until=clock.time() + 60))
    assert [(rule.name, rule.until) for rule in people.rules()] == [
        ("a.example", NOON + 600 + 2 * YEAR),
        ("b.example", None),
        ("c.example", NOON + 60 + 2 * YEAR),
    ]
    assert tick(people, clock) == 0.0
    assert ends(path) == {None, NOON + 600 + 2 * YEAR, NOON + 60 + 2 * YEAR}


def test_a_change_can_still_be_taken_back(people: PeopleStore, clock: StillClock) -> None:
    begin(people)
    people.end()
    clock.wrong = -YEAR
    tick(people, clock)
    people.undo(6)
    assert [pause.until for pause in people.pauses()] == [NOON + 600 - YEAR]
    people.undo(1)
    assert [rule.name for rule in people.rules()] == ["b.example"]


def test_a_restart_of_control_alone(database: Database, clock: StillClock, path: pathlib.Path) -> None:
    before = PeopleStore(database, clock)
    tick(before, clock)
    begin(before)
    clock.now += 100
    clock.wrong = YEAR
    after = PeopleStore(database, clock)
    assert tick(after, clock) == YEAR
    assert ends(path) == {None, NOON + 600 + YEAR}


@pytest.mark.parametrize(
    ("came_up", "moved"), [(NOON + 5000.0, 0.0), (NOON + 120.0, 0.0), (NOON - YEAR, -YEAR - 120), (0.0, -NOON - 120.0)]
)
def test_a_restart_of_the_machine(
    people: PeopleStore, database: Database, path: pathlib.Path, came_up: float, moved: float
) -> None:
    """One that has lost its time goes on from where it was."""
    begin(people)
    people.seen(NOON + 120)
    after = PeopleStore(database, StillClock(came_up))
    assert after.clock_moved("another", came_up - 3, came_up) == moved
    assert ends(path) == {None, NOON + 600 + moved}
    assert after.clock_moved("another", NOON + 7.0, NOON + 10) == NOON + 10 - came_up, "and then it is told"


def test_a_machine_that_does_not_tell_its_boot(database: Database, clock: StillClock, path: pathlib.Path) -> None:
    people = PeopleStore(database, clock)
    assert tick(people, clock, "") == 0.0
    begin(people)
    clock.wrong = 50.0
    assert tick(people, clock, "") == 50.0
    again = PeopleStore(database, clock)
    assert again.clock_moved("", 5.0, clock.time()) == 0.0, "its offset means nothing here"
    assert ends(path) == {None, NOON + 650.0}


def test_before_the_clock_is_followed_nothing_is_forgotten(
    database: Database, clock: StillClock, path: pathlib.Path
) -> None:
    people = PeopleStore(database, clock)
    begin(people)
    clock.now += 600
    assert [rule.name for rule in people.rules()] == ["b.example"]
    assert people.add(NewRule("allow", "a.example", until=NOON + 900)).replaced == ()
    assert look(path, "SELECT count(*) FROM rules") == [(3,)]
    tick(people, clock)
    people.add(NewRule("deny", "c.example"))
    assert look(path, "SELECT name FROM rules") == [("b.example",), ("a.example",), ("c.example",)]


def test_a_clock_that_drifts_is_let_be(people: PeopleStore, clock: StillClock, path: pathlib.Path) -> None:
    begin(people)
    clock.wrong = 0.9
    assert tick(people, clock) == 0.0
    clock.wrong = 1.8
    assert tick(people, clock) == pytest.approx(1.8), "by all that it has come to"


def test_a_database_begun_anew_goes_on(people: PeopleStore, clock: StillClock, path: pathlib.Path) -> None:
    begin(people)
    path.unlink()
    clock.wrong = YEAR
    assert tick(people, clock) == YEAR
    assert ends(path) == {None, NOON + 600 + YEAR}
    path.unlink()
    assert people.hits() == {}
    assert look(path, "SELECT count(*) FROM clock") == [(0,)]
    assert tick(people, clock) == 0.0
    assert look(path, "SELECT boot FROM clock") == [("boot",)]


def test_the_row_itself(database: Database, path: pathlib.Path) -> None:
    def moved(reading: Reading) -> float:
        return database.run(lambda connection: follow(connection, reading, None))

    assert moved(Reading("a", 100.0, 500.0)) == 0.0
    database.run(lambda connection: seen(connection, 560.0))
    assert look(path, "SELECT * FROM clock") == [(1, "a", 100.0, 560.0)]
    assert moved(Reading("a", 99.5, 570.0)) == 0.0
    assert moved(Reading("a", 90.0, 480.0)) == -10.0
    assert moved(Reading("b", 5.0, 470.0)) == -10.0
    assert look(path, "SELECT * FROM clock") == [(1, "b", 5.0, 470.0)]
    database.run(lambda connection: drop_ended(connection, 1.0))
