import contextlib
import io
import pathlib
import shutil
import sqlite3
import stat
import threading
import time

import pytest
from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from resolver.errors import StoreError
from resolver.store import engines, migrate, opening
from resolver.store.database import Database
from resolver.store.filters import LogFilter
from resolver.store.migrate import SCRIPTS, main, upgrade
from resolver.store.pauses import Pause
from resolver.store.people import PeopleStore
from resolver.store.queries import Queries
from resolver.store.rules import NewRule, Rule
from resolver.store.tables import HEAD, REVISIONS, metadata, version
from tests.store import making
from tests.store.making import look, until

NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{head}"
def upgrade():
    op.add_column("log", sa.Column("extra", sa.Integer, nullable=False, server_default="5"))
    {then}
"""


def before_the_first(path: pathlib.Path) -> None:
    """A database that Alembic knows, but none of whose versions was run."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, PRIMARY KEY (version_num))")
    connection.execute("CREATE TABLE mine (x)")
    connection.execute("INSERT INTO mine VALUES (42)")
    connection.commit()
    connection.close()


def of_version(path: pathlib.Path, revision: str) -> None:
    """A real database as that version left it."""
    path.touch()
    engine = engines.writer(path)
    with engine.begin() as connection:
        metadata.create_all(connection, tables=[version])
        command.upgrade(migrate.config(SCRIPTS, connection), revision)
    engine.dispose()


def scripts_with(directory: pathlib.Path, then: str) -> pathlib.Path:
    scripts = directory / "100% migrations"
    shutil.copytree(SCRIPTS, scripts)
    (scripts / "versions" / "v9999_next.py").write_text(NEXT.format(head=HEAD, then=then))
    return scripts


def test_an_older_database_is_brought_forward_at_the_start(path: pathlib.Path) -> None:
    before_the_first(path)
    database = Database.open(path)
    assert database.state.state == "ok", database.state
    assert "brought forward" in database.incidents[0].what
    PeopleStore(database).add(NewRule("allow", "a.example"))
    database.close()
    assert look(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert look(path, "SELECT x FROM mine") == [(42,)]
    copy = path.with_name("lull.db.before-none")
    assert look(copy, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1") == [
        ("alembic_version",),
        ("mine",),
    ]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_database_of_the_first_shape_is_brought_forward_with_its_log(path: pathlib.Path) -> None:
    of_version(path, "0001")
    assert "shadow" not in str(look(path, "SELECT sql FROM sqlite_master"))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        some = [(second, f"n{second}.example") for second in range(1000)]
        connection.executemany(
            'INSERT INTO log (at, client, "group", name, type, rcode, origin, verdict, source, rule, via, upstream,'
            " count, took_us)"
            " VALUES (?, '192.0.2.1', 'default', ?, 1, 0, 'local', 'block', 'ads', '||x^', '', '', 2, 9)",
            some,
        )
        connection.execute("INSERT INTO rules VALUES (3, 'allow', 'a.example', '', '', NULL, '', 1.0, 'api')")
        connection.commit()
    database = Database.open(path)
    assert database.state.state == "ok", database.state
    assert len(PeopleStore(database).rules()) == 1
    assert [(row.id, row.count, row.shadow) for row in Queries(database).log(LogFilter(), None, 2).rows] == [
        (1000, 2, ""),
        (999, 2, ""),
    ]
    making.store_all(database, [making.waiting(1, [making.row("new.example", shadow="trial: ||new.example^")])])
    assert [row.name for row in Queries(database).log(LogFilter(shadow="trial"), None, 10).rows] == ["new.example"]
    database.close()
    assert look(path.with_name("lull.db.before-0001"), "SELECT count(*) FROM log") == [(1000,)]


def test_rules_of_the_second_shape_are_as_they_were(path: pathlib.Path) -> None:
    of_version(path, "0002")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO rules VALUES (3, 'allow', 'a.example', '', '', NULL, 'c', 1.0, 'api')")
        connection.execute("INSERT INTO pauses VALUES (2, 'tv', '', 9e9, 1.0)")
        connection.commit()
    database = Database.open(path)
    people = PeopleStore(database)
    assert people.rules() == [Rule("allow", "a.example", comment="c", id=3, created=1.0)]
    assert people.pauses() == [Pause(9e9, "tv", id=2, created=1.0)]
    assert people.undo(people.changes()[0].id) if people.delete(3) else False
    assert [rule.id for rule in people.rules()] == [3]
    database.close()


def test_the_rules_of_a_damaged_database_of_the_second_shape_are_kept(path: pathlib.Path) -> None:
    of_version(path, "0002")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO rules VALUES (3, 'allow', 'a.example', '', '', NULL, 'c', 1.0, 'api')")
        connection.execute(f"UPDATE alembic_version SET version_num = '{HEAD}'")  # tables are missing
        connection.commit()
    database = Database.open(path)
    assert database.state.state == "ok"
    assert PeopleStore(database).rules() == [Rule("allow", "a.example", comment="c", id=3, created=1.0)]
    database.close()


def test_the_versions_are_put_for_postgresql_too() -> None:
    out = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": out})
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    with Operations.context(context):
        for script in reversed(scripts):
            script.module.upgrade()
    said = out.getvalue()
    assert "ALTER TABLE log ADD COLUMN shadow VARCHAR DEFAULT '' NOT NULL;" in said
    assert "ALTER TABLE rules ADD COLUMN exact BOOLEAN DEFAULT false NOT NULL;" in said
    for table in metadata.tables.values():
        assert table is version or f"CREATE TABLE {table.name} (" in said
    assert '"window" INTEGER,' in said
    assert "CREATE INDEX log_shadow ON log (id, shadow) WHERE shadow <> '';" in said


def test_a_version_adds_to_what_is_there(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    opening.begin(path, {})
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO log VALUES (1, 2, 3, 4, 5, 6, 7)")
    connection.commit()
    copy = upgrade(path, scripts_with(tmp_path, "pass"))
    connection.close()
    assert look(path, "SELECT id, extra FROM log") == [(1, 5)]
    assert look(path, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert copy.name == f"lull.db.before-{HEAD}"
    assert look(copy, "SELECT count(*) FROM log") == [(1,)]
    assert look(copy, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_migration_that_fails_leaves_everything_as_it_was(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    opening.begin(path, {})
    before = look(path, "SELECT sql FROM sqlite_master ORDER BY name")
    with pytest.raises(ZeroDivisionError):
        upgrade(path, scripts_with(tmp_path, "1 / 0"))
    assert look(path, "SELECT sql FROM sqlite_master ORDER BY name") == before
    assert look(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_newer_database_is_refused_and_left_alone(path: pathlib.Path) -> None:
    Database.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    database = Database.open(path)
    assert database.state.state == "failed"
    assert f"newer version (its tables are 9999, known here up to {HEAD})" in database.state.detail
    with pytest.raises(StoreError, match="run the newer version, or move the file away"):
        PeopleStore(database).rules()
    database.close()
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["lull.db"]


def test_a_start_whose_migration_fails_says_why_and_waits(path: pathlib.Path) -> None:
    before_the_first(path)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE totals (x)")  # in the way of the first version
    connection.close()
    database = Database.open(path)
    assert database.state.state == "failed"
    assert "could not be migrated" in database.state.detail
    assert "totals already exists" in database.state.detail
    path.with_name("lull.db.before-none").unlink()
    with pytest.raises(StoreError, match="totals already exists"):
        database.probe()
    assert not path.with_name("lull.db.before-none").exists(), "it was tried again at once"
    assert look(path, "SELECT x FROM mine") == [(42,)]
    database.close()


def test_meanwhile_everybody_is_told_at_once(path: pathlib.Path) -> None:
    of_version(path, "0003")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # the migration waits for it, and then says that it could not be
    database = Database(path)

    def probe() -> None:
        with pytest.raises(StoreError, match="locked"):
            database.probe()

    opening_it = threading.Thread(target=probe)
    opening_it.start()
    until(lambda: "brought forward" in database.state.detail)
    assert database.state.state == "locked"
    began = time.monotonic()
    for call in (database.probe, PeopleStore(database).rules, PeopleStore(database).hits):
        with pytest.raises(StoreError, match="is being brought forward to this version"):
            call()
    assert time.monotonic() - began < 0.2
    opening_it.join()
    assert "could not be migrated" in database.state.detail
    other.close()
    database.close()


def test_the_command_says_in_one_line_what_is_wrong(path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_bytes(b"garbage" * 1000)
    assert main([str(path)]) == 1
    assert "not a database" in capsys.readouterr().err
    path.unlink()
    before_the_first(path)
    assert main([str(path)]) == 0
    assert look(path, "SELECT version_num FROM alembic_version") == [(REVISIONS[-1],)]
