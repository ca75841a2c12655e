"""A database on a PostgreSQL server: whether it can be used as it is, beginning it, bringing it forward."""

from __future__ import annotations

import pathlib
import subprocess

import msgspec
from sqlalchemy import Connection, Engine, insert, inspect, select, text

from resolver.paths import python_module
from resolver.store import engines, enginespg
from resolver.store.face import Kept
from resolver.store.hands import Hands
from resolver.store.opening import MIGRATION_LIMIT, Shape, said
from resolver.store.tables import HEAD, KEPT, REVISIONS, metadata, version
from resolver.store.trouble import Kind, Trouble, UnusableError, newer

NO_DRIVER = "PostgreSQL needs psycopg, which cannot be loaded here ({}): pip install 'lull-dns[postgresql]'"
TAKEN = "another Lull uses this database; it is waited for"


class Session(msgspec.Struct, frozen=True):
    """What writes, and what reads."""

    writer: Engine
    readers: Engine

    def close(self) -> None:
        self.readers.dispose()
        self.writer.dispose()


def connect(url: str, hands: Hands) -> Session:
    """Make the engines; nothing is sent yet. Raises UnusableError if there is no driver."""
    try:
        return Session(enginespg.writer(url, hands), enginespg.readers(url, hands))
    except ImportError as error:
        raise UnusableError(Trouble(Kind.FAILED, NO_DRIVER.format(error))) from error


def examine(connection: Connection, place: str) -> tuple[Shape, set[str]]:
    """What is there, and which of our tables are not. Raises UnusableError for what cannot be used and must be left
    alone."""
    if connection.execute(text("SELECT current_schema()")).scalar() is None:
        raise _unfit(f"{place} has no schema that tables can be made in: see search_path")
    present = set(inspect(connection).get_table_names()) & set(metadata.tables)
    missing = set(metadata.tables) - present
    if version.name not in present:
        if present:
            names = ", ".join(sorted(present))
            raise _unfit(f"{place} has tables of something else ({names}): give Lull a database of its own")
        return Shape.NEW, missing
    stored = connection.execute(select(version.c.version_num)).scalar()
    if stored in REVISIONS[:-1]:
        return Shape.OLD, set()
    if stored != HEAD:
        raise newer(place, stored or "nothing", HEAD, "give it another database")
    for table in metadata.sorted_tables:
        if table.name in present:
            connection.execute(select(table).limit(1)).all()
    return Shape.NEW if missing else Shape.CURRENT, missing


def _unfit(why: str) -> UnusableError:
    return UnusableError(Trouble(Kind.FAILED, why))


def begin(connection: Connection, missing: set[str], kept: Kept) -> int:
    """Make the tables that are missing, and put back what is kept of them; how many rows that was."""
    metadata.create_all(connection, tables=[table for table in metadata.sorted_tables if table.name in missing])
    if version.name in missing:
        connection.execute(insert(version), [{"version_num": HEAD}])
    count = 0
    for table in KEPT:
        if table.name in missing and (rows := kept.get(table.name)):
            connection.execute(insert(table), rows)
            engines.follow_ids(connection, table.name)
            count += len(rows)
    return count


def migrate(url: str, state: pathlib.Path, place: str) -> None:
    """Bring an older database forward, in a child process: see `opening.migrate`. What people made is copied into the
    state directory before. The URL is told where nobody else reads it."""
    package = pathlib.Path(__file__).resolve().parents[1]
    command = [*python_module("resolver.store.migrate"), "--server", str(state.absolute())]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and a path that is no option
            command, cwd=package.parent, input=url, capture_output=True, text=True, timeout=MIGRATION_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        raise _unfit(f"{place} could not be migrated in {MIGRATION_LIMIT:g} s") from None
    if done.returncode:
        raise _unfit(f"{place} could not be migrated: {said(done)}")
