import errno
import sqlite3

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError, ResourceClosedError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from resolver.store.classifying import classify
from resolver.store.trouble import Kind, Trouble, UnusableError


def sqlite(code: int, text: str = "text") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    error.sqlite_errorname = "SQLITE_SOMETHING"
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY, Kind.LOCKED),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Kind.LOCKED),
        (sqlite3.SQLITE_LOCKED, Kind.LOCKED),
        (sqlite3.SQLITE_FULL, Kind.FULL),
        (sqlite3.SQLITE_IOERR_SHMSIZE, Kind.FULL),
        (sqlite3.SQLITE_READONLY, Kind.READONLY),
        (sqlite3.SQLITE_READONLY_DBMOVED, Kind.GONE),
        (sqlite3.SQLITE_CORRUPT, Kind.CORRUPT),
        (sqlite3.SQLITE_CORRUPT_INDEX, Kind.CORRUPT),
        (sqlite3.SQLITE_NOTADB, Kind.CORRUPT),
        (sqlite3.SQLITE_IOERR_READ, Kind.FAILED),
        (sqlite3.SQLITE_CANTOPEN, Kind.FAILED),
        (sqlite3.SQLITE_NOMEM, Kind.FAILED),
        (sqlite3.SQLITE_INTERRUPT, Kind.SLOW),
        (sqlite3.SQLITE_ERROR, Kind.FAILED),
    ],
)
def test_what_sqlite_says(code: int, kind: Kind) -> None:
    for error in (sqlite(code), OperationalError("SELECT", {}, sqlite(code))):
        trouble = classify(error)
        assert trouble is not None
        assert trouble.kind is kind
        assert "SQLITE_SOMETHING" in trouble.detail or kind in {Kind.GONE, Kind.FULL}


def test_missing_tables_are_told_from_other_mistakes() -> None:
    trouble = classify(sqlite(sqlite3.SQLITE_ERROR, "no such table: main.log"))
    assert trouble == Trouble(Kind.SCHEMA, "no such table: main.log")


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", {}, sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE)),
        sqlite(sqlite3.SQLITE_TOOBIG),
        sqlite3.InterfaceError("Error binding parameter 1: type 'list' is not supported"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
        KeyError("x"),
    ],
)
def test_the_callers_own_mistakes_are_no_trouble(error: Exception) -> None:
    assert classify(error) is None


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, Kind.FULL),
        (errno.EROFS, Kind.READONLY),
        (errno.EACCES, Kind.READONLY),
        (errno.ENOENT, Kind.GONE),
        (errno.EIO, Kind.FAILED),
    ],
)
def test_what_the_system_says(number: int, kind: Kind) -> None:
    trouble = classify(OSError(number, "words", "/x/lull.db"))
    assert trouble is not None
    assert trouble.kind is kind
    assert "/x/lull.db" in trouble.detail


def test_the_rest() -> None:
    given = Trouble(Kind.FULL, "x")
    assert classify(UnusableError(given)) == given
    closed = classify(sqlite3.ProgrammingError("Cannot operate on a closed database."))
    assert closed is not None
    assert closed.kind is Kind.GONE
    waited = classify(PoolTimeout("QueuePool limit"))
    assert waited is not None
    assert waited.kind is Kind.SLOW
    other = classify(ResourceClosedError("closed"))
    assert other is not None
    assert other.kind is Kind.FAILED
