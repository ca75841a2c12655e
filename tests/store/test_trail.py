import pathlib

import msgspec
import pytest
from sqlalchemy import insert, select

from resolver.store import trail as module
from resolver.store.changes import items, read
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.tables import addresses, changes, hits, pauses, rules
from resolver.store.trail import Item, Row, Trail, items_of, key_of
from tests.store.making import NOON, count, in_change, look

PAUSE: Row = {"client": "tv", "group": "", "until": NOON + 60.0, "created": float(NOON), "who": "ada"}
RULE: Row = {
    "action": "deny",
    "name": "a\0.example",
    "client": "",
    "group": "",
    "until": None,
    "comment": '"',
    "who": "ada",
    "created": 1.5,
    "origin": "api",
    "exact": False,
    "text": "",
}


def test_what_is_done_is_noted(database: Database, path: pathlib.Path) -> None:
    def work(trail: Trail) -> None:
        row = trail.insert(pauses, PAUSE)
        assert row == {**PAUSE, "id": 1}
        assert trail.rows(pauses, pauses.c.client == "tv") == [row]
        assert trail.row(pauses, 1) == row
        longer = trail.update(pauses, row, {"until": NOON + 90.0})
        assert trail.update(pauses, longer, {"until": NOON + 90.0}) is not longer
        trail.insert(rules, RULE)
        trail.delete(pauses, longer)

    in_change(database, work)
    (change,) = database.read(lambda connection: read(connection, 10, None))
    first, longer = {**PAUSE, "id": 1}, {**PAUSE, "id": 1, "until": NOON + 90.0}
    assert (change.id, change.at, change.who, change.what, change.undone) == (1, NOON, "ada", "something", None)
    assert database.read(lambda connection: items(connection, 1)) == [
        Item("pauses", None, first),
        Item("pauses", first, longer),
        Item("rules", None, {**RULE, "id": 1}),
        Item("pauses", longer, None),
    ]
    assert look(path, "SELECT id FROM pauses") == []


def test_nothing_done_is_nothing_to_tell(database: Database, path: pathlib.Path) -> None:
    in_change(database, lambda trail: trail.rows(pauses))
    assert count(path, "changes") == 0


def test_what_has_ended_is_not_there(database: Store) -> None:
    in_change(database, lambda trail: trail.insert(pauses, PAUSE))
    assert in_change(database, lambda trail: trail.rows(pauses), NOON + 59) != []
    assert in_change(database, lambda trail: (trail.rows(pauses), trail.row(pauses, 1)), NOON + 60) == ([], None)
    put_back = in_change(database, lambda trail: trail.insert(pauses, {**PAUSE, "id": 1, "until": 9e9}), NOON + 60)
    assert put_back["id"] == 1


def test_hits_go_with_their_rule(database: Database, path: pathlib.Path) -> None:
    row = in_change(database, lambda trail: trail.insert(rules, RULE))
    with_hits = [{"key": key, "count": 1, "last": NOON} for key in ("rule:1", "rule:11", "site:1")]
    database.run(lambda connection: connection.execute(insert(hits), with_hits))
    in_change(database, lambda trail: trail.delete(rules, row))
    assert look(path, "SELECT key FROM hits ORDER BY key") == [("rule:11",), ("site:1",)]
    database.run(lambda connection: connection.execute(insert(hits), with_hits[:1]))
    in_change(database, lambda trail: trail.insert(rules, row))
    assert look(path, "SELECT key FROM hits ORDER BY key") == [("rule:11",), ("site:1",)], "it starts anew"


def test_the_trail_is_bounded(database: Database, path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_CHANGES", 3)
    for number in range(5):
        in_change(database, lambda trail: trail.insert(pauses, PAUSE), NOON + number * 86_400)
    assert look(path, "SELECT id FROM changes ORDER BY id") == [(3,), (4,), (5,)]
    in_change(database, lambda trail: trail.insert(pauses, PAUSE), NOON + 3 * 86_400 + 400 * 86_400.0 + 1)
    assert look(path, "SELECT id FROM changes ORDER BY id") == [(5,), (6,)]
    (length,) = look(path, "SELECT length(items) FROM changes WHERE id = 6")[0]
    assert isinstance(length, int)
    monkeypatch.setattr(module, "KEPT_SIZE", 2 * length)
    for _ in range(3):
        in_change(database, lambda trail: trail.insert(pauses, PAUSE), NOON + 404 * 86_400)
    assert look(path, "SELECT id FROM changes ORDER BY id") == [(8,), (9,)]
    monkeypatch.setattr(module, "KEPT_SIZE", 10)
    in_change(database, lambda trail: trail.insert(pauses, PAUSE), NOON + 404 * 86_400)
    assert look(path, "SELECT id FROM changes ORDER BY id") == [(10,)], "the newest stays, however long"


def test_words_are_bounded(database: Database, path: pathlib.Path) -> None:
    def work(trail: Trail) -> None:
        trail.who = trail.what = "x" * 1000
        trail.insert(pauses, PAUSE)

    in_change(database, work)
    assert look(path, "SELECT length(who), length(what) FROM changes") == [(500, 500)]


def test_items_survive(database: Store) -> None:
    in_change(database, lambda trail: trail.insert(rules, {**RULE, "until": 0.1 + 0.2}))
    stored = database.read(lambda connection: connection.scalars(select(changes.c["items"])).one())
    assert items_of(stored) == [Item("rules", None, {**RULE, "until": 0.1 + 0.2, "id": 1})]
    assert msgspec.json.decode(stored)[0][:2] == ["rules", None]


def test_the_key_of_a_table() -> None:
    assert (key_of(rules), key_of(addresses)) == (rules.c.id, addresses.c.address)
