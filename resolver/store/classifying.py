"""What a failure of the database means: decided here, and for PostgreSQL in `troublepg`, and nowhere else."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from resolver.store.trouble import Kind, Trouble, UnusableError
from resolver.store.troublepg import of_postgres

_LOCKED = "another process holds the database locked"
_FULL = "the disk is full"
_READONLY = "the database cannot be written: check the owner and mode of the file and its directory, and the mount"

_BY_CODE = {
    sqlite3.SQLITE_BUSY: (Kind.LOCKED, _LOCKED),
    sqlite3.SQLITE_LOCKED: (Kind.LOCKED, _LOCKED),
    sqlite3.SQLITE_PROTOCOL: (Kind.LOCKED, _LOCKED),
    sqlite3.SQLITE_FULL: (Kind.FULL, _FULL),
    sqlite3.SQLITE_READONLY: (Kind.READONLY, _READONLY),
    sqlite3.SQLITE_PERM: (Kind.READONLY, _READONLY),
    sqlite3.SQLITE_CORRUPT: (Kind.CORRUPT, "the database file is damaged"),
    sqlite3.SQLITE_NOTADB: (Kind.CORRUPT, "the file is not a database"),
    sqlite3.SQLITE_INTERRUPT: (Kind.SLOW, "the query took too long: ask for less, or a shorter time"),
    sqlite3.SQLITE_SCHEMA: (Kind.SCHEMA, "the tables changed under way"),
}
_CALLERS = (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE)
_BY_ERRNO = {
    errno.ENOSPC: (Kind.FULL, _FULL),
    errno.EDQUOT: (Kind.FULL, "the disk quota is used up"),
    errno.EROFS: (Kind.READONLY, _READONLY),
    errno.EACCES: (Kind.READONLY, _READONLY),
    errno.EPERM: (Kind.READONLY, _READONLY),
    errno.ENOENT: (Kind.GONE, "the database file is gone"),
}


def classify(error: BaseException | None) -> Trouble | None:
    """The trouble that an exception stands for; None if the database is well and the statement or its values are wrong
    (a broken constraint, text that cannot be encoded): then trying again would not help."""
    if isinstance(error, UnusableError):
        return error.trouble
    if isinstance(error, OSError):
        kind, detail = _BY_ERRNO.get(error.errno or 0, (Kind.FAILED, "the database file cannot be used"))
        return Trouble(kind, f"{detail} ({error})")
    if isinstance(error, DBAPIError):
        error = error.orig
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if error is not None and type(error).__module__.partition(".")[0] == "psycopg":
        return of_postgres(error)
    if isinstance(error, PoolTimeout):
        return Trouble(Kind.SLOW, "too many reads of the database at once: try again")
    if isinstance(error, SQLAlchemyError) and not isinstance(error, StatementError):
        return Trouble(Kind.FAILED, str(error))
    return None


def _of_sqlite(error: sqlite3.Error) -> Trouble | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # the module's own complaint: a closed connection, or values it cannot bind
        closed = isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error)
        return Trouble(Kind.GONE, str(error)) if closed else None
    if code & 0xFF in _CALLERS:
        return None
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return Trouble(Kind.GONE, "the database file was moved or deleted")
    if code == sqlite3.SQLITE_IOERR_SHMSIZE:  # the shared index could not grow
        return Trouble(Kind.FULL, _FULL)
    if code == sqlite3.SQLITE_ERROR and str(error).startswith(("no such table", "no such column")):
        return Trouble(Kind.SCHEMA, str(error))
    kind, detail = _BY_CODE.get(code & 0xFF, (Kind.FAILED, "the database cannot be used"))
    name = getattr(error, "sqlite_errorname", "")
    return Trouble(kind, f"{detail} ({name}: {error})")
