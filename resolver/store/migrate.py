"""`python -m resolver.store.migrate PATH`: bring an older database forward. The only module that imports Alembic."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
import sys

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from resolver.store import engines

SCRIPTS = pathlib.Path(__file__).parent / "migrations"


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
        upgrade(pathlib.Path(arguments[0]))
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        print(str(error).splitlines()[0], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
