"""That nothing of people's is lost or half done, whatever happens to the database."""

import pathlib
import sqlite3
import threading

import pytest
from sqlalchemy import Connection

from resolver.errors import StoreError
from resolver.store import engines
from resolver.store.database import Database
from resolver.store.face import Kept
from resolver.store.overrides import NewOverride
from resolver.store.pauses import NewPause
from resolver.store.people import PeopleStore
from resolver.store.repairs import Repair
from resolver.store.rules import NewRule
from resolver.store.sites import NewSite
from resolver.store.tables import devices, pauses, rules
from resolver.store.trail import Trail
from tests.store.making import NOON, StillClock, count, garbage, look, remember


def test_what_has_ended_is_gone(people: PeopleStore, clock: StillClock, path: pathlib.Path) -> None:
    ended = people.add(NewRule("allow", "a.example", until=NOON + 60)).rule
    people.add(NewRule("allow", "b.example"))
    people.pause(NewPause(NOON + 60))
    clock.now = NOON + 60
    assert [rule.name for rule in people.rules()] == ["b.example"]
    assert people.pauses() == []
    assert people.delete(ended.id) is None
    assert look(path, "SELECT name FROM rules") == [("b.example",)]
    assert look(path, "SELECT * FROM pauses") == []
    assert people.add(NewRule("allow", "a.example", until=NOON + 120)).created


def test_nothing_is_half_done_when_the_database_is_locked(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_WAIT", 0.05)
    database = Database.open(path)
    people = PeopleStore(database)
    deny = people.add(NewRule("deny", "a.example")).rule
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    for change in (
        lambda: people.add(NewRule("allow", "a.example")),
        lambda: people.delete(deny.id),
        lambda: people.pause(NewPause(NOON * 2)),
        people.end,
        lambda: people.put_site(NewSite("news.example")),
        lambda: people.delete_site("news.example"),
        lambda: people.put_override(NewOverride("bedtime", True, 1.0, NOON * 2)),
        lambda: people.end_overrides("bedtime"),
        lambda: remember(people, Repair("news.example", "tv", "{}", NOON * 2)),
        lambda: people.undo(1),
        lambda: people.clock_moved("boot", 5.0, 10.0),
        lambda: people.seen(10.0),
    ):
        with pytest.raises(StoreError, match="another process holds the database locked"):
            change()
    assert people.rules() == [deny]
    assert (people.pauses(), people.sites(), people.overrides()) == ([], [], [])
    blocker.close()
    assert look(path, "SELECT action FROM rules") == [("deny",)]
    assert count(path, "changes") == 1
    assert people.add(NewRule("allow", "a.example")).replaced == (deny,)
    database.close()


def test_work_that_fails_leaves_nothing(people: PeopleStore, path: pathlib.Path) -> None:
    def work(_: Connection, trail: Trail) -> None:
        trail.delete(rules, trail.rows(rules)[0])
        raise KeyError

    rule = people.add(NewRule("deny", "a.example")).rule
    with pytest.raises(KeyError):
        people.change("ada", "fails", work)
    assert people.rules() == [rule]
    assert count(path, "rules") == count(path, "changes") == 1


def test_many_things_in_one_change(people: PeopleStore) -> None:
    people.add(NewRule("deny", "a.example"))
    people.pause(NewPause(NOON + 60))

    def work(_: Connection, trail: Trail) -> str:
        for table in (rules, pauses):
            for row in trail.rows(table):
                trail.delete(table, row)
        trail.what = "all of it"
        return "done"

    assert people.change("ada", "some of it", work) == "done"
    assert (people.rules(), people.pauses()) == ([], [])
    assert (people.changes()[0].who, people.changes()[0].what) == ("ada", "all of it")
    people.undo(3)
    assert len(people.rules()) == len(people.pauses()) == 1


def test_lists_that_were_never_read_are_an_error(path: pathlib.Path) -> None:
    path.mkdir()
    database = Database.open(path)
    people = PeopleStore(database)
    for ask in (people.rules, people.own_sites, people.overrides, people.hits, people.changes, people.repairs):
        with pytest.raises(StoreError):
            ask()
    path.rmdir()
    assert people.rules() == []
    database.close()


def test_all_of_it_outlives_the_file(people: PeopleStore, path: pathlib.Path) -> None:
    first = people.add(NewRule("deny", "a.example")).rule
    people.delete(first.id)
    kept = [
        people.add(NewRule("deny", "b.example", text="||b.example^$dnstype=A", who="ada")).rule,
        people.add(NewRule("allow", "c.example", until=NOON + 9, exact=True)).rule,
    ]
    pause = people.pause(NewPause(NOON + 60, client="192.0.2.1")).pause
    site = people.put_site(NewSite("news.example", ("x.example", "y.example"))).site
    override = people.put_override(NewOverride("bedtime", False, NOON, NOON + 60, why="not today"))
    garbage(path)
    assert people.rules() == kept
    new = people.add(NewRule("deny", "d.example")).rule
    assert people.rules() == [*kept, new]
    assert (people.pauses(), people.sites(), people.overrides()) == ([pause], [site], [override])
    assert look(path, "SELECT id, name FROM rules") == [(rule.id, rule.name) for rule in [*kept, new]]
    path.unlink()
    assert people.end(pause.id) == [pause]
    assert people.rules() == [*kept, new]
    assert people.sites() == [site]
    assert [change.what for change in people.changes()] == ["end the pause for 192.0.2.1"], "the trail begins anew"


def test_what_others_remember_outlives_it_too(people: PeopleStore, path: pathlib.Path) -> None:
    row = {"name": "tv", "group": "kids", "mac": "", "host": "", "first": 1.0, "last": 2.0}
    people.change("ada", "a device", lambda _, trail: trail.insert(devices, row))
    remembered: Kept = {"devices": [{**row, "id": 1, "name": "remembered"}]}
    people.beside = lambda: remembered
    path.unlink()
    people.add(NewRule("deny", "a.example"))
    assert look(path, "SELECT name FROM devices") == [("remembered",)]


def test_what_nobody_remembers_is_read_out_of_the_damaged_file(people: PeopleStore, path: pathlib.Path) -> None:
    """Here devices, as nobody has set `beside`."""
    row = {"name": "tv", "group": "kids", "mac": "", "host": "", "first": 1.0, "last": 2.0}
    people.change("ada", "a device", lambda _, trail: trail.insert(devices, row))
    rule = people.add(NewRule("deny", "a.example")).rule
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE feeds")
        connection.execute("DELETE FROM rules")
    connection.close()
    people.seen(NOON)  # does not meet it
    database_error(people)
    assert people.rules() == [rule]
    assert look(path, "SELECT name FROM devices") == [("tv",)]
    assert look(path, "SELECT name FROM rules") == [("a.example",)], "these were remembered"


def database_error(people: PeopleStore) -> None:
    """Meet the table that is missing."""
    people.change("", "", lambda connection, _: connection.exec_driver_sql("SELECT * FROM feeds").all())


def test_by_many_threads(people: PeopleStore) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(5):
                rule = people.add(NewRule("deny", f"n{number}.s{step}.example")).rule
                if step % 2:
                    people.delete(rule.id)
                people.clock_moved("boot", float(NOON), float(NOON))
                people.rules()
        except BaseException as error:  # noqa: BLE001 - looked at below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(people.rules()) == 18
    assert len(people.changes()) == 42
