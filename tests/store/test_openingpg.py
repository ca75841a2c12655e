"""Migrations of a database on a PostgreSQL server, and what it looks like afterwards."""

import json
import pathlib
import stat

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from resolver.errors import StoreError
from resolver.store import enginespg, migrate
from resolver.store.filters import LogFilter
from resolver.store.migrate import SCRIPTS, upgrade_server
from resolver.store.people import PeopleStore
from resolver.store.queries import Queries
from resolver.store.rules import NewRule
from resolver.store.server import Server
from resolver.store.tables import HEAD, REVISIONS, metadata, version
from tests.postgres import Postgres
from tests.store.making import look, row, store_all, waiting
from tests.store.test_migrate import scripts_with

LOG = (
    'INSERT INTO log (at, client, "group", name, type, rcode, origin, verdict, source, rule, via, upstream, count,'
    " took_us) SELECT n, '192.0.2.1', 'default', 'example.n' || n, 1, 0, 'local', 'block', 'ads', '||x^', '', '', 2, 9"
    " FROM generate_series(1, 1000) AS n"
)
RULES = (
    'INSERT INTO rules (id, action, name, client, "group", until, comment, created, origin)'
    " VALUES (3, 'allow', 'a.example', '', '', NULL, 'c%', 1.0, 'api')"
)


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.schema()


def of_version(url: str, revision: str, *statements: str) -> None:
    """A database as that version left it."""
    engine = enginespg.once(url)
    with engine.begin() as connection:
        metadata.create_all(connection, tables=[version])
        command.upgrade(migrate.config(SCRIPTS, connection), revision)
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))
    engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS[:3])
def test_an_older_database_is_brought_forward_at_the_start(url: str, revision: str, tmp_path: pathlib.Path) -> None:
    of_version(url, revision, LOG, RULES)
    server = Server.open(url, tmp_path)
    assert server.state.state == "ok", server.state
    assert "brought forward" in server.incidents[0].what
    people = PeopleStore(server)
    assert [(rule.id, rule.name, rule.comment) for rule in people.rules()] == [(3, "a.example", "c%")]
    newest = Queries(server).log(LogFilter(), None, 2).rows
    assert [(one.name, one.count, one.rule, one.shadow) for one in newest] == [
        ("n1000.example", 2, "||x^", ""),
        ("n999.example", 2, "||x^", ""),
    ]
    store_all(server, [waiting(1, [row("new.example")])])
    assert look(server, "SELECT sum(count) FROM log") == [(2001,)]
    server.close()


def test_what_people_made_is_copied_before(url: str, tmp_path: pathlib.Path) -> None:
    of_version(url, "0003", LOG, RULES, "INSERT INTO pauses VALUES (2, 'tv', '', 9e9, 1.0, 'ada')")
    Server.open(url, tmp_path).close()
    (copy,) = tmp_path.iterdir()
    assert copy.name == "postgresql.before-0003.jsonl"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    rows = [json.loads(line) for line in copy.read_text().splitlines()]
    assert {one["table"] for one in rows} == {"alembic_version", "pauses", "rules"}
    assert rows[1] == {
        "table": "pauses",
        "row": {"id": 2, "client": "tv", "group": "", "until": 9e9, "created": 1.0, "who": "ada"},
    }


def test_a_new_database_is_shaped_like_a_migrated_one(postgres: Postgres, tmp_path: pathlib.Path) -> None:
    new, migrated = postgres.schema(), postgres.schema()
    Server.open(new, tmp_path).close()
    of_version(migrated, REVISIONS[0])
    assert upgrade_server(migrated, tmp_path) is not None
    assert upgrade_server(migrated, tmp_path) is None, "there is nothing to do"
    shapes = []
    for url in (new, migrated):
        engine = enginespg.once(url)
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            columns = (
                "SELECT table_name, column_name, data_type, is_nullable, column_default IS NULL, collation_name"
                " FROM information_schema.columns WHERE table_schema = current_schema()"
                " AND column_default IS DISTINCT FROM 'x' ORDER BY 1, 2"
            )
            shapes.append(connection.execute(text(columns)).all())
        engine.dispose()
    assert shapes[0] == shapes[1] != []


def test_a_migration_that_fails_leaves_everything_as_it_was(url: str, tmp_path: pathlib.Path) -> None:
    of_version(url, HEAD, RULES)
    with pytest.raises(ZeroDivisionError):
        upgrade_server(url, tmp_path, scripts_with(tmp_path, "1 / 0"))
    server = Server.open(url, tmp_path)
    assert server.state.state == "ok", server.state
    assert [rule.name for rule in PeopleStore(server).rules()] == ["a.example"]
    assert look(server, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    server.close()


def test_a_start_whose_migration_fails_says_why_and_waits(url: str, postgres: Postgres, tmp_path: pathlib.Path) -> None:
    of_version(url, "0003", "CREATE TABLE names (x int)")  # in the way of the next version
    server = Server.open(url, tmp_path)
    assert server.state.state == "failed"
    assert "could not be migrated" in server.state.detail
    assert 'relation "names" already exists' in server.state.detail
    copy = tmp_path / "postgresql.before-0003.jsonl"
    copy.unlink()
    with pytest.raises(StoreError, match="already exists"):
        PeopleStore(server).add(NewRule("allow", "a.example"))
    assert not copy.exists(), "it was tried again at once"
    server.close()
    schema = url.rpartition("%3D")[2]
    assert postgres.sql(f"SELECT version_num FROM {schema}.alembic_version") == [["0003"]]


def test_the_command_takes_the_url_where_nobody_else_reads_it(
    url: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of_version(url, "0002")
    given = tmp_path / "given"
    for wrong, status in ((url.replace("lull@", "nobody@"), 1), (url, 0)):
        given.write_text(wrong)
        with given.open() as file:
            monkeypatch.setattr("sys.stdin", file)
            assert migrate.main(["--server", str(tmp_path)]) == status
    assert 'role "nobody" does not exist' in capsys.readouterr().err
    server = Server.open(url, tmp_path)
    assert server.incidents == []
    server.close()
