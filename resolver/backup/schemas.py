"""A restored database on a PostgreSQL server: made in a schema of its own, and put in the place of the one in use in a
single transaction."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

from sqlalchemy import Connection, inspect, make_url, text

from resolver.store import enginespg
from resolver.store.classifying import classify
from resolver.store.server import Server
from resolver.store.tables import metadata, version
from resolver.store.trouble import UnusableError

_PREFIX = "lull_restore_"
_BEFORE = "_before"
_LOCK = "SET LOCAL lock_timeout = '10s'"
_TABLES = metadata.sorted_tables


def name(id: str) -> str:
    """The schema in which a restore is staged."""
    return _PREFIX + id


def url_of(url: str, schema: str) -> str:
    """The URL by which that schema is used as if it was the database."""
    made = make_url(url)
    options = made.query.get("options", "")
    given = options if isinstance(options, str) else " ".join(options)
    made = made.update_query_dict({"options": f"{given} -csearch_path={schema}".strip()})
    return made.render_as_string(hide_password=False)


class Schemas:
    """`taking.Tables`, by the URL of the database in use. Every method raises StoreError when the server cannot be
    had; those that take need it for themselves, as control does when it starts."""

    def __init__(self, url: str, state: pathlib.Path) -> None:
        self._url = url
        self._state = state

    def create(self, schema: str) -> None:
        """An empty schema; those that were never taken go."""

        def work(connection: Connection) -> None:
            left = [one for one in inspect(connection).get_schema_names() if one.startswith(_PREFIX)]
            _do(connection, *map(_dropped, left), f'CREATE SCHEMA "{schema}"')

        self._beside(work)

    def take(self, schema: str) -> None:
        def work(connection: Connection) -> None:
            if _present(connection, schema):
                _do(connection, _LOCK, f'CREATE SCHEMA IF NOT EXISTS "{schema}{_BEFORE}"')
                _exchange(connection, schema, schema + _BEFORE)

        self._alone(work)

    def undo(self, schema: str) -> None:
        def work(connection: Connection) -> None:
            if _present(connection, schema + _BEFORE):
                _do(connection, _LOCK)
                _exchange(connection, schema + _BEFORE, schema)

        self._alone(work)

    def drop(self, schema: str) -> None:
        self._beside(lambda connection: _do(connection, *map(_dropped, (schema, schema + _BEFORE))))

    def _beside(self, work: Callable[[Connection], None]) -> None:
        """Whoever uses the database meanwhile."""
        try:
            engine = enginespg.once(self._url)
            try:
                with engine.begin() as connection:
                    work(connection)
            finally:
                engine.dispose()
        except Exception as error:
            trouble = classify(error)
            if trouble is None:
                raise
            raise UnusableError(trouble) from error

    def _alone(self, work: Callable[[Connection], None]) -> None:
        server = Server.open(self._url, self._state)
        try:
            server.run(work)
        finally:
            server.close()


def _dropped(schema: str) -> str:
    return f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'


def _present(connection: Connection, schema: str) -> bool:
    """Whether our tables stand in a schema."""
    return version.name in inspect(connection).get_table_names(schema)


def _exchange(connection: Connection, source: str, aside: str) -> None:
    """Have the tables in use go to one schema, and those of another come in their place."""
    main = connection.execute(text("SELECT current_schema()")).scalar_one()
    used, staged = (set(inspect(connection).get_table_names(one)) for one in (main, source))
    for table in _TABLES:
        if table.name in used:
            _do(connection, f'ALTER TABLE "{main}"."{table.name}" SET SCHEMA "{aside}"')
        if table.name in staged:
            _do(connection, f'ALTER TABLE "{source}"."{table.name}" SET SCHEMA "{main}"')


def _do(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(text(statement))
