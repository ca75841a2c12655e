"""A database on a PostgreSQL server: how it is begun, and what is refused. What becomes of it when the server fails is
in test_server_faults."""

import logging
import pathlib
import sys
from collections.abc import Callable, Iterator

import pytest

from resolver.errors import StoreError
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.server import RETRY, Server
from resolver.store.tables import HEAD, metadata
from tests.postgres import PASSWORD, Postgres
from tests.store.making import until, write, written

Opening = Callable[[str], Server]


@pytest.fixture
def opening(tmp_path: pathlib.Path) -> Iterator[Opening]:
    """Opens databases, and closes them all."""
    opened: list[Server] = []

    def opening(url: str) -> Server:
        opened.append(Server.open(url, tmp_path))
        return opened[-1]

    yield opening
    for one in opened:
        one.close()


def comes_up(server: Server) -> None:
    until(lambda: _probed(server), RETRY + 5)


def _probed(server: Server) -> bool:
    try:
        server.probe()
    except StoreError:
        return False
    return server.state.state == "ok"


def test_what_was_written_is_there_after_opening_again(postgres: Postgres, opening: Opening) -> None:
    url = postgres.schema()
    first = opening(url)
    assert (first.state.state, first.incidents) == ("ok", [])
    write(first, "a")
    first.close()
    with pytest.raises(StoreError, match="closed"):
        write(first, "b")
    second = opening(url)
    assert written(second) == ["a"]
    assert second.incidents == []


def test_a_new_connection_is_another_generation(postgres: Postgres, opening: Opening) -> None:
    server = opening(postgres.schema())
    before = server.generation
    write(server, "a")
    assert server.generation == before
    postgres.cut()
    write(server, "b")
    assert server.generation > before
    assert written(server) == ["a", "b"]
    assert server.state.state == "ok"


# -- the password -----------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_and_not_shown(
    postgres: Postgres, opening: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = opening(postgres.over_tcp(password="hunter2"))
    assert server.state.state == "failed"
    assert "password authentication failed" in server.state.detail
    with pytest.raises(StoreError) as caught:
        write(server, "a")
    for shown in (server.state.detail, server.place, str(caught.value), repr(caught.value), caplog.text):
        assert "hunter2" not in shown
    assert server.place == f"postgresql://lull@127.0.0.1:{postgres.port}/postgres"


def test_a_password_in_the_url(postgres: Postgres, opening: Opening, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = opening(postgres.over_tcp(postgres.database(), password=PASSWORD))
    assert server.state.state == "ok", server.state
    assert PASSWORD not in caplog.text
    assert PASSWORD not in server.place


@pytest.mark.parametrize("way", ["file", "variable"])
def test_a_password_from_elsewhere(
    postgres: Postgres, opening: Opening, way: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = postgres.database()
    if way == "file":
        file = tmp_path / "pgpass"
        file.write_text(f"127.0.0.1:{postgres.port}:{name}:lull:{PASSWORD}\n")
        file.chmod(0o600)
        monkeypatch.setenv("PGPASSFILE", str(file))
    else:
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert opening(postgres.over_tcp(name)).state.state == "ok"


# -- what is not there yet --------------------------------------------------------------------------------------------


def test_a_database_that_is_made_later(postgres: Postgres, opening: Opening) -> None:
    server = opening(postgres.url("later"))
    assert server.state.state == "failed"
    assert 'database "later" does not exist' in server.state.detail
    postgres.sql("CREATE DATABASE later OWNER lull")
    comes_up(server)
    write(server, "a")


def test_a_driver_that_is_installed_later(
    postgres: Postgres, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "psycopg", None)
        server = opening(postgres.schema())
        assert server.state.state == "failed"
        assert "PostgreSQL needs psycopg, which cannot be loaded here" in server.state.detail
        assert "pip install 'lull-dns[postgresql]'" in server.state.detail
    comes_up(server)


def test_another_lull_on_the_same_database_is_waited_for(postgres: Postgres, opening: Opening) -> None:
    url = postgres.schema()
    first = opening(url)
    second = opening(url)
    assert (second.state.state, second.state.detail) == ("locked", "another Lull uses this database; it is waited for")
    write(first, "a")
    assert opening(postgres.schema()).state.state == "ok", "another schema is another database"
    first.close()
    comes_up(second)
    assert written(second) == ["a"]


# -- what is refused --------------------------------------------------------------------------------------------------


def dump(postgres: Postgres, schema: str) -> list[list[str]]:
    return postgres.sql(
        f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{schema}' ORDER BY 1, 2"
    )


def test_a_newer_database_is_refused_and_left_alone(postgres: Postgres, opening: Opening) -> None:
    url = postgres.schema()
    opening(url).close()
    schema = url.rpartition("%3D")[2]
    postgres.sql(f"UPDATE {schema}.alembic_version SET version_num = '9999'", f"DROP TABLE {schema}.hits")
    before = dump(postgres, schema)
    server = opening(url)
    assert server.state.state == "failed"
    assert f"was made by a newer version (its tables are 9999, known here up to {HEAD})" in server.state.detail
    with pytest.raises(StoreError, match="run the newer version, or give it another database"):
        PeopleStore(server).rules()
    assert dump(postgres, schema) == before


def test_tables_of_something_else_are_left_alone(postgres: Postgres, opening: Opening) -> None:
    url = postgres.schema()
    schema = url.rpartition("%3D")[2]
    postgres.sql(f"CREATE TABLE {schema}.users (name text)", f"GRANT ALL ON {schema}.users TO lull")
    before = dump(postgres, schema)
    server = opening(url)
    assert "has tables of something else (users): give Lull a database of its own" in server.state.detail
    assert dump(postgres, schema) == before


def test_a_database_of_another_encoding(postgres: Postgres, opening: Opening) -> None:
    name = postgres.database("ENCODING 'SQL_ASCII' TEMPLATE template0")
    assert "keeps text as SQL_ASCII: make one with ENCODING 'UTF8'" in opening(postgres.url(name)).state.detail


def test_a_user_who_may_not_make_tables(postgres: Postgres, opening: Opening) -> None:
    server = opening(postgres.url("postgres"))
    assert server.state.state == "readonly"
    assert "permission denied for schema public" in server.state.detail


def test_a_schema_that_is_not_there(postgres: Postgres, opening: Opening) -> None:
    assert "has no schema that tables can be made in" in opening(postgres.url(options="nowhere")).state.detail


def test_an_option_that_the_driver_does_not_know(postgres: Postgres, opening: Opening) -> None:
    server = opening(postgres.schema() + "&colour=red")
    assert server.state.state == "failed"
    assert "colour" in server.state.detail


# -- what people made -------------------------------------------------------------------------------------------------


def test_tables_dropped_under_way_are_made_anew(postgres: Postgres, opening: Opening) -> None:
    url = postgres.schema()
    schema = url.rpartition("%3D")[2]
    server = opening(url)
    people = PeopleStore(server)
    people.add(NewRule("allow", "a.example"))
    people.add(NewRule("allow", "b.example"))
    people.delete(1)
    write(server, "a")
    postgres.sql(f"DROP TABLE {schema}.rules, {schema}.feeds")
    write(server, "b")
    assert written(server) == ["b"]
    assert "missing tables were made anew: feeds, rules, 1 rows" in server.incidents[0].what
    assert people.add(NewRule("allow", "c.example")).rule.id == 3, "ids go on"
    assert [(rule.id, rule.name) for rule in PeopleStore(server).rules()] == [(2, "b.example"), (3, "c.example")]


def test_a_database_that_was_emptied_gets_what_people_made(postgres: Postgres, opening: Opening) -> None:
    url = postgres.schema()
    schema = url.rpartition("%3D")[2]
    server = opening(url)
    people = PeopleStore(server)
    people.add(NewRule("allow", "a.example"))
    postgres.sql(f"DROP SCHEMA {schema} CASCADE", f"CREATE SCHEMA {schema} AUTHORIZATION lull")
    write(server, "a")
    assert [rule.name for rule in people.rules()] == ["a.example"]
    assert "a new database was begun, 1 rows of what people made" in server.incidents[0].what
    assert {name for name, _ in dump(postgres, schema)} == set(metadata.tables)


def test_what_is_known_from_elsewhere_is_put_into_a_new_one(postgres: Postgres, tmp_path: pathlib.Path) -> None:
    rule = {"id": 7, "action": "allow", "name": "a.example", "client": "", "group": "", "until": None}
    rows = [{**rule, "comment": "", "created": 1.0, "origin": "api"}]
    server = Server.open(postgres.schema(), tmp_path, before=lambda: {"rules": rows})
    people = PeopleStore(server)
    assert [(rule.id, rule.name) for rule in people.rules()] == [(7, "a.example")]
    assert people.add(NewRule("deny", "b.example")).rule.id == 8
    server.close()
