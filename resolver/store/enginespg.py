"""How a PostgreSQL server is reached: the one place that knows its settings and what else is its alone. The driver is
loaded by the first engine that is made, not before."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any

from sqlalchemy import URL, Connection, Engine, column, create_engine, event, func, make_url, select, table, text
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from resolver.store.hands import READERS, Hands
from resolver.store.trouble import Kind, Trouble, UnusableError

OLDEST = 15
CONNECTING = 5  # seconds
WRITING = 15  # seconds that a statement may take
LOCKED = 2  # seconds that a statement waits for another's lock
ALLOWANCE = WRITING + 2.0
"""Seconds within which there is an answer, were it that the time is over."""

_ABANDONED = 300  # seconds after which the server ends a transaction that nobody goes on with
_LINE = {  # a connection whose other end is gone without a word is found out by both sides
    "connect_timeout": str(CONNECTING),
    "application_name": "lull",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
_SETTINGS = {
    "statement_timeout": f"{WRITING}s",
    "lock_timeout": f"{LOCKED}s",
    "idle_in_transaction_session_timeout": f"{_ABANDONED}s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
}
_CHECKING = "SET client_connection_check_interval = '2s'"
"""A statement that nobody waits for ends. Servers on some systems cannot do that."""
_SETTLE = "SELECT " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _SETTINGS.items())
_USE = 0x4C554C4C
"""The class of our advisory locks; which of them is told by the schema. Held while a database is in use."""
_MIGRATE = _USE + 1
_TOLD = ("host", "port")  # of the options; among the others may be passwords


def writer(url: str, hands: Hands) -> Engine:
    """One connection, shared by whoever holds the database's lock. It is not made anew when it breaks: that is told."""
    engine = _living(_engine(url, poolclass=StaticPool), hands)
    made: list[bool] = []

    def connecting(*_: object) -> None:
        if made:
            raise UnusableError(Trouble(Kind.GONE, "the connection to the server was cut"))
        made.append(True)

    event.listen(engine, "do_connect", connecting)
    return engine


def readers(url: str, hands: Hands) -> Engine:
    """A few connections that cannot write, and see one moment's state in a transaction."""
    made = _engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=0,
        execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    )
    return _living(made, hands)


def once(url: str) -> Engine:
    """Connections that are closed after use, whose statements may take as long as they do."""
    return _engine(url, poolclass=NullPool)


def shown(url: str) -> str:
    """A URL without what is secret in it, and without options."""
    given = make_url(url)
    told = {name: value for name, value in given.query.items() if name in _TOLD}
    bare = URL.create("postgresql", given.username, None, given.host, given.port, given.database, told)
    return bare.render_as_string()


def limit_time(connection: Connection, seconds: float, hands: Hands) -> None:
    """From now on, statements of this transaction fail (57014) when they take longer."""
    hands.pulse.allowance = seconds + 2
    connection.execute(text(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"))


def take(connection: Connection) -> None:
    """Take the database for this connection alone, until it ends. Fails with 55P03 if another one has it."""
    connection.execute(text(f"SELECT pg_advisory_lock({_USE}, hashtext(current_schema()))"))


def take_to_migrate(connection: Connection) -> None:
    """Be the only one that migrates until the transaction ends; waits for another one."""
    connection.execute(text("SET LOCAL lock_timeout = '60s'"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATE}, hashtext(current_schema()))"))


def transaction(connection: Connection) -> str | None:
    """By what the transaction is known to the server, if it wrote anything."""
    found: str | None = connection.execute(text("SELECT pg_current_xact_id_if_assigned()::text")).scalar()
    return found


def was_stored(connection: Connection, transaction: str) -> bool | None:
    """Whether a transaction of before was committed; None when the server does not know."""
    look = text(
        "SELECT pg_xact_status(CAST(:id AS xid8)) WHERE CAST(:id AS xid8) < pg_snapshot_xmax(pg_current_snapshot())"
    )
    found = connection.execute(look, {"id": transaction}).scalar()
    return None if found is None else bool(found == "committed")


def follow_ids(connection: Connection, name: str) -> None:
    """After rows with ids of their own were put into a table: have it give none of those again."""
    go_on_from(connection, name, 0)


def go_on_from(connection: Connection, name: str, id: int) -> None:
    """Have a table that gives ids itself give none up to this one, or to its highest."""
    its = "SELECT pg_get_serial_sequence(:name, attname) FROM pg_attribute"
    look = text(f"{its} WHERE attrelid = to_regclass(:name) AND attname = 'id'")
    sequence = connection.execute(look, {"name": name}).scalar()
    if sequence is not None:
        highest = select(func.max(column("id"))).select_from(table(name)).scalar_subquery()
        last = func.nullif(func.greatest(highest, id), 0)
        connection.execute(select(func.setval(sequence, last)))  # of nothing, it does nothing


def _engine(url: str, **options: Any) -> Engine:
    """Raises ImportError when the driver is not installed."""
    engine = create_engine(_url(url), hide_parameters=True, use_native_hstore=False, **options)
    event.listen(engine, "before_cursor_execute", _sendable, retval=True)
    return engine


def _sendable(_: object, __: object, statement: str, parameters: Any, ___: object, many: bool) -> tuple[str, Any]:
    """No text of PostgreSQL holds a NUL: U+FFFD takes its place. Domain names, where it is \\000, have none."""
    return statement, [_without_nul(one) for one in parameters] if many else _without_nul(parameters)


def _without_nul(values: Any) -> Any:
    if isinstance(values, dict):
        return dict(zip(values, _without_nul(tuple(values.values())), strict=True))
    if any(type(value) is str and "\0" in value for value in values):
        return tuple(value.replace("\0", "\ufffd") if type(value) is str else value for value in values)
    return values


def _url(url: str) -> URL:
    """What is in the URL counts for more than what is usual here."""
    made = make_url(url).set(drivername="postgresql+psycopg")
    return made.set(query={**_LINE, **made.query})


def _living(engine: Engine, hands: Hands) -> Engine:
    """Each statement is a sign of life. When nobody waits for one any more, its socket is shut: the thread that waits
    for the server then comes back."""

    def hold(connection: Any) -> None:
        line = socket.socket(fileno=os.dup(connection.fileno()))  # of our own: its number may be another's by then
        hands.hold(lambda: line.shutdown(socket.SHUT_RDWR), line.close)

    def connected(connection: Any, _: object) -> None:
        hold(connection)
        hands.beat()
        _suits(connection.info)
        connection.autocommit = True
        connection.execute(_SETTLE)
        with contextlib.suppress(connection.Error):
            connection.execute(_CHECKING)
        connection.autocommit = False
        connection.adapters.register_loader("numeric", _Number)

    event.listen(engine, "connect", connected, insert=True)  # before anything else is asked of it
    event.listen(engine, "checkout", lambda connection, *_: hold(connection))
    event.listen(engine, "before_cursor_execute", lambda *_: hands.beat())
    return engine


def _suits(info: Any) -> None:
    """Raises UnusableError for a server that tables cannot be kept on. Asked before anything else, as the driver reads
    texts of another encoding as bytes."""
    major, encoding = info.server_version // 10_000, info.parameter_status("server_encoding")
    if major < OLDEST:
        raise UnusableError(Trouble(Kind.FAILED, f"the server is PostgreSQL {major}: Lull needs {OLDEST} or later"))
    if encoding != "UTF8":
        advice = "make one with ENCODING 'UTF8'"
        raise UnusableError(Trouble(Kind.FAILED, f"the database keeps text as {encoding}: {advice}"))


class _Number:
    """A numeric, such as the sum of whole numbers, as int if it is one, else as float (psycopg's Loader)."""

    format = 0

    def __init__(self, oid: int, context: object = None) -> None:
        """As psycopg makes it."""

    def load(self, data: bytes) -> int | float:
        written = bytes(data)
        return float(written) if b"." in written or not written.lstrip(b"-").isdigit() else int(written)
