from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import insert, select

from resolver.store.accountrows import Session, read_sessions
from resolver.store.face import Store
from resolver.store.sessions import IDLE, LIFE, MOST, MOST_OF_ONE, Sessions, write
from resolver.store.tables import sessions as table

NOW = 1_767_268_800.0


def session(digest: str, user: int = 1, seen: float = NOW) -> Session:
    return Session(digest, user, NOW, seen, NOW + LIFE, "192.0.2.1", "a browser")


def store(database: Store, sessions: Sessions) -> list[str]:
    """Write what waits; the digests that the table has then."""
    waiting = sessions.waiting()
    if waiting is not None:
        database.run(lambda connection: write(connection, waiting))
        sessions.written(waiting)
    return sorted(one.digest for one in database.read(read_sessions))


def test_a_session_is_found_until_it_is_over() -> None:
    sessions = Sessions()
    sessions.begin(session("one"))
    assert sessions.find("one", NOW) is not None
    assert sessions.find("other", NOW) is None
    found = sessions.find("one", NOW + IDLE - 1)
    assert found is not None
    assert found.seen == NOW + IDLE - 1, "it is seen by that"
    assert sessions.find("one", NOW + 2 * IDLE - 2) is not None
    assert sessions.find("one", NOW + 3 * IDLE - 2) is None
    assert sessions.all(NOW) == []


def test_using_it_does_not_make_it_last_for_ever() -> None:
    sessions, now = Sessions(), NOW
    sessions.begin(session("one"))
    while now < NOW + LIFE - 86_400:
        now += 86_400
        assert sessions.find("one", now) is not None
    assert sessions.find("one", NOW + LIFE) is None


def test_the_one_not_used_for_longest_gives_way() -> None:
    sessions = Sessions()
    for number in range(MOST_OF_ONE):
        sessions.begin(session(f"{number}", seen=NOW + number))
    sessions.find("0", NOW + 1000)
    sessions.begin(session("new"))
    there = {one.digest for one in sessions.all(NOW)}
    assert len(there) == MOST_OF_ONE
    assert {"0", "new"} <= there
    assert "1" not in there
    for number in range(MOST + 50):
        sessions.begin(session(f"of {number}", user=100 + number))
    assert len(sessions.all(NOW)) == MOST


def test_what_ends_is_gone_at_once() -> None:
    sessions = Sessions()
    for digest, user in (("a", 1), ("b", 1), ("c", 2)):
        sessions.begin(session(digest, user))
    assert {one.digest for one in sessions.end(lambda one: one.user == 1)} == {"a", "b"}
    assert sessions.find("a", NOW) is None
    assert sessions.find("c", NOW) is not None
    sessions.tidy(NOW, [1])
    assert sessions.find("c", NOW) is None, "nobody is user 2 any more"


def test_what_changed_is_written_once(database: Store) -> None:
    sessions = Sessions()
    assert sessions.waiting() is None
    for digest in ("a", "b"):
        sessions.begin(session(digest))
    assert store(database, sessions) == ["a", "b"]
    assert sessions.waiting() is None
    sessions.find("a", NOW + 10)
    assert sessions.waiting() is None, "a card need not be written for that"
    sessions.find("a", NOW + 1000)
    waiting = sessions.waiting()
    assert waiting is not None
    assert list(waiting.changed) == ["a"]
    sessions.end(lambda one: one.digest == "b")
    assert store(database, sessions) == ["a"]
    (row,) = database.read(read_sessions)
    assert row.seen == NOW + 1000


def test_what_ends_while_it_is_written_is_deleted_then(database: Store) -> None:
    sessions = Sessions()
    sessions.begin(session("a"))
    waiting = sessions.waiting()
    assert waiting is not None
    sessions.end(lambda _: True)
    database.run(lambda connection: write(connection, waiting))
    sessions.written(waiting)
    assert store(database, sessions) == []


def test_another_database_gets_these_and_no_others(database: Store) -> None:
    sessions = Sessions()
    sessions.begin(session("a"))
    store(database, sessions)
    stranger = {name: getattr(session("of a backup"), name) for name in Session.__struct_fields__}
    database.run(lambda connection: connection.execute(insert(table), [stranger]))
    sessions.write_anew()
    assert store(database, sessions) == ["a"]
    assert sessions.waiting() is None


def test_a_start_takes_over_what_is_stored_but_not_what_has_ended(database: Store) -> None:
    sessions = Sessions()
    sessions.begin(session("new"))
    sessions.begin(session("ended"))
    sessions.end(lambda one: one.digest == "ended")
    sessions.load([session("stored"), replace(session("new"), seen=0.0), session("ended")])
    assert {one.digest for one in sessions.all(NOW)} == {"new", "stored"}
    assert sessions.find("new", NOW) is not None
    assert store(database, sessions) == ["new"], "what was stored is stored already"


def test_the_table_holds_no_secret(database: Store) -> None:
    names = {column.name for column in select(table).selected_columns}
    assert names == {"digest", "user", "created", "seen", "ends", "address", "agent"}
