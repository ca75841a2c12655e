import pathlib

import pytest
from sqlalchemy import Connection, update

from resolver.errors import ConflictError
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.tables import addresses, devices
from resolver.store.trail import Row, Trail
from tests.store.making import look

TV: Row = {"name": "tv", "group": "kids", "mac": "02:00:5e:10:00:01", "host": "", "first": 1.0, "last": 2.0}


def device(people: PeopleStore, row: Row, *where: str) -> Row:
    def work(_: Connection, trail: Trail) -> Row:
        made = trail.insert(devices, row)
        for address in where:
            trail.insert(addresses, {"address": address, "device": made["id"], "first": 1.0, "last": 2.0})
        return made

    return people.change("ada", "a device", work)


def forget(people: PeopleStore, id: int) -> None:
    def work(_: Connection, trail: Trail) -> None:
        for row in trail.rows(addresses, addresses.c.device == id):
            trail.delete(addresses, row)
        trail.delete(devices, trail.rows(devices, devices.c.id == id)[0])

    people.change("ada", "forget", work)


def test_sights_of_a_device_are_no_obstacle(people: PeopleStore, database: Database, path: pathlib.Path) -> None:
    tv = device(people, TV)
    people.change("ada", "rename", lambda _, trail: trail.update(devices, tv, {"name": "television", "group": ""}))
    database.run(lambda connection: connection.execute(update(devices).values(last=99.0, host="tv-1", mac="")))
    people.undo(2)
    assert look(path, 'SELECT name, "group", last, host FROM devices') == [("tv", "kids", 99.0, "tv-1")]
    people.undo(1)
    assert look(path, "SELECT name FROM devices") == []


def test_a_device_that_was_forgotten_and_seen_again(people: PeopleStore, path: pathlib.Path) -> None:
    tv = device(people, TV, "192.0.2.1", "192.0.2.2")
    forget(people, tv["id"])
    again = device(people, {**TV, "name": "", "group": ""}, "192.0.2.2", "192.0.2.3")
    people.undo(2)
    assert look(path, "SELECT id, name FROM devices") == [(tv["id"], "tv")]
    assert look(path, "SELECT address, device FROM addresses ORDER BY 1") == [
        (f"192.0.2.{number}", tv["id"]) for number in (1, 2, 3)
    ]
    people.undo(4)
    assert look(path, "SELECT id, name FROM devices") == [(again["id"], "")]


def test_a_name_that_another_device_has_by_now(people: PeopleStore, path: pathlib.Path) -> None:
    tv = device(people, TV, "192.0.2.1")
    forget(people, tv["id"])
    device(people, {**TV, "name": "TV", "mac": ""}, "192.0.2.1")
    with pytest.raises(ConflictError, match="the device TV stands in its place"):
        people.undo(2)
    assert look(path, "SELECT name FROM devices") == [("TV",)]


def test_devices_without_a_name_are_not_alike(people: PeopleStore, path: pathlib.Path) -> None:
    one = device(people, {**TV, "name": "", "mac": ""})
    forget(people, one["id"])
    device(people, {**TV, "name": "", "mac": ""})
    people.undo(2)
    assert len(look(path, "SELECT id FROM devices")) == 2


def test_a_name_that_rules_are_for_by_now(people: PeopleStore) -> None:
    tv = device(people, {**TV, "name": "television"})
    people.change("ada", "rename", lambda _, trail: trail.update(devices, tv, {"name": "Tv"}))
    rule = people.add(NewRule("deny", "a.example", client="tv")).rule
    for id in (1, 2):
        with pytest.raises(ConflictError):
            people.undo(id)
    with pytest.raises(ConflictError, match=r"deny a.example for tv was made since, by change 3 .*: take that back"):
        people.undo(2)
    people.delete(rule.id)
    people.undo(2)
    people.undo(1)
