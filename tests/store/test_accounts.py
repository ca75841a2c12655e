from __future__ import annotations

import pathlib
import sqlite3
import threading

import pytest
from sqlalchemy import Connection, delete, insert, update

from resolver.errors import ConflictError, StoreError
from resolver.store import changes
from resolver.store.accountrows import Session, Token, User
from resolver.store.accounts import MOST_NOTES, AccountStore
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.people import PeopleStore
from resolver.store.sessions import LIFE
from resolver.store.tables import requests, tokens, users
from tests.admin.parts import NOON, StillClock


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def store(database: Store, clock: StillClock) -> AccountStore:
    made = AccountStore(database, clock)
    PeopleStore(database, clock).beside = made.beside
    made.read()
    return made


def add(store: AccountStore, name: str = "anna", totp: str = "") -> User:
    values = {"name": name, "role": "admin", "password": "$argon2id$", "totp": totp, "step": 0, "device": ""}
    row = {**values, "grants": False, "created": NOON, "seen": None}
    store.change("a test", f"add {name}", lambda connection: connection.execute(insert(users).values(**row)).rowcount)
    assert store.picture is not None
    found = store.picture.named(name)
    assert found is not None
    return found


def add_token(store: AccountStore, name: str = "x") -> Token:
    row = {"name": name, "digest": f"digest of {name}", "scopes": "read log", "who": "anna", "created": NOON}
    row |= {"expires": None, "seen": None}
    store.change("a test", "", lambda connection: connection.execute(insert(tokens).values(**row)).rowcount)
    assert store.picture is not None
    return store.picture.tokens[f"digest of {name}"]


def told(database: Store) -> list[tuple[str, str]]:
    """The trail, newest first."""
    return [(row.who, row.what) for row in database.read(lambda connection: changes.read(connection, 100, None))]


def test_a_change_is_known_stored_and_told(store: AccountStore, database: Store, clock: StillClock) -> None:
    user = add(store)
    assert (user.id, user.name, user.seen) == (1, "anna", None)
    other = AccountStore(database, clock)
    assert other.picture is None
    assert other.stale
    other.read()
    assert other.picture == store.picture
    assert not other.stale
    assert told(database) == [("a test", "add anna")]


def test_what_is_told_of_users_cannot_be_taken_back(
    store: AccountStore, database: Store, clock: StillClock, path: pathlib.Path
) -> None:
    add(store)
    people = PeopleStore(database, clock)
    (row,) = people.changes()
    assert not row.undoable
    with pytest.raises(ConflictError, match="of a kind that cannot be taken back"):
        people.undo(row.id)
    with sqlite3.connect(path) as connection:
        assert connection.execute('SELECT "items" FROM changes').fetchall() == [("[]",)]


def test_a_change_that_fails_leaves_nothing(store: AccountStore, database: Store) -> None:
    def work(connection: Connection) -> None:
        connection.execute(delete(users))
        raise ConflictError("no")

    add(store)
    with pytest.raises(ConflictError):
        store.change("a test", "delete all", work)
    assert store.picture is not None
    assert len(store.picture.users) == 1
    assert told(database) == [("a test", "add anna")]


def test_all_goes_on_from_memory_while_the_database_is_locked(
    store: AccountStore, database: Store, clock: StillClock, path: pathlib.Path
) -> None:
    user, token = add(store, totp="SECRET"), add_token(store)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.sessions.begin(Session("d", user.id, NOON, NOON, NOON + LIFE, "192.0.2.1", ""))
    store.signed_in(user.id)
    assert store.use_step(user, 5)
    store.use_token(token)
    store.note("anna", "sign in")
    assert store.sessions.find("d", NOON) is not None
    assert store.picture is not None
    assert store.picture.users[user.id].seen == NOON
    with pytest.raises(StoreError):
        store.flush()
    other.execute("ROLLBACK")
    other.close()
    store.flush()
    late = AccountStore(database, clock)
    late.read()
    assert late.picture == store.picture
    assert [one.digest for one in late.sessions.all(NOON)] == ["d"]
    assert told(database)[0] == ("anna", "sign in")


def test_users_and_tokens_are_put_into_a_database_begun_anew(
    store: AccountStore, database: Store, clock: StillClock, path: pathlib.Path
) -> None:
    user = add(store, totp="SECRET")
    add_token(store)
    store.use_step(user, 7)
    store.sessions.begin(Session("d", user.id, NOON, NOON, NOON + LIFE, "192.0.2.1", ""))
    store.flush()
    path.write_bytes(b"\0" * 8192)
    store.note("anna", "sign in")
    store.flush()
    assert store.stale, "another file stands there"
    before = store.picture
    store.read()
    assert store.picture == before
    store.flush()
    late = AccountStore(database, clock)
    late.read()
    assert late.picture == before
    assert late.picture is not None
    assert late.picture.users[user.id].step == 7
    assert [one.digest for one in late.sessions.all(NOON)] == ["d"], "sessions go on too"


def test_a_database_that_somebody_put_there_is_believed_but_not_its_sessions(
    store: AccountStore, database: Store, clock: StillClock, path: pathlib.Path
) -> None:
    anna = add(store)
    store.sessions.begin(Session("of anna", anna.id, NOON, NOON, NOON + LIFE, "", ""))
    store.flush()
    other = path.with_name("other.db")
    backup = Database.open(other, clock)
    theirs = AccountStore(backup, clock)
    theirs.read()
    ben = add(theirs, "ben")
    theirs.sessions.begin(Session("of ben, ended since", ben.id, NOON, NOON, NOON + LIFE, "", ""))
    theirs.flush()
    backup.close()
    other.replace(path)
    for name in ("lull.db-wal", "lull.db-shm"):
        path.with_name(name).unlink(missing_ok=True)
    store.note("", "have it noticed")
    store.flush()
    store.read()
    assert store.picture is not None
    assert [user.name for user in store.picture.users.values()] == ["ben"]
    store.flush()
    late = AccountStore(database, clock)
    late.read()
    assert [one.digest for one in late.sessions.all(NOON)] == ["of anna"]


def test_no_step_is_taken_twice(store: AccountStore, database: Store, clock: StillClock) -> None:
    user = add(store, totp="SECRET")
    assert store.use_step(user, 10)
    assert not store.use_step(user, 10)
    assert not store.use_step(user, 9)
    assert store.use_step(user, 11)
    store.flush()
    late = AccountStore(database, clock)
    late.read()
    assert late.picture is not None
    assert not late.use_step(late.picture.users[user.id], 11)


def test_many_at_once_take_a_step_once(store: AccountStore) -> None:
    user, taken = add(store, totp="SECRET"), list[bool]()
    threads = [threading.Thread(target=lambda: taken.append(store.use_step(user, 5))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 15 + [True]


def test_a_secret_that_was_set_anew_counts_from_the_beginning(store: AccountStore) -> None:
    user = add(store, totp="SECRET")
    assert store.use_step(user, 100)
    store.change("", "", lambda connection: connection.execute(update(users).values(totp="OTHER", step=3)).rowcount)
    assert store.picture is not None
    now = store.picture.users[user.id]
    assert now.step == 3
    assert not store.use_step(user, 200), "that was a code of the old one"
    assert store.use_step(now, 4)


def test_a_late_write_of_an_old_step_takes_nothing_back(store: AccountStore, database: Store) -> None:
    user = add(store, totp="SECRET")
    store.use_step(user, 5)
    database.run(lambda connection: connection.execute(update(users).values(step=9)))
    store.flush()
    store.read()
    assert store.picture is not None
    assert store.picture.users[user.id].step == 9


def test_a_token_is_noted_as_used_every_five_minutes(store: AccountStore, clock: StillClock) -> None:
    token = add_token(store)
    store.use_token(token)
    assert store.picture is not None
    first = store.picture
    clock.now += 299
    store.use_token(first.tokens[token.digest])
    assert store.picture is first
    clock.now += 1
    store.use_token(first.tokens[token.digest])
    assert store.picture.tokens[token.digest].seen == NOON + 300


def test_what_waits_for_the_trail_is_bounded_and_what_is_lost_is_told(store: AccountStore, database: Store) -> None:
    for number in range(MOST_NOTES + 5):
        store.note("somebody", f"{number}")
    store.flush()
    rows = told(database)
    assert rows[0] == ("", "5 more entries of the trail were given up while the database could not be used")
    assert rows[1] == ("somebody", f"{MOST_NOTES - 1}")
    store.flush()
    assert told(database) == rows


def test_rows_that_others_changed_are_read(store: AccountStore, database: Store) -> None:
    user = add(store)
    database.run(lambda connection: connection.execute(update(users).values(device="tv")))
    store.changed()
    assert store.picture is not None
    assert store.picture.users[user.id].device == "tv"
    database.close()
    store.changed()
    assert store.stale, "to be read as soon as that can be done"


def test_requests_are_read_and_not_kept(store: AccountStore, database: Store) -> None:
    row = {"at": NOON, "user": 1, "client": "tv", "name": "x.example.", "seconds": 60, "state": "waiting", "who": ""}
    store.change("", "", lambda connection: connection.execute(insert(requests).values(**row, decided=None)).rowcount)
    assert store.picture is not None
    assert [one.name for one in store.picture.asked] == ["x.example."]
    assert store.beside().keys() == {"users", "tokens"}


def test_nothing_is_put_back_that_was_never_read(database: Store) -> None:
    assert AccountStore(database).beside() == {}
