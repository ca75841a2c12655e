"""A backup goes from a file into a server and back; and what is staged on a server is taken wholly or not at all."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, inspect, text

from resolver.backup.schemas import Schemas, name, url_of
from resolver.backup.taking import PostponedError, pending, take
from resolver.errors import BackupError, StoreError
from resolver.store.server import Server
from tests.backup.house import House
from tests.postgres import Postgres
from tests.store import adding_up
from tests.store.making import NOON, StillClock, look, write, written

SCHEMA = name("0123456789abcdef")


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.url(postgres.database())


def _schemas(url: str) -> list[str]:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        found = [one for one in inspect(connection).get_schema_names() if one.startswith("lull_restore_")]
    engine.dispose()
    return found


def test_from_a_file_into_a_server_and_back(house: House, url: str, tmp_path: pathlib.Path) -> None:
    people, log = house.people(), house.log()
    first = house.back_up(tmp_path / "first.tar.gz")
    served = House(tmp_path / "served", url)
    served.begin()
    staged, outcome = served.restore(first, config=False)
    assert outcome.state == "taken", outcome.reason
    assert staged.log == len(log["rows"])
    assert served.people() == people
    assert served.log() == log
    with served.database() as database:
        made = frozenset(day for (day,) in look(database, "SELECT DISTINCT day FROM day_facets"))
        adding_up.check(database, made=made)  # type: ignore[arg-type]
    assert _schemas(url) == []
    second = served.back_up(tmp_path / "second.tar.gz")
    again = House(tmp_path / "again")
    again.begin()
    again.restore(second, config=False)
    assert again.people() == people
    assert again.log() == log


def test_an_id_that_was_given_is_not_given_again(house: House, url: str, tmp_path: pathlib.Path) -> None:
    from resolver.store.people import PeopleStore
    from resolver.store.rules import NewRule

    with house.database() as database:
        people = PeopleStore(database, house.clock)
        last = people.add(NewRule("deny", "last.example")).rule.id
        people.delete(last)
    served = House(tmp_path / "served", url)
    served.begin()
    served.restore(house.back_up(tmp_path / "first.tar.gz"), config=False)
    with served.database() as database:
        assert PeopleStore(database, StillClock()).add(NewRule("deny", "next.example")).rule.id > last


def test_a_server_that_is_away_is_waited_for(
    house: House, url: str, tmp_path: pathlib.Path, postgres: Postgres
) -> None:
    path = house.back_up(tmp_path / "first.tar.gz")
    served = House(tmp_path / "served", url)
    served.begin()
    config = served.file.read_bytes()
    from resolver.backup.taking import WORK, commit, root

    served.stage(path, config=False)
    commit(root(served.state) / f"{WORK}1")
    postgres.stop()
    with pytest.raises(PostponedError):
        take(served.state, NOON, Schemas(url, served.state))
    assert pending(served.state) is not None
    assert served.file.read_bytes() == config
    postgres.start()
    outcome = take(served.state, NOON, Schemas(url, served.state))
    assert outcome is not None
    assert outcome.state == "taken"
    assert served.people() == house.people()


@pytest.fixture
def schemas(url: str, tmp_path: pathlib.Path) -> Iterator[Schemas]:
    """A database with a mark in it, and another one staged."""
    before = Server.open(url, tmp_path)
    write(before, "before")
    before.close()
    schemas = Schemas(url, tmp_path)
    schemas.create(SCHEMA)
    staged = Server.open(url_of(url, SCHEMA), tmp_path)
    write(staged, "staged")
    staged.close()
    yield schemas
    schemas.drop(SCHEMA)


def _in_use(url: str, state: pathlib.Path) -> list[str]:
    server = Server.open(url, state)
    try:
        return written(server)
    finally:
        server.close()


def test_what_is_staged_is_taken_once(schemas: Schemas, url: str, tmp_path: pathlib.Path) -> None:
    assert _in_use(url, tmp_path) == ["before"]
    for _ in range(3):
        schemas.take(SCHEMA)
        assert _in_use(url, tmp_path) == ["staged"]
    schemas.drop(SCHEMA)
    schemas.drop(SCHEMA)
    assert _schemas(url) == []
    assert _in_use(url, tmp_path) == ["staged"]


def test_it_is_undone_once(schemas: Schemas, url: str, tmp_path: pathlib.Path) -> None:
    schemas.take(SCHEMA)
    for _ in range(3):
        schemas.undo(SCHEMA)
        assert _in_use(url, tmp_path) == ["before"]
    schemas.take(SCHEMA)
    assert _in_use(url, tmp_path) == ["staged"]
    schemas.undo(SCHEMA)
    schemas.drop(SCHEMA)
    assert _in_use(url, tmp_path) == ["before"]


def test_it_is_staged_while_another_one_uses_the_database(url: str, tmp_path: pathlib.Path) -> None:
    used = Server.open(url, tmp_path)
    try:
        write(used, "before")
        schemas = Schemas(url, tmp_path)
        for schema in (SCHEMA, name("1")):
            schemas.create(schema)
        assert _schemas(url) == [name("1")], "what was never taken goes"
        with pytest.raises(StoreError):
            schemas.take(name("1"))
        assert written(used) == ["before"]
        schemas.drop(name("1"))
    finally:
        used.close()


def test_who_may_not_make_schemas_is_told(postgres: Postgres, house: House, tmp_path: pathlib.Path) -> None:
    path = house.back_up(tmp_path / "first.tar.gz")
    served = House(tmp_path / "served", postgres.schema())
    served.begin()
    with pytest.raises(BackupError, match=r"permission denied .* GRANT CREATE ON DATABASE"):
        served.stage(path, config=False)


def test_the_url_of_a_schema(postgres: Postgres) -> None:
    assert url_of("postgresql+psycopg://u:p@h/d", "s").endswith("u:p@h/d?options=-csearch_path%3Ds")
    engine = create_engine(url_of(postgres.schema(), "public").replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_schema()")).scalar() == "public"
    engine.dispose()
