"""Bring an older database forward. The only module that imports Alembic.

python -m resolver.store.migrate PATH               the file at PATH
python -m resolver.store.migrate --server STATE     that of the URL on standard input; its copy goes into STATE
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
import sys

import msgspec
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, inspect, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from resolver.store import engines, enginespg, logtables
from resolver.store.tables import metadata

SCRIPTS = pathlib.Path(__file__).parent / "migrations"

LOG = {"feeds", *(one.name for one in vars(logtables).values() if isinstance(one, Table))}
"""The tables of the log, and of its way into the database."""


def upgrade(path: pathlib.Path, scripts: pathlib.Path = SCRIPTS) -> pathlib.Path:
    """Run the migrations that the database at `path` lacks, in one transaction; returns the copy made before.

    Raises OSError or SQLAlchemyError; the database is then as it was.
    """
    engine = engines.writer(path)
    try:
        with engine.connect() as connection:
            stored = MigrationContext.configure(connection).get_current_revision()
        copy = back_up(path, stored or "none")
        with engine.begin() as connection:
            command.upgrade(config(scripts, connection), "head")
    finally:
        engine.dispose()
    return copy


def upgrade_server(url: str, state: pathlib.Path, scripts: pathlib.Path = SCRIPTS) -> pathlib.Path | None:
    """The same for a database on a server; the copy holds what people made, and nothing of the log, which the migration
    changes in one transaction. None if there was nothing to do."""
    engine = enginespg.once(url)
    try:
        with engine.begin() as connection:
            enginespg.take_to_migrate(connection)
            stored, wanted = MigrationContext.configure(connection).get_current_revision(), config(scripts, connection)
            if stored == ScriptDirectory.from_config(wanted).get_current_head():
                return None
            copy = copy_rows(connection, state / f"postgresql.before-{stored or 'none'}.jsonl")
            command.upgrade(wanted, "head")
    finally:
        engine.dispose()
    return copy


def copy_rows(connection: Connection, copy: pathlib.Path) -> pathlib.Path:
    """Every row of every table that is not of the log, a line each: {"table": ..., "row": {...}}."""
    part = copy.with_name(copy.name + ".part")
    part.unlink(missing_ok=True)
    present = set(inspect(connection).get_table_names())
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        for name in sorted((present & set(metadata.tables)) - LOG):
            for row in connection.execute(select(text("*")).select_from(table(name))).mappings():
                file.write(msgspec.json.encode({"table": name, "row": dict(row)}) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(copy)
    return copy


def back_up(path: pathlib.Path, stored: str) -> pathlib.Path:
    """A complete copy of the database as `<name>.before-<version it had>`, replacing one of an earlier try."""
    copy = path.with_name(f"{path.name}.before-{stored}")
    part = copy.with_name(copy.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(part)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    part.replace(copy)
    return copy


def config(scripts: pathlib.Path, connection: Connection) -> Config:
    """What Alembic is to know to run the versions of `scripts` on a connection."""
    made = Config()
    made.set_main_option("script_location", str(scripts).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def main(arguments: list[str]) -> int:
    try:
        if arguments[0] == "--server":
            upgrade_server(sys.stdin.read(), pathlib.Path(arguments[1]))
        else:
            upgrade(pathlib.Path(arguments[0]))
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        print(str(error).splitlines()[0], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
