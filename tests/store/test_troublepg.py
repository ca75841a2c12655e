import pytest
from psycopg import DataError, InterfaceError, OperationalError, ProgrammingError, errors
from sqlalchemy.exc import OperationalError as Wrapped

from resolver.store.classifying import classify
from resolver.store.trouble import Kind
from resolver.store.troublepg import of_postgres


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.FULL, errors.DiskFull("x")),
        (Kind.READONLY, errors.ReadOnlySqlTransaction("x")),
        (Kind.READONLY, errors.InsufficientPrivilege("x")),
        (Kind.LOCKED, errors.LockNotAvailable("x")),
        (Kind.LOCKED, errors.DeadlockDetected("x")),
        (Kind.LOCKED, errors.SerializationFailure("x")),
        (Kind.SLOW, errors.QueryCanceled("x")),
        (Kind.GONE, errors.AdminShutdown("x")),
        (Kind.GONE, errors.CrashShutdown("x")),
        (Kind.GONE, errors.IdleInTransactionSessionTimeout("x")),
        (Kind.GONE, errors.ConnectionFailure("x")),
        (Kind.SCHEMA, errors.UndefinedTable("x")),
        (Kind.SCHEMA, errors.UndefinedColumn("x")),
        (Kind.FAILED, errors.SyntaxError("x")),
        (Kind.FAILED, errors.IoError("x")),
        (Kind.FAILED, errors.DataCorrupted("x")),
        (Kind.FAILED, errors.TooManyConnections("x")),
    ],
)
def test_what_the_server_says(kind: Kind, error: Exception) -> None:
    for one in (error, Wrapped("SELECT", {}, error)):
        trouble = classify(one)
        assert trouble is not None
        assert trouble.kind is kind
        assert getattr(error, "sqlstate", "") in trouble.detail
        assert trouble.detail.endswith(": x)")


@pytest.mark.parametrize(
    "error",
    [
        errors.UniqueViolation("x"),
        errors.ProgramLimitExceeded("x"),
        errors.StringDataRightTruncation("x"),
        DataError("NUL"),
        ProgrammingError("x"),
    ],
)
def test_the_callers_own_mistakes_are_no_trouble(error: Exception) -> None:
    assert classify(error) is None
    assert classify(Wrapped("SELECT", {}, error)) is None


def test_what_the_driver_says() -> None:
    for error in (OperationalError("the connection\nis closed"), InterfaceError("x")):
        trouble = of_postgres(error)
        assert trouble is not None
        assert trouble.kind is Kind.GONE
        assert "\n" not in trouble.detail
    hung = of_postgres(errors.ConnectionTimeout("x"))
    assert hung is not None
    assert (hung.kind, hung.detail) == (Kind.HUNG, "the server does not answer")


def test_no_word_is_too_long() -> None:
    trouble = of_postgres(errors.DiskFull("x" * 10_000))
    assert trouble is not None
    assert len(trouble.detail) < 400
