"""What a failure of PostgreSQL means. Known by its SQLSTATE (PostgreSQL's appendix A), so that the language in which
the server speaks makes no difference."""

from __future__ import annotations

from resolver.store.trouble import Kind, Trouble

_LOCKED = "another session holds the database locked"
_GONE = "the connection to the server was cut"
_TOO_SLOW = "it took too long: ask for less, or a shorter time"

_BY_STATE = {
    "53100": (Kind.FULL, "the server's disk is full"),
    "25006": (Kind.READONLY, "the server does not let anything be written now"),
    "42501": (Kind.READONLY, "the database's user may not do that"),
    "55P03": (Kind.LOCKED, _LOCKED),
    "40P01": (Kind.LOCKED, _LOCKED),
    "40001": (Kind.LOCKED, _LOCKED),
    "57014": (Kind.SLOW, _TOO_SLOW),
    "57P01": (Kind.GONE, _GONE),
    "57P02": (Kind.GONE, _GONE),
    "57P03": (Kind.GONE, _GONE),
    "57P05": (Kind.GONE, _GONE),
    "25P03": (Kind.GONE, _GONE),
    "42P01": (Kind.SCHEMA, "a table is missing"),
    "42703": (Kind.SCHEMA, "a column is missing"),
    "3F000": (Kind.SCHEMA, "the schema is missing"),
    "0A000": (Kind.SCHEMA, "the tables changed under way"),
}
_CALLERS = ("22", "23", "54")  # values that do not fit, broken constraints, what is too large for an index
_CUT = "08"
_LONGEST = 300


def of_postgres(error: BaseException) -> Trouble | None:
    """The trouble that an exception of psycopg stands for; None if the statement or its values are wrong."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        return _of_driver(error)
    if state[:2] in _CALLERS:
        return None
    kind, detail = _BY_STATE.get(state, (Kind.FAILED, "the database cannot be used"))
    if state[:2] == _CUT:
        kind, detail = Kind.GONE, _GONE
    said = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    return Trouble(kind, f"{detail} ({state}: {_line(said)})")


def _of_driver(error: BaseException) -> Trouble | None:
    """What came without a word of the server's: no connection, or values that cannot be sent."""
    kind = type(error).__name__
    if kind == "ConnectionTimeout":
        return Trouble(Kind.HUNG, "the server does not answer")
    if getattr(error, "pgconn", None) is not None:
        return Trouble(Kind.FAILED, f"the server cannot be reached ({_line(str(error))})")
    if kind in {"OperationalError", "InterfaceError", "InternalError"}:
        return Trouble(Kind.GONE, f"{_GONE} ({_line(str(error))})")
    return None


def _line(said: str) -> str:
    """In one line, of bounded length."""
    line = " ".join(said.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
